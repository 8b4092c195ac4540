"""The arguments of bubblewrap: what a process in a box sees, and what it may do."""

import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Literal

from activities.sandbox.backend import HOME, WAY_OUT, Command, Limits
from activities.sandbox.bubblewrap.interpreter import SHIMS, Interpreter
from activities.sandbox.bubblewrap.places import Place

HOSTNAME = "box"
UID = 1000
"""Of the user in a box, where a user namespace gives one."""

SHARED_MEMORY = 64 * 2**20
OPEN_FILES = 1024

Memory = Literal["as", "data"]
"""What of a process is limited where no control group limits the memory of the box, as ``prlimit`` calls it."""

SPARE: Mapping[Memory, int] = {"as": 4, "data": 2}
"""Times the memory: more is reserved than used, and the watch counts what is used."""

SYSTEM = ("/bin", "/lib", "/lib32", "/lib64", "/libx32", "/sbin")
"""Links into /usr on most systems, folders on others."""

SHOWN = (
    "/etc/alternatives",
    "/etc/ca-certificates",
    "/etc/fonts",
    "/etc/ld.so.cache",
    "/etc/localtime",
    "/etc/mime.types",
    "/etc/pki/tls/certs",
    "/etc/pki/ca-trust/extracted",
    "/etc/ssl/certs",
)
"""All that a box sees of the host's /etc, where it is there: nothing secret, nobody's name."""


def arguments(
    place: Place, python: Interpreter, command: Command, way_out: Path | None, shown: Mapping[str, Path]
) -> list[str]:
    """For ``bwrap --args``, without the command itself. ``shown`` is bound besides, read-only.

    As root the box has no user namespace: bubblewrap binds what root can reach, and then the process becomes the
    box's own user, without any right (``entry``). For others it maps their own user, and allows no further namespace.
    """
    made = ["--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try"]
    made += ["--die-with-parent", "--new-session", "--hostname", HOSTNAME, "--clearenv"]
    if place.uid is None:
        made += ["--unshare-user", "--disable-userns", "--uid", str(UID), "--gid", str(UID), "--cap-drop", "ALL"]
    else:
        made += ["--cap-drop", "ALL"]
        for right in ("CAP_SETUID", "CAP_SETGID", "CAP_SETPCAP"):  # given up by entry
            made += ["--cap-add", right]
    made += ["--ro-bind", "/usr", "/usr"]
    made += [word for path in SYSTEM for word in _system(path)]
    made += [word for path in SHOWN if Path(path).exists() for word in _bound("--ro-bind", path, path)]
    # Before Python, which may lie below a home of the same name.
    made += [*_bound("--bind", place.home, HOME), "--bind", str(place.temporary), "/tmp"]
    for inside, outside in (*python.binds.items(), *shown.items()):
        made += _bound("--ro-bind", outside, inside)
    made += [*_parents(f"{SHIMS}/python3"), "--symlink", str(python.executable), f"{SHIMS}/python3"]
    made += ["--symlink", "python3", f"{SHIMS}/python", "--proc", "/proc", "--dev", "/dev"]
    made += ["--size", str(SHARED_MEMORY), "--perms", "1777", "--tmpfs", "/dev/shm", "--remount-ro", "/dev"]
    if way_out is not None and command.network:
        made += _bound("--ro-bind", way_out, WAY_OUT)
    for name, value in environment(python, command.environment).items():
        made += ["--setenv", name, value]
    for name in accounts(place):
        made += _bound("--ro-bind", place.accounts / name, f"/etc/{name}")
    return [*made, "--remount-ro", "/"]


def accounts(place: Place) -> dict[str, str]:
    """Files of /etc: the user of the box under a name, and no name of the host's."""
    uid = UID if place.uid is None else place.uid
    return {
        "passwd": f"user:x:{uid}:{uid}:user:{HOME}:/bin/sh\n",
        "group": f"user:x:{uid}:\n",
        "hosts": f"127.0.0.1 localhost {HOSTNAME}\n",
        "nsswitch.conf": "passwd: files\ngroup: files\nhosts: files\n",
    }


def environment(python: Interpreter, more: Mapping[str, str]) -> dict[str, str]:
    """Nothing of the host's."""
    fixed = {"HOME": HOME, "USER": "user", "LOGNAME": "user", "TMPDIR": "/tmp", "LANG": "C.UTF-8", "TERM": "dumb"}
    return {**fixed, **python.environment, **more}


def entry(place: Place, limits: Limits, full: bool, memory: Memory | None) -> list[str]:
    """What goes before a command in the box: it becomes the box's user, for good, and limits itself.

    The number of processes is limited only here, because it is counted by user and namespace. ``full``: no file may
    grow any more. ``memory`` is limited of each process where no control group limits that of all.
    """
    made: list[str] = []
    if place.uid is not None:
        uid = str(place.uid)
        made += ["setpriv", "--reuid", uid, "--regid", uid, "--clear-groups"]
        made += ["--inh-caps=-all", "--bounding-set=-all", "--no-new-privs", "--"]
    bounds = {
        "nproc": limits.processes,
        "fsize": 0 if full else limits.disk_mib * 2**20,
        "core": 0,
        "nofile": OPEN_FILES,
    }
    if memory is not None:
        bounds[memory] = SPARE[memory] * limits.memory_mib * 2**20
    made += ["prlimit", *(f"--{name}={bound}:{bound}" for name, bound in bounds.items()), "--"]
    return [*made, "nice", "-n", "5", "env", "-C", HOME]


def _system(path: str) -> Iterator[str]:
    if os.path.islink(path):
        yield from ("--symlink", os.readlink(path), path)
    elif os.path.isdir(path):
        yield from ("--ro-bind", path, path)


def _bound(how: str, outside: Path | str, inside: Path | str) -> Iterable[str]:
    return [*_parents(inside), how, str(outside), str(inside)]


def _parents(inside: Path | str) -> Iterator[str]:
    """Made by hand, because bubblewrap closes them to others where what is bound is closed to them."""
    for parent in reversed(PurePosixPath(inside).parents[:-1]):
        if str(parent) != "/usr" and not parent.is_relative_to("/usr"):
            yield from ("--perms", "0755", "--dir", str(parent))
