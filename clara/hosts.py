"""Hosts that something may reach, as operators name them, and whether a host is one of them."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import ip_address

_NAME = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)(\.(?!-)[a-z0-9_-]{1,63}(?<!-))*")
_LONGEST = 253

WEB_PORTS = (443, 80)
"""What an entry without a port means."""


FIRST_OF_EVERYBODY = 1024


@dataclass(frozen=True)
class AllowedHost:
    """``example.org``; ``*.example.org``, the names below it; ``example.org:8443``, that port alone."""

    name: str
    below: bool = False
    port: int | None = None

    def has(self, host: str, port: int) -> bool:
        """Whether a host, as ``canonical`` gives it, is meant."""
        named = host.endswith(f".{self.name}") if self.below else host == self.name
        return named and (port == self.port if self.port is not None else port in WEB_PORTS)


class Anywhere(AllowedHost):
    """Every host, at the ports of the web and those that any user of a machine may listen on."""

    def has(self, host: str, port: int) -> bool:
        return port in WEB_PORTS or port >= FIRST_OF_EVERYBODY


def allowed_host(entry: str) -> AllowedHost:
    """An entry of a list of hosts; ValueError says in words for operators what is wrong with it."""
    text = entry.strip()
    name, port = text, None
    if found := re.fullmatch(r"(.+):(\d{1,5})", text if text.startswith("[") or text.count(":") == 1 else ""):
        name, port = found[1], int(found[2])
    below = name.startswith("*.")
    host = canonical(name.removeprefix("*."))
    if host is None or port == 0 or (port or 0) > 65535 or (below and "." not in host):
        raise ValueError("must be hosts like example.org, *.example.org or example.org:8443")
    return AllowedHost(host, below, port)


def canonical(host: str) -> str | None:
    """A host as it is compared: small letters, IDNA, no dot at its end, IPv6 without brackets; None if it is none."""
    text = host.removeprefix("[").removesuffix("]") if host.startswith("[") else host.removesuffix(".")
    try:
        return str(ip_address(text))
    except ValueError:
        pass
    if host.startswith("["):
        return None
    try:
        name = text.encode("idna").decode().lower()
    except UnicodeError:
        return None
    return name if len(name) <= _LONGEST and _NAME.fullmatch(name) else None


def is_allowed(allowed: Iterable[AllowedHost], host: str, port: int) -> bool:
    """Whether a host, as ``canonical`` gives it, may be reached at ``port``."""
    return any(each.has(host, port) for each in allowed)
