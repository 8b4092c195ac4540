"""Limits of a box as a whole by the kernel's control groups, where this process may make some.

Version 1 has a tree for each controller and takes a group below our own in each; version 2 has one tree, in which a
group with processes may have no limited groups below it, so it takes one beside our own.
"""

import os
import signal
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from activities.sandbox.backend import Limits

PERIOD_US = 100_000
SPARE = 8
"""Processes and threads of bubblewrap's own."""

EMPTY_S = 5.0
CONTROLLERS = ("memory", "pids", "cpu")


class ControlGroups:
    """The groups of one installation, ``parents`` by controller; with version 2 all are the same folder."""

    def __init__(self, parents: Mapping[str, Path], version: int) -> None:
        self._parents = parents
        self.version = version

    def __str__(self) -> str:
        return f"control groups of version {self.version}"

    def _of(self, box: str) -> Sequence[Path]:
        return list(dict.fromkeys(parent / box for parent in self._parents.values()))

    def prepare(self, box: str, limits: Limits) -> None:
        for folder in self._of(box):
            folder.mkdir(exist_ok=True)
        memory, pids, cpu = (self._parents[name] / box for name in CONTROLLERS)
        size = limits.memory_mib * 2**20
        quota = int(limits.cpus * PERIOD_US)
        _write(pids / "pids.max", limits.processes + SPARE)
        if self.version == 1:
            # The sum may not be below the memory, so which of the two goes first depends on what was set before.
            with suppress(OSError):
                _write(memory / "memory.limit_in_bytes", size)
            with suppress(OSError):
                _write(memory / "memory.memsw.limit_in_bytes", size)  # not on kernels that do not count swap
            _write(memory / "memory.limit_in_bytes", size)
            _write(cpu / "cpu.cfs_period_us", PERIOD_US)
            _write(cpu / "cpu.cfs_quota_us", quota)
        else:
            _write(memory / "memory.max", size)
            with suppress(OSError):
                _write(memory / "memory.swap.max", 0)
            _write(cpu / "cpu.max", f"{quota} {PERIOD_US}")

    def doors(self, box: str) -> list[Path]:
        """The files into which a process writes 0 to be in."""
        return [folder / "cgroup.procs" for folder in self._of(box)]

    def killed_for_memory(self, box: str) -> int:
        """How often the kernel has ended something in it for want of memory."""
        name = "memory.oom_control" if self.version == 1 else "memory.events"
        with suppress(OSError, ValueError):
            for line in (self._parents["memory"] / box / name).read_text().splitlines():
                if line.startswith("oom_kill "):
                    return int(line.split()[1])
        return 0

    def remove(self, box: str) -> None:
        """Kill whatever is left in it, and free it. Blocks for some milliseconds."""
        deadline = time.monotonic() + EMPTY_S
        for folder in self._of(box):
            while folder.is_dir():
                with suppress(OSError):
                    for pid in (folder / "cgroup.procs").read_text().split():
                        with suppress(ProcessLookupError):
                            os.kill(int(pid), signal.SIGKILL)
                with suppress(OSError):
                    folder.rmdir()
                    break
                if time.monotonic() > deadline:
                    raise TimeoutError(f"processes of {folder.name} do not end")
                time.sleep(0.01)


def control_groups(name: str) -> ControlGroups | None:
    """Groups called ``name``, or None where this process may not make any that limit all that is to be limited."""
    try:
        mounts = [line.split() for line in Path("/proc/self/mounts").read_text().splitlines()]
        own = [line.split(":", 2) for line in Path("/proc/self/cgroup").read_text().splitlines()]
    except OSError:
        return None
    first = {option: Path(m[1]) for m in mounts if m[2] == "cgroup" for option in m[3].split(",")}
    second = next((Path(m[1]) for m in mounts if m[2] == "cgroup2"), None)
    try:
        if all(controller in first for controller in CONTROLLERS):
            ours = {controller: path for _, names, path in own for controller in names.split(",") if names}
            return ControlGroups({c: _below(first[c], ours.get(c, "/"), name) for c in CONTROLLERS}, 1)
        if second is not None:
            path = next((path for number, names, path in own if number == "0" and not names), "/")
            return ControlGroups(dict.fromkeys(CONTROLLERS, _beside(second, path, name)), 2)
    except OSError:
        return None
    return None


def _below(mount: Path, ours: str, name: str) -> Path:
    group = mount / ours.lstrip("/")
    folder = (group if group.is_dir() else mount) / name
    folder.mkdir(exist_ok=True)
    if not os.access(folder / "cgroup.procs", os.W_OK):
        raise PermissionError(folder)
    return folder


def _beside(mount: Path, ours: str, name: str) -> Path:
    group = mount / ours.lstrip("/")
    parent = group.parent if group != mount else mount
    wanted = " ".join(f"+{controller}" for controller in CONTROLLERS)
    if not set(CONTROLLERS) <= set((parent / "cgroup.subtree_control").read_text().split()):
        (parent / "cgroup.subtree_control").write_text(wanted)
    folder = parent / name
    folder.mkdir(exist_ok=True)
    (folder / "cgroup.subtree_control").write_text(wanted)
    if not os.access(group / "cgroup.procs", os.W_OK):
        raise PermissionError(group)
    return folder


def _write(file: Path, value: int | str) -> None:
    file.write_text(str(value))
