"""``SANDBOX_MODE=incus``."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

from activities.sandbox.backend import Command, Limits, Probe
from activities.sandbox.incus import instance, stream
from activities.sandbox.incus.address import LOCAL, Address
from activities.sandbox.incus.instance import Kind
from activities.sandbox.incus.server import NoSuchInstance, Server
from activities.sandbox.supervised import programs
from activities.sandbox.supervised.environment import ENVIRONMENT
from activities.sandbox.supervised.inside.frames import Order
from activities.sandbox.supervised.inside.supervisor import GUARDED
from activities.sandbox.supervised.process import NotStarted, SupervisedProcess
from activities.sandbox.supervised.running import Running
from clara.errors import ClaraError, Misconfigured, Unavailable

PROBE_S = 8.0
CREATE_S = 900.0
"""With the image, which the server fetches the first time."""

BOOT_S = 180.0
"""A virtual machine takes its time until something can be run in it."""

STATE_S = 30.0
DELETE_S = 60.0
WAIT_S = 60.0
"""Somebody who asks for a box waits for it so long; it is made in the background."""

SOON = timedelta(seconds=10)
AGAIN_S = 2.0
MIB = 1 << 20


class IncusBackend:
    """Boxes of one installation at the server that INCUS_REMOTE names. ``home`` is the operator's, for certificates."""

    name = "incus"

    def __init__(
        self,
        installation: str,
        image: str,
        limits: Limits,
        kind: Kind = "container",
        remote: str = LOCAL,
        home: Path | None = None,
    ) -> None:
        self.limits = limits
        self._installation = installation
        self._image = image
        self._kind: Kind = kind
        self._server = Server(Address.of(remote, home or Path.home()))
        self._shape = instance.shape(kind, limits)
        self._starting: dict[str, asyncio.Task[None]] = {}
        self._running = Running()

    async def probe(self) -> Probe:
        try:
            async with asyncio.timeout(PROBE_S):
                return Probe(True, f"{await self._server.about()} at {self._server.address}, image {self._image}")
        except TimeoutError:
            return Probe(False, f"Incus at {self._server.address} does not answer.")
        except ClaraError as error:
            return Probe(False, str(error))

    async def start(self, box: str) -> None:
        if box not in self._starting:
            if await self._ready(box):
                return
            if box not in self._starting:  # somebody else may have asked meanwhile
                self._starting[box] = asyncio.create_task(self._begin(box))
        task = self._starting[box]
        await asyncio.wait([task], timeout=WAIT_S)
        if not task.done():
            raise Unavailable(
                f"The sandbox is being made from the image {self._image}, which takes a few minutes the first time.",
                "preparing",
                SOON,
            )
        self._starting.pop(box, None)
        task.result()

    async def spawn(self, box: str, command: Command) -> SupervisedProcess:
        disk = self.limits.disk_mib * MIB
        order = Order(command.arguments, {**ENVIRONMENT, **command.environment}, disk, instance.USER)
        try:
            operation, secrets = await self._server.exec(
                self._name(box), programs.command("supervisor", GUARDED), {"PATH": ENVIRONMENT["PATH"]}
            )
        except NoSuchInstance:
            raise Unavailable("The sandbox ended before a process was started in it.", "lost") from None
        channel = await stream.start(self._server.address, operation, secrets)
        try:
            begun = await SupervisedProcess.begin(channel, order, _Surroundings(self, box, operation))
        except NotStarted as error:
            raise Misconfigured(f"The image {self._image} cannot run the sandbox's supervisor: {error}") from error
        self._running.add(box, begun)
        return begun

    async def stop(self, box: str) -> None:
        with self._running.stopping(box), suppress(NoSuchInstance):
            if (await self._server.instance(self._name(box)))["status"] != "Stopped":
                await self._server.set_state(self._name(box), "stop", STATE_S)

    async def wipe(self, box: str) -> None:
        if task := self._starting.pop(box, None):
            task.cancel()
            await asyncio.wait([task])
        await self.stop(box)
        with suppress(NoSuchInstance):
            await self._server.delete(self._name(box), DELETE_S)

    async def boxes(self) -> Sequence[str]:
        found = [each["config"] for each in await self._server.instances()]
        mine = [each for each in found if each.get(instance.INSTALLATION) == self._installation]
        return sorted(each[instance.BOX] for each in mine)

    async def close(self) -> None:
        for task in self._starting.values():
            task.cancel()
        await asyncio.gather(*self._starting.values(), return_exceptions=True)
        self._server.close()

    async def code(self, box: str, operation: str) -> int | None:
        """The exit code of a supervisor that has ended, where its box lives on."""
        with suppress(NoSuchInstance):
            ended = await self._server.operation(operation)
            if (await self._server.instance(self._name(box)))["status"] == "Running":
                return int(ended["metadata"].get("return", -1))
        return None

    def _name(self, box: str) -> str:
        """A name of a host: letters, digits and dashes, 63 at most."""
        return f"clara-{self._installation}-{box}"[:63]

    async def _ready(self, box: str) -> bool:
        try:
            found = await self._server.instance(self._name(box))
        except NoSuchInstance:
            return False
        return bool(found["status"] == "Running" and found["config"].get(instance.SHAPE) == self._shape)

    async def _begin(self, box: str) -> None:
        """Make it where it is not there, start it, and put into it what runs commands."""
        name = self._name(box)
        try:
            found = await self._server.instance(name)
        except NoSuchInstance:
            profile = await self._server.profile("default")
            wanted = (name, self._installation, box, self._image, self._kind, self.limits, profile)
            await self._server.create(instance.definition(*wanted), CREATE_S)
            found = await self._server.instance(name)
        if found["status"] != "Running":
            await self._server.set_state(name, "start", STATE_S)
        await self._server.change(name, {"config": instance.configuration(self._kind, self.limits)})
        await self._unpack(name)
        bound = instance.processes(self._kind, self.limits, await self._server.processes(name))
        await self._server.change(name, {"config": {instance.SHAPE: self._shape, **bound}})

    async def _unpack(self, name: str) -> None:
        ends = asyncio.get_running_loop().time() + BOOT_S
        while True:
            try:
                return await self._unpacked(name)
            except Unavailable:
                if asyncio.get_running_loop().time() > ends:
                    raise
            await asyncio.sleep(AGAIN_S)

    async def _unpacked(self, name: str) -> None:
        command = ["python3", "-I", "-c", instance.UNPACK]
        operation, secrets = await self._server.exec(name, command, {"PATH": ENVIRONMENT["PATH"]})
        channel = await stream.start(self._server.address, operation, secrets)
        try:
            async with asyncio.timeout(STATE_S):
                channel.write(instance.contents())
                while await channel.read():
                    pass
        except TimeoutError:
            raise Unavailable("Incus did not put its programs into the sandbox in time.", "timeout") from None
        finally:
            await channel.close()
        ended = (await self._server.operation(operation))["metadata"]
        if ended.get("return") == 127:
            raise Misconfigured(f"The image {self._image} has no python3, which the sandbox needs.")
        if ended.get("return") != 0:
            raise Unavailable("Incus could not put its programs into the sandbox.", "refused")


class _Surroundings:
    """What a process may ask of the box around it."""

    def __init__(self, backend: IncusBackend, box: str, operation: str) -> None:
        self.limits = backend.limits
        self._backend = backend
        self._box = box
        self._operation = operation

    async def code(self) -> int | None:
        return await self._backend.code(self._box, self._operation)

    async def end(self) -> None:
        await self._backend.stop(self._box)
