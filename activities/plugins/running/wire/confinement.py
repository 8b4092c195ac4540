"""Where local servers run: boxes of bubblewrap, one for each person and plugin, as code in the sandbox has them.

A box keeps its home from one start to the next. The same box may be used by several workers of one machine, so it is
stopped only by the last of them, which a lock on a file tells.
"""

import asyncio
import fcntl
import hashlib
import logging
import os
import shutil
import socket
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from activities.plugins import places, room
from activities.plugins.contained import no_box
from activities.plugins.node import Node, missing, node
from activities.plugins.running.faults import NotAsked
from activities.sandbox.backend import WAY_OUT, Command, Limits, Process
from activities.sandbox.bubblewrap import BubblewrapBackend
from activities.sandbox.bubblewrap.interpreter import SHIMS
from activities.sandbox.proxy import SOCKET, Proxy, through
from clara.errors import ToolFailed
from clara.hosts import AllowedHost, Anywhere, allowed_host
from clara.plugins.plugin import ANYWHERE, Plugin
from clara.settings import Settings
from clara.settings.sandbox import mebibytes
from store import plugins
from store.database import Pool

log = logging.getLogger(__name__)

CPUS = 1.0
PROCESSES = 128
"""And threads; Node.js has a dozen."""

DISK_MIB = 1024
PATH = f"{SHIMS}:/usr/local/bin:/usr/bin:/bin"
LOOKED_AGAIN_S = 60.0
"""Where bubblewrap cannot be used, so that it is found once it was installed."""

TUNNEL = "/opt/clara/tunnel.cjs"
"""In a box, what has Node.js go through the proxy."""

CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt"
"""Those of the system, among which the operator's own may be. Node.js has others built in, and warns where it is not
there."""


def box_of(plugin_id: str, user_id: str) -> str:
    """The name of the box of a person's server, the same in every process."""
    return plugin_id[:16] + hashlib.sha256(f"{plugin_id}\0{user_id}".encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Started:
    """A server's process; ``proxy`` is its way out, if it has one."""

    process: Process
    proxy: Proxy | None


class Confinement:
    def __init__(self, settings: Settings, pool: Pool) -> None:
        self._root = places.root(settings)
        self._pool = pool
        self._ways = self._root / "ways" / f"{socket.gethostname()}-{os.getpid()}"
        limits = Limits(mebibytes(settings.plugins.memory), CPUS, PROCESSES, DISK_MIB)
        self._backend = BubblewrapBackend(places.boxes(self._root), limits, self._ways, reserves=True)
        self._looking = asyncio.Lock()
        self._unusable = "it was not looked for yet"
        self._look_at = 0.0
        self._node: Node | None = None

    @asynccontextmanager
    async def start(self, plugin: Plugin, user_id: str, values: Mapping[str, str]) -> AsyncIterator[Started]:
        """The server of a person, running; nothing of it does afterwards. ``values`` are its secret variables.

        Raises ToolFailed where there can be none, with what to do about it, and Unavailable for faults that pass.
        """
        room.check(self._root)
        await self._look()
        box = box_of(plugin.id, user_id)
        if not await plugins.claim_box(self._pool, box, plugin.id, user_id):
            raise ToolFailed(f"The plugin {plugin.name} is not installed any more.")
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(self._held(box))
            proxy = await stack.enter_async_context(self._way_out(plugin, box)) if plugin.launch.hosts else None
            process = await self._backend.spawn(box, await self._command(plugin, values), await self._shown(plugin))
            stack.push_async_callback(process.kill)
            yield Started(process, proxy)

    async def wipe(self) -> None:
        """Delete the boxes that are nobody's any more."""
        for box in await plugins.unclaimed_boxes(self._pool, await self._backend.boxes()):
            await self._backend.wipe(box)
            self._lock(box).unlink(missing_ok=True)
            log.info("box %s of a plugin is wiped", box)

    async def close(self) -> None:
        await self._backend.close()
        await asyncio.to_thread(shutil.rmtree, self._ways, ignore_errors=True)

    async def _look(self) -> None:
        async with self._looking:
            if self._unusable and time.monotonic() >= self._look_at:
                self._look_at = time.monotonic() + LOOKED_AGAIN_S
                probe = await self._backend.probe()
                self._unusable = "" if probe.usable else probe.about
                log.log(logging.INFO if probe.usable else logging.WARNING, "plugins, bubblewrap: %s", probe.about)
                await asyncio.to_thread(_remove_ways_of_the_dead, self._ways.parent)
        if self._unusable:
            raise no_box(self._unusable)

    async def _command(self, plugin: Plugin, values: Mapping[str, str]) -> Command:
        launch = plugin.launch
        arguments = list(launch.command)
        environment = {**launch.environment, **{name: values[name] for name in launch.secrets if name in values}}
        for name, value in environment.items():
            if not _can_be_given(name, value):
                raise ToolFailed(f"The plugin {plugin.name} cannot be given the variable {name[:50]!r}: set it anew.")
        if arguments[0] == "node":
            found = await self._node_found()
            arguments[0] = str(found.executable)
            if found.binds:  # for what it starts itself
                environment = {"PATH": f"{found.executable.parent}:{PATH}", **environment}
        if launch.hosts:
            arguments = through(arguments, f"{WAY_OUT}/{SOCKET}")
            options = f"--require={TUNNEL} {environment.get('NODE_OPTIONS', '')}".strip()
            environment = {"NODE_EXTRA_CA_CERTS": CERTIFICATES, **environment, "NODE_OPTIONS": options}
        return Command(arguments, environment, network=bool(launch.hosts))

    async def _shown(self, plugin: Plugin) -> Mapping[str, Path]:
        shown: dict[str, Path] = {}
        if plugin.launch.command[0] == "node":
            shown |= (await self._node_found()).binds
        installed = places.installed(self._root, plugin.id)
        if plugin.launch.hosts:
            shown[TUNNEL] = Path(__file__).parent / "inside" / "tunnel.cjs"
        if await asyncio.to_thread(installed.is_dir):
            shown[places.INSIDE] = installed
        return shown

    async def _node_found(self) -> Node:
        self._node = self._node or await node()
        if self._node is None:
            raise ToolFailed(f"{missing()}.")
        return self._node

    @asynccontextmanager
    async def _way_out(self, plugin: Plugin, box: str) -> AsyncIterator[Proxy]:
        hosts: list[AllowedHost] = [
            Anywhere("") if entry == ANYWHERE else allowed_host(entry) for entry in plugin.launch.hosts
        ]
        folder = self._ways / box
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o755)  # its user must reach the socket; what is above it is closed to others
        self._ways.chmod(0o700)
        async with Proxy(folder / SOCKET, hosts, box=box) as proxy:
            yield proxy

    def _lock(self, box: str) -> Path:
        return self._root / "locks" / box

    @asynccontextmanager
    async def _held(self, box: str) -> AsyncIterator[None]:
        """The box, started; stopped afterwards unless another worker runs something in it."""
        lock = self._lock(box)
        lock.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:  # for the moment in which another worker stops it
            os.close(descriptor)
            raise NotAsked("The plugin is just being stopped.", "starting") from None
        try:
            await self._backend.start(box)
            yield
        finally:
            with suppress(BlockingIOError):
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                await self._backend.stop(box)
            os.close(descriptor)


def _can_be_given(name: str, value: str) -> bool:
    try:
        (name + value).encode()
    except UnicodeEncodeError:
        return False
    return bool(name) and "=" not in name and "\0" not in name + value


def _remove_ways_of_the_dead(folder: Path) -> None:
    """What workers of this machine left that were killed."""
    host = f"{socket.gethostname()}-"
    for each in folder.glob(f"{host}*"):
        number = each.name.removeprefix(host)
        if number.isdecimal() and not psutil.pid_exists(int(number)):
            shutil.rmtree(each, ignore_errors=True)
