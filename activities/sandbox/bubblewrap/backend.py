"""Boxes without a daemon: each person's is a folder, and each process in it a namespace that bubblewrap makes."""

import asyncio
import os
import secrets
import shutil
import sys
import tempfile
from asyncio.subprocess import PIPE
from asyncio.subprocess import Process as Subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from activities.sandbox.backend import Command, Limits, Probe
from activities.sandbox.bubblewrap import places
from activities.sandbox.bubblewrap.command_line import Memory, accounts, arguments, entry
from activities.sandbox.bubblewrap.control_groups import ControlGroups, control_groups
from activities.sandbox.bubblewrap.interpreter import Interpreter, interpreter
from activities.sandbox.bubblewrap.process import BubblewrapProcess
from activities.sandbox.bubblewrap.system_calls import filtered
from activities.sandbox.bubblewrap.watch import Watch, out_of_memory
from clara.errors import Unavailable

PROBE_S = 8.0
INSTALL = "install it with: sudo apt-get install bubblewrap (other systems: the package bubblewrap)"
STDERR_SHOWN = 200

NOTHING: Mapping[str, Path] = {}

SYSCTL = Path("/proc/sys")
FORBIDDING: Mapping[str, tuple[str, str]] = {
    "kernel.unprivileged_userns_clone": ("0", "1"),
    "kernel.apparmor_restrict_unprivileged_userns": ("1", "0"),
    "user.max_user_namespaces": ("0", "10000"),
}
"""Settings of kernels that keep ordinary users from making namespaces: how they do, and what allows it."""

_ENTER = 'while [ "$1" != -- ]; do echo 0 > "$1" || exit 125; shift; done; shift; exec "$@"'
"""Moves itself into control groups before it becomes bubblewrap, so that nothing is outside of them at any moment."""


class BubblewrapBackend:
    """``root`` is where the boxes' folders are; ``ways`` has for each box a folder with the socket of its proxy.

    ``reserves``: what runs there reserves far more memory than it uses, as Node.js does, so that without control
    groups what it writes to is bounded and not its address space.
    """

    name = "bubblewrap"

    def __init__(self, root: Path, limits: Limits, ways: Path | None = None, *, reserves: bool = False) -> None:
        self._root = root
        self._limits = limits
        self._ways = ways
        self._memory: Memory = "data" if reserves else "as"
        self._python: Interpreter | None = None
        self._groups: ControlGroups | None = None
        self._asked_for_groups = False
        self._watches: dict[str, Watch] = {}

    async def probe(self) -> Probe:
        if sys.platform != "linux":
            return Probe(False, "it is for Linux only")
        if shutil.which("bwrap") is None:
            return Probe(False, f"it is not installed; {INSTALL}")
        try:
            self._root.mkdir(mode=0o700, parents=True, exist_ok=True)
            folder = Path(tempfile.mkdtemp(prefix=".probe-", dir=self._root))
        except OSError as error:
            return Probe(False, f"{self._root} cannot be written to ({error.strerror})")
        backend, box = BubblewrapBackend(folder, self._limits), f"probe{secrets.token_hex(4)}"
        try:
            async with asyncio.timeout(PROBE_S):
                await backend.start(box)
                process = await backend.spawn(box, Command(["python3", "-I", "-c", "print(6*7)"]))
                said = {"out": b"", "err": b""}
                try:
                    async for stream, data in process.output():
                        said[stream] += data
                    code = await process.wait()
                finally:
                    await process.kill()
                await asyncio.to_thread(places.place(folder, box).used)  # which needs a program of its own
        except (OSError, TimeoutError, Unavailable) as error:
            return Probe(False, f"it does not start ({str(error) or type(error).__name__})")
        finally:
            with suppress(OSError, TimeoutError):
                await backend.wipe(box)
            await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
        if code != 0 or said["out"].strip() != b"42":
            return Probe(False, _unusable(said["err"].decode("utf-8", "replace")))
        return Probe(True, await self._about())

    async def _about(self) -> str:
        version = await asyncio.create_subprocess_exec("bwrap", "--version", stdout=PIPE)
        said, _ = await version.communicate()
        who = "with a user id of its own for each box" if os.geteuid() == 0 else "as this user, in a namespace"
        groups = str(backend_groups) if (backend_groups := self._control_groups()) else "limits by process, and watched"
        calls = "" if filtered() else ", without a filter of system calls (libseccomp is missing)"
        return f"version {said.decode().split()[-1]}, {who}, {groups}{calls}"

    async def start(self, box: str) -> None:
        place = places.place(self._root, box)
        await asyncio.to_thread(place.prepare, accounts(place))
        if self._python is None:
            self._python = interpreter()
        if groups := self._control_groups():
            groups.prepare(box, self._limits)

    def home(self, box: str) -> Path:
        """The folder that a box has as its home: its files are whatever its processes made them."""
        return places.place(self._root, box).home

    async def spawn(self, box: str, command: Command, shown: Mapping[str, Path] = NOTHING) -> BubblewrapProcess:
        """``shown`` is what it sees besides, read-only: the path in the box, and the one on the host."""
        assert self._python is not None, "spawn comes after start"
        place, groups = places.place(self._root, box), self._control_groups()
        watch = self._watches.setdefault(box, Watch(place, self._limits, memory_too=groups is None))
        full = await watch.is_full()
        inside = [*entry(place, self._limits, full, self._memory if groups is None else None), *command.arguments]
        info, told = os.pipe()
        handed_on = [told]
        try:
            words = arguments(place, self._python, command, self._ways and self._ways / box, shown)
            if any("\0" in word for word in words):  # which would end the word, and begin an argument
                raise ValueError("no argument of bubblewrap may contain a zero byte")
            handed_on.append(_memory("".join(f"{word}\0" for word in words).encode()))
            whole = ["bwrap", "--args", str(handed_on[-1]), "--info-fd", str(told)]
            if (refused := filtered()) is not None:
                handed_on.append(_memory(refused))
                whole += ["--seccomp", str(handed_on[-1])]
            whole += ["--", *inside]
            if groups is not None:
                whole = ["/bin/sh", "-c", _ENTER, "sh", *map(str, groups.doors(box)), "--", *whole]
            outer = await asyncio.create_subprocess_exec(
                *whole, stdin=PIPE, stdout=PIPE, stderr=PIPE, env={"PATH": os.defpath}, cwd="/",
                pass_fds=handed_on, start_new_session=True,
            )  # fmt: skip
        except BaseException as error:
            os.close(info)
            if isinstance(error, OSError):
                raise Unavailable(f"no process can be started in the sandbox: {error.strerror}") from error
            raise
        finally:
            for each in handed_on:
                os.close(each)
        return self._watched(watch, box, outer, info)

    def _watched(self, watch: Watch, box: str, outer: Subprocess, info: int) -> BubblewrapProcess:
        groups = self._control_groups()
        before = groups.killed_for_memory(box) if groups else 0

        def judged() -> str:
            killed = groups is not None and groups.killed_for_memory(box) > before
            return out_of_memory(self._limits) if killed else ""

        process = BubblewrapProcess(outer, info, judged, watch.work)
        watch.begin(process)
        return process

    async def stop(self, box: str) -> None:
        if watch := self._watches.pop(box, None):
            await watch.end()
        if groups := self._control_groups():
            await asyncio.to_thread(groups.remove, box)
        await asyncio.to_thread(places.place(self._root, box).clear)

    async def wipe(self, box: str) -> None:
        await self.stop(box)
        await asyncio.to_thread(places.place(self._root, box).remove)

    async def boxes(self) -> Sequence[str]:
        if not self._root.is_dir():
            return []
        return sorted(each.name for each in self._root.iterdir() if each.is_dir() and each.name.isalnum())

    async def close(self) -> None:
        for box in list(self._watches):
            await self._watches.pop(box).end()

    def _control_groups(self) -> ControlGroups | None:
        if not self._asked_for_groups:
            self._groups = control_groups("clara-boxes")
            self._asked_for_groups = True
        return self._groups


def _memory(data: bytes) -> int:
    """A descriptor that these bytes are read from."""
    descriptor = os.memfd_create("clara")
    os.write(descriptor, data)
    os.lseek(descriptor, 0, os.SEEK_SET)
    return descriptor


def _unusable(error: str) -> str:
    words = " ".join(error.split())[:STDERR_SHOWN] or "it said nothing"
    if any(word in words.lower() for word in ("namespace", "permission", "not permitted")):
        found = [f"sudo sysctl -w {name}={wanted}" for name, (no, wanted) in FORBIDDING.items() if _says(name) == no]
        how = " && ".join(found) or "allow user namespaces to this user"
        return f"it may make no namespaces here ({words}); {how} (docs/sandbox.md says more)"
    return f"it does not start ({words})"


def _says(name: str) -> str:
    """A setting of the kernel; empty where it has none of that name."""
    with suppress(OSError):
        return (SYSCTL / name.replace(".", "/")).read_text().strip()
    return ""
