"""Where the server is, as INCUS_REMOTE says it."""

import ssl
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from clara.errors import Misconfigured

LOCAL = "local"
SOCKETS = (
    "/run/incus/unix.socket",
    "/var/lib/incus/unix.socket",
    "/var/snap/lxd/common/lxd/unix.socket",
    "/var/lib/lxd/unix.socket",
)
"""Where Incus and LXD listen on this machine, depending on how they were installed."""

CERTIFICATES = (".config/incus", ".config/lxc", "snap/lxd/common/config")
"""Below the operator's home: client.crt and client.key, which the server trusts, and servercerts/HOST.crt."""


@dataclass(frozen=True)
class Address:
    socket: Path | None
    url: str = ""
    certificates: Path | None = None

    @classmethod
    def of(cls, remote: str, home: Path) -> "Address":
        """From ``local``, the path of a socket, or the address of a server; raises Misconfigured."""
        if remote == LOCAL:
            found = next((Path(path) for path in SOCKETS if Path(path).exists()), Path(SOCKETS[0]))
            return cls(found)
        if remote.startswith("/"):
            return cls(Path(remote))
        parts = urlsplit(remote)
        if parts.scheme != "https" or not parts.hostname:
            raise Misconfigured("INCUS_REMOTE must be local, the path of a socket, or like https://host:8443.")
        folders = [home / folder for folder in CERTIFICATES]
        folder = next((each for each in folders if (each / "client.crt").is_file()), None)
        if folder is None:
            raise Misconfigured(f"{remote} needs a certificate that it trusts: client.crt and .key in {folders[0]}.")
        return cls(None, remote.rstrip("/"), folder)

    def __str__(self) -> str:
        return self.url or str(self.socket)

    @property
    def certificate(self) -> tuple[str, str] | None:
        if self.certificates is None:
            return None
        return str(self.certificates / "client.crt"), str(self.certificates / "client.key")

    @property
    def authority(self) -> str | bool:
        """The file with the server's own certificate, where the operator has accepted it before; or the system's."""
        host = urlsplit(self.url).hostname
        known = self.certificates / "servercerts" / f"{host}.crt" if self.certificates else None
        return str(known) if known is not None and known.is_file() else True

    def tls(self) -> ssl.SSLContext | None:
        if self.certificate is None:
            return None
        known = self.authority
        context = ssl.create_default_context(cafile=known if isinstance(known, str) else None)
        context.load_cert_chain(*self.certificate)
        return context
