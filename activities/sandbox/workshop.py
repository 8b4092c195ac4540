"""What the tools of the sandbox work with, once for a worker."""

import asyncio
import logging
import os
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from activities.files.keeping import KeptFiles
from activities.sandbox.backend import WAY_OUT, Backend, Command
from activities.sandbox.boxes import Boxes
from activities.sandbox.bubblewrap.usage import remove
from activities.sandbox.choosing import bubblewrap_root, limits, ways
from activities.sandbox.conversations import Conversations
from activities.sandbox.files import Files
from activities.sandbox.journal import Journal
from activities.sandbox.proxy import SOCKET, Proxy, through
from activities.tools.tool import Context
from clara.errors import Unavailable
from clara.hosts import AllowedHost
from clara.settings.sandbox import SandboxSettings
from clara.tools.provenance import Provenance
from store.database import Pool
from store.sandbox import Box

log = logging.getLogger(__name__)

OPEN, INSTALLING = f"{os.getpid()}-{SOCKET}", f"{os.getpid()}-install.sock"
"""The proxy of all commands, and the one that leads to other hosts. Several workers may serve one box."""


class OpenSandbox:
    """A back end in use."""

    def __init__(self, backend: Backend, workshop: "Workshop", home: Path) -> None:
        settings, pool = workshop.settings, workshop.pool
        self.backend = backend
        self.files = Files(backend, limits(settings).disk_mib * 2**20 // 2)
        self.boxes = Boxes(backend, pool, self.files)
        self.journal = Journal(pool)
        self._home = home
        self._ways = ways(home)
        self._hosts = settings.hosts
        self._proxies: dict[str, AsyncExitStack] = {}
        self._opening: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._installing: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self.conversations = Conversations(backend, self.command)

    async def command(self, box: str, arguments: Sequence[str]) -> Command:
        """A command of the model's, with the way out that the operator allows to all code."""
        if not self._hosts:
            return Command(arguments)
        async with self._opening[box]:
            if box not in self._proxies:
                opened = AsyncExitStack()
                await opened.enter_async_context(Proxy(self._folder(box) / OPEN, self._hosts, box=box))
                self._proxies[box] = opened
        return Command(through(arguments, f"{WAY_OUT}/{OPEN}"), network=True)

    @asynccontextmanager
    async def installing(
        self, box: str, hosts: Sequence[AllowedHost], arguments: Sequence[str]
    ) -> AsyncIterator[tuple[Command, Proxy]]:
        """A command that reaches these hosts, and its proxy; one at a time in a box."""
        async with self._installing[box], Proxy(self._folder(box) / INSTALLING, hosts, box=box) as proxy:
            yield Command(through(arguments, f"{WAY_OUT}/{INSTALLING}"), network=True), proxy

    def _folder(self, box: str) -> Path:
        """Reached by its box alone: what is above it is closed to others."""
        folder = self._ways / box
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o755)
        self._ways.chmod(0o700)
        return folder

    async def stop(self, box: str) -> None:
        """End everything in a box; its files stay."""
        await self.conversations.end(box)
        if proxy := self._proxies.pop(box, None):
            await proxy.aclose()
        await self.backend.stop(box)

    async def wipe(self, box: str) -> None:
        await self.stop(box)
        await self.backend.wipe(box)
        # Another back end may have been taken before, whose boxes lie here as well.
        await asyncio.to_thread(remove, bubblewrap_root(self._home) / box)
        folder = self._ways / box
        if folder.is_dir():
            for socket in folder.iterdir():
                socket.unlink()
            folder.rmdir()

    async def close(self) -> None:
        await self.conversations.close()
        for proxy in self._proxies.values():
            await proxy.aclose()
        await self.backend.close()


class Workshop:
    """Given to the tools. It is open in workers of the sandbox that have a back end; others only know the tools."""

    def __init__(self, settings: SandboxSettings, pool: Pool, kept: KeptFiles) -> None:
        self.settings = settings
        self.pool = pool
        self.kept = kept
        self.opened: OpenSandbox | None = None

    @property
    def has_network(self) -> bool:
        return bool(self.settings.hosts)

    @property
    def sandbox(self) -> OpenSandbox:
        if self.opened is None:
            raise Unavailable("the sandbox is not ready")
        return self.opened

    async def mixes(self, context: Context) -> bool:
        """Whether words of others may get into a box by what the model writes now, or by what that fetches."""
        return self.has_network or await self.kept.origin(context.message) is Provenance.OTHERS

    def origin(self, box: Box) -> Provenance:
        """Whose words come out of a box."""
        return Provenance.OTHERS if box.mixed else Provenance.PERSON
