"""``SANDBOX_MODE=docker``."""

import asyncio
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from activities.sandbox.backend import Command, Limits, Probe
from activities.sandbox.docker import box as boxes
from activities.sandbox.docker import stream
from activities.sandbox.docker.address import Address
from activities.sandbox.docker.daemon import Daemon
from activities.sandbox.docker.image import Image
from activities.sandbox.supervised import programs
from activities.sandbox.supervised.environment import ENVIRONMENT
from activities.sandbox.supervised.inside.frames import Order
from activities.sandbox.supervised.process import NotStarted, SupervisedProcess
from activities.sandbox.supervised.running import Running
from clara.errors import ClaraError, Misconfigured, Unavailable

if TYPE_CHECKING:
    from docker import APIClient

T = TypeVar("T")

REMOVE_S = 8.0
AGAIN_S = 0.1

PROBE_S = 8.0
CREATE_S = 40.0
"""A container is made and started within that, also where the disk is slow."""


class DockerBackend:
    """Boxes of one installation on the daemon at ``host`` (DOCKER_HOST, empty for the usual socket).

    ``ways`` has for each box a folder with the socket of its proxy. A daemon on another machine cannot reach it.
    """

    name = "docker"

    def __init__(
        self,
        installation: str,
        image: str,
        limits: Limits,
        host: str = "",
        certificates: Path | None = None,
        ways: Path | None = None,
    ) -> None:
        self._installation = installation
        self.limits = limits
        self._daemon = Daemon(Address.of(host, certificates))
        self._image = Image(self._daemon, image)
        self._shape = boxes.shape(image, limits)
        self._ways = ways if self._daemon.address.is_local else None
        self._running = Running()
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def probe(self) -> Probe:
        try:
            async with asyncio.timeout(PROBE_S):
                found = await self._ask(lambda api: api.info())
                there = await self._image.present()
        except TimeoutError:
            return Probe(False, f"Docker at {self._daemon.address.url} does not answer.")
        except ClaraError as error:
            return Probe(False, str(error))
        about = f"Docker {found.get('ServerVersion', '')} at {self._daemon.address.url}, image {self._image.name}"
        if not there:
            about += ", which is fetched when it is first needed"
        if not any(option.startswith("name=seccomp") for option in found.get("SecurityOptions") or ()):
            about += "; this Docker filters no system calls"
        return Probe(True, about)

    async def start(self, box: str) -> None:
        from docker.errors import APIError

        async with self._locks[box]:
            if await self._ready(box):
                return
            await self._image.require()
            try:
                await self._daemon.call(lambda api: self._create(api, box), CREATE_S)
            except APIError as error:
                # Another worker may have made it at the same time, or the image lacks what is needed.
                if not await self._ready(box):
                    raise _fault(error, self._image.name) from error

    async def spawn(self, box: str, command: Command) -> SupervisedProcess:
        from docker.errors import NotFound

        name = self._name(box)
        try:
            process, version = await self._ask(lambda api: _prepare(api, name))
        except NotFound:
            raise Unavailable("The sandbox ended before a process was started in it.", "lost") from None
        disk = self.limits.disk_mib * boxes.MIB
        order = Order(command.arguments, {**ENVIRONMENT, **command.environment}, disk)
        channel = await stream.start(self._daemon.address, process, version)
        try:
            begun = await SupervisedProcess.begin(channel, order, _Surroundings(self, box, process))
        except NotStarted as error:
            raise _fault(error, self._image.name) from error
        self._running.add(box, begun)
        return begun

    async def stop(self, box: str) -> None:
        with self._running.stopping(box):
            await self._ask(lambda api: _remove(api, self._name(box)))

    async def wipe(self, box: str) -> None:
        from docker.errors import NotFound

        async with self._locks[box]:
            await self.stop(box)
            with suppress(NotFound):
                await self._ask(lambda api: api.remove_volume(self._name(box)))
        self._locks.pop(box, None)

    async def boxes(self) -> Sequence[str]:
        mine = {"label": f"{boxes.INSTALLATION}={self._installation}"}
        containers = await self._ask(lambda api: api.containers(all=True, filters=mine))
        volumes = (await self._ask(lambda api: api.volumes(filters=mine)))["Volumes"] or []
        return sorted({each["Labels"][boxes.BOX] for each in (*containers, *volumes)})

    async def code(self, box: str, process: str) -> int | None:
        """The exit code of a process that has ended, where its box lives on."""
        from docker.errors import NotFound

        with suppress(NotFound):
            container = await self._ask(lambda api: api.inspect_container(self._name(box)))
            ended = await self._ask(lambda api: api.exec_inspect(process))
            if container["State"]["Running"] and not ended["Running"]:
                return int(ended["ExitCode"])
        return None

    async def close(self) -> None:
        await self._image.close()
        self._daemon.close()

    def _name(self, box: str) -> str:
        return f"clara-{self._installation}-{box}"

    async def _ask(self, ask: Callable[["APIClient"], T]) -> T:
        """Not found is the caller's; other refusals of the daemon pass by themselves."""
        from docker.errors import APIError, NotFound

        try:
            return await self._daemon.call(ask)
        except NotFound:
            raise
        except APIError as error:
            raise _fault(error, self._image.name) from error

    async def _ready(self, box: str) -> bool:
        from docker.errors import NotFound

        try:
            found = await self._ask(lambda api: api.inspect_container(self._name(box)))
        except NotFound:
            return False
        return bool(found["State"]["Running"]) and found["Config"]["Labels"].get(boxes.SHAPE) == self._shape

    def _create(self, api: "APIClient", box: str) -> None:
        """Blocks. What is left of an earlier container goes; the volume stays or is made."""
        name = self._name(box)
        labels = boxes.labels(self._installation, box)
        _remove(api, name)
        api.create_volume(name, labels=labels)
        way_out = self._ways and self._ways / box
        if way_out is not None:
            way_out.mkdir(mode=0o755, parents=True, exist_ok=True)
        arguments = boxes.container(api, self._image.name, self.limits, name, way_out)
        api.create_container(name=name, labels={**labels, boxes.SHAPE: self._shape}, **arguments)
        api.put_archive(name, boxes.KEPT, boxes.contents())
        api.start(name)


class _Surroundings:
    """What a process may ask of the box around it."""

    def __init__(self, backend: DockerBackend, box: str, process: str) -> None:
        self.limits = backend.limits
        self._backend = backend
        self._box = box
        self._process = process

    async def code(self) -> int | None:
        return await self._backend.code(self._box, self._process)

    async def end(self) -> None:
        await self._backend.stop(self._box)


def _prepare(api: "APIClient", name: str) -> tuple[str, str]:
    """Blocks. A process that is still to be started, and the version of the API to start it with."""
    user = f"{boxes.USER}:{boxes.USER}"
    made = api.exec_create(name, programs.command("supervisor"), stdin=True, user=user, workdir="/")
    return str(made["Id"]), str(api.api_version)


def _remove(api: "APIClient", name: str) -> None:
    """Blocks until the container is gone, whoever removes it."""
    from docker.errors import APIError, NotFound

    ends = time.monotonic() + REMOVE_S
    while True:
        try:
            return api.remove_container(name, force=True)
        except NotFound:
            return
        except APIError as error:
            if "in progress" not in str(error) or time.monotonic() > ends:
                raise
        time.sleep(AGAIN_S)


def _fault(error: Exception, image: str) -> ClaraError:
    text = str(error)
    if "executable file not found" in text:
        return Misconfigured(f"The image {image} has no python3, which the sandbox needs: see DOCKER_SANDBOX_IMAGE.")
    return Unavailable(f"Docker could not do it: {text[:300]}", "refused")
