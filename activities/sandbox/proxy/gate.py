"""What one proxy lets through: which hosts, over which addresses, how much in all."""

import asyncio
import logging
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from ipaddress import ip_address

from activities.http.network import Resolve, checked
from clara.errors import ToolFailed
from clara.files import size_in_words
from clara.hosts import AllowedHost, canonical, is_allowed

log = logging.getLogger(__name__)

TOLD = 20
"""Refusals that are told; who asks for more hosts than that looks for a hole."""


@dataclass(frozen=True)
class ProxyLimits:
    """Of the proxy of one box while it is open."""

    connections: int = 32
    """At once."""
    size: int = 2 * 2**30
    """Bytes of all connections together, in both directions. The largest packages for Python have 1 GiB."""
    head_s: float = 10.0
    """Until a request has been read, and again until its host answers the connection."""
    idle_s: float = 60.0
    """Without a byte in either direction."""
    total_s: float = 900.0
    """Of one connection."""


LIMITS = ProxyLimits()


class Refused(Exception):
    """Not let through: the status and the sentence that whoever asked is answered with."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


@dataclass(frozen=True)
class Far:
    """A connection to an allowed host."""

    host: str
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    @property
    def is_address(self) -> bool:
        try:
            ip_address(self.host)
        except ValueError:
            return False
        return True


class Gate:
    def __init__(
        self,
        hosts: Sequence[AllowedHost],
        limits: ProxyLimits,
        trusted: Collection[tuple[str, int]],
        resolve: Resolve,
        box: str,
    ) -> None:
        self._hosts = hosts
        self._limits = limits
        self._trusted = trusted
        self._resolve = resolve
        self._box = box
        self._told: dict[str, None] = {}
        self.size = 0

    @property
    def told(self) -> tuple[str, ...]:
        """What was refused, each sentence once."""
        return tuple(self._told)

    async def connect(self, named: str, port: int) -> Far:
        """A connection to a host as a request names it; Refused if it may not be, or cannot be had."""
        host = canonical(named)
        if host is None:
            raise Refused(400, "That is no name of a host.")
        if not is_allowed(self._hosts, host, port):
            # Before it is looked up: a look-up alone could carry something out.
            raise self.refusal(f"{host}:{port} is not among the hosts that may be reached from here.")
        try:
            async with asyncio.timeout(self._limits.head_s):
                addresses = await checked(host, port, self._trusted, self._resolve)
        except ToolFailed as error:
            raise self.refusal(str(error)) from None
        except (OSError, TimeoutError):
            raise Refused(502, f"{host} could not be looked up.") from None
        for address in addresses:
            try:
                async with asyncio.timeout(self._limits.head_s):
                    return Far(host, *await asyncio.open_connection(address, port))
            except (OSError, TimeoutError):
                continue
        raise Refused(502, f"{host} could not be reached.")

    def count(self, size: int) -> None:
        """``size`` more bytes went through; Refused once that is more than one box may move."""
        self.size += size
        if self.size > self._limits.size:
            raise self.refusal(f"More than {size_in_words(self._limits.size)} went in and out, which is too much.")

    def refusal(self, sentence: str) -> Refused:
        """A refusal that is told to the model and, once, to the operator."""
        if sentence not in self._told and len(self._told) < TOLD:
            self._told[sentence] = None
            log.info("box %s: %s", self._box, sentence)
        return Refused(403, sentence)
