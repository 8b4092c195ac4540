"""Where the daemon listens, as DOCKER_HOST says it."""

import asyncio
import socket
import ssl
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from clara.errors import Misconfigured

CHECK_S = 5.0

DEFAULT = "unix:///var/run/docker.sock"


@dataclass(frozen=True)
class Address:
    """A Unix socket or a TCP address, the latter with certificates where there are any."""

    url: str
    certificates: Path | None = None
    """The folder of ca.pem, cert.pem and key.pem, as DOCKER_CERT_PATH names it."""

    @classmethod
    def of(cls, host: str, certificates: Path | None = None) -> "Address":
        """From DOCKER_HOST; raises Misconfigured."""
        url = host.strip() or DEFAULT
        parts = urlsplit(url)
        try:
            valid = bool(parts.path) if parts.scheme == "unix" else parts.scheme == "tcp" and bool(parts.port)
        except ValueError:
            valid = False
        if not valid:
            raise Misconfigured("DOCKER_HOST must be like unix:///var/run/docker.sock or tcp://host:2376.")
        return cls(url, certificates)

    @property
    def is_local(self) -> bool:
        """Whether the daemon sees the files of this machine."""
        return urlsplit(self.url).scheme == "unix"

    @property
    def authority(self) -> str:
        """What stands in the header Host."""
        return urlsplit(self.url).netloc or "docker"

    async def connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Raises OSError."""
        parts = urlsplit(self.url)
        if parts.scheme == "unix":
            return await asyncio.open_unix_connection(parts.netloc + parts.path)
        return await asyncio.open_connection(parts.hostname, parts.port, ssl=self._tls())

    def check(self) -> None:
        """Raises OSError where nobody listens at a Unix socket; blocks. The SDK hides why, and leaks a socket."""
        parts = urlsplit(self.url)
        if parts.scheme == "unix":
            with socket.socket(socket.AF_UNIX) as probe:
                probe.settimeout(CHECK_S)
                probe.connect(parts.netloc + parts.path)

    def _tls(self) -> ssl.SSLContext | None:
        if self.certificates is None:
            return None
        context = ssl.create_default_context(cafile=str(self.certificates / "ca.pem"))
        context.load_cert_chain(self.certificates / "cert.pem", self.certificates / "key.pem")
        return context
