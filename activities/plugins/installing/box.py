"""The box that a plugin is installed in: confined as code in the sandbox is, and gone when it is done.

What is built there may run the project's own code. So everything is done inside, and nothing here follows a link.
"""

import asyncio
import os
import secrets
import shutil
import socket
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from activities.http.network import origin_of
from activities.plugins import places, room
from activities.plugins.contained import no_box
from activities.plugins.installing.registry import registry
from activities.plugins.node import Node, missing, node
from activities.sandbox.backend import HOME, WAY_OUT, Command, Limits
from activities.sandbox.bubblewrap import BubblewrapBackend
from activities.sandbox.proxy import SOCKET, Proxy, through
from activities.sandbox.running import Run, to_its_end
from clara.errors import ClaraError, ToolFailed, UserError
from clara.hosts import allowed_host

LIMITS = Limits(memory_mib=2048, cpus=2.0, processes=256, disk_mib=1024)
"""Compilers of TypeScript take more than a gigabyte."""

APP = "app"
"""In the home of the box: what becomes the plugin's folder."""

CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt"
CHANGE_S = 120.0


class Box:
    """One that was started. ``registry`` is the address that its commands may reach if they are to."""

    def __init__(self, backend: BubblewrapBackend, name: str, home: Path, way: Path, registry: str) -> None:
        self._backend = backend
        self._name = name
        self._home = home
        self._way = way
        self._registry = registry
        self._node: Node | None = None

    @property
    def app(self) -> Path:
        """The folder on this side. To be read only by ``read`` and ``file``."""
        return self._home / APP

    async def node(self) -> Node:
        self._node = self._node or await node()
        if self._node is None:
            raise ToolFailed(f"{missing()}.")
        return self._node

    async def npm(self, *arguments: str, network: bool, seconds: float, folder: str = APP) -> Run:
        """Run npm in a folder of the home."""
        found = await self.node()
        # A registry of this machine, too, is reached by the way out alone.
        words = ["env", "-u", "no_proxy", "-u", "NO_PROXY", str(found.executable), str(_npm(found)), *arguments]
        environment = {
            "npm_config_registry": self._registry, "npm_config_cache": f"{HOME}/cache",
            "npm_config_ignore_scripts": "true", "npm_config_update_notifier": "false", "npm_config_audit": "false",
            "npm_config_fund": "false", "npm_config_progress": "false", "npm_config_loglevel": "error",
            "npm_config_fetch_retries": "1", "PATH": f"{found.executable.parent}:{os.defpath}", "CI": "true",
            "NODE_EXTRA_CA_CERTS": CERTIFICATES,
        }  # fmt: skip
        return await self.run(words, environment, network=network, seconds=seconds, folder=folder)

    async def run(
        self,
        words: Sequence[str],
        environment: Mapping[str, str] | None = None,
        *,
        network: bool = False,
        seconds: float,
        folder: str = APP,
        input: bytes = b"",
    ) -> Run:
        """Run a command in a folder of the home, which is made where it is not there."""
        script = 'mkdir -p "$0" && cd "$0" && exec "$@"'
        words = ["sh", "-c", script, f"{HOME}/{folder}", *words]
        if not network:
            return await self._run(Command(words, environment or {}), seconds, input)
        host = allowed_host(_host(self._registry))
        async with Proxy(self._way / SOCKET, [host], box=self._name, trusted=[self._registry]) as proxy:
            whole = Command(through(words, f"{WAY_OUT}/{SOCKET}"), environment or {}, network=True)
            done = await self._run(whole, seconds, input)
        if proxy.refused:
            return Run("\n".join((done.output, *proxy.refused)), done.code, done.ended)
        return done

    async def _run(self, command: Command, seconds: float, input: bytes) -> Run:
        shown = (await self.node()).binds
        return await to_its_end(await self._backend.spawn(self._name, command, shown), seconds, input)

    async def publish(self, installed: Path) -> None:
        """Make what was built the plugin's folder, at once and for good: readable for everybody, of nobody's box."""
        await self._backend.stop(self._name)
        await _changed("chmod", "-R", "u=rwX,go=rX", "--", str(self.app))
        if os.geteuid() == 0:
            await _changed("chown", "-hR", "0:0", "--", str(self.app))
        await asyncio.to_thread(_moved, self.app, installed)


@asynccontextmanager
async def box(root: Path, plugin_id: str) -> AsyncIterator[Box]:
    """A box for one attempt at an installation; ToolFailed where there can be none, or the disk runs full."""
    room.check(root)
    name = plugin_id + secrets.token_hex(4)  # an attempt that was given up elsewhere may still be at work
    ways = root / "ways" / f"{socket.gethostname()}-{os.getpid()}"
    backend = BubblewrapBackend(places.installing(root), LIMITS, ways, reserves=True)
    probe = await backend.probe()
    if not probe.usable:
        raise no_box(probe.about)
    address = await registry()
    way = ways / name
    try:
        await backend.start(name)
        way.mkdir(parents=True, exist_ok=True)
        way.chmod(0o755)  # its user must reach the socket; what is above it is closed to others
        ways.chmod(0o700)
        yield Box(backend, name, backend.home(name), way, address)
    except (ClaraError, OSError):
        room.check(root)  # before the box is gone: what filled the disk tells of it in many ways
        raise
    finally:
        await asyncio.shield(_gone(backend, name, way))


async def _gone(backend: BubblewrapBackend, name: str, way: Path) -> None:
    await backend.wipe(name)
    await backend.close()
    await asyncio.to_thread(shutil.rmtree, way, ignore_errors=True)


def _moved(app: Path, installed: Path) -> None:
    installed.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not installed.exists():  # else another attempt was faster
        app.rename(installed)


def file(folder: Path, path: str) -> Path:
    """A file below a folder that others filled and nothing runs in; UserError where it is not there, or leads out."""
    whole = folder / path
    if not whole.resolve().is_relative_to(folder.resolve()) or not whole.is_file():
        raise UserError(f"It lacks the file {path[:200]}, so it cannot be started.")
    return whole


def _host(url: str) -> str:
    host, port = origin_of(url)
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _npm(found: Node) -> Path:
    """The program of the npm that came with a Node.js, or of the system's."""
    bundled = found.executable.parent.parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    if bundled.is_file():
        return bundled
    beside = shutil.which("npm")
    if beside is None or not Path(beside).resolve().is_relative_to("/usr"):
        raise ToolFailed("npm is not installed, which belongs to Node.js; it is a package of its own on some systems.")
    return Path(beside).resolve()


async def _changed(*command: str) -> None:
    process = await asyncio.create_subprocess_exec(
        *command, env={"PATH": os.defpath}, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE
    )
    try:
        async with asyncio.timeout(CHANGE_S):
            _, said = await process.communicate()
    except BaseException:
        if process.returncode is None:
            process.kill()
            await process.wait()
        raise
    if process.returncode != 0:
        raise OSError(f"{command[0]}: {said.decode(errors='replace')[:200]}")
