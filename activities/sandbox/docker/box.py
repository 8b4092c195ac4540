"""What a box is as a container: its limits, and what is taken from it."""

import hashlib
import io
import json
import tarfile
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from activities.sandbox.backend import HOME, Limits

if TYPE_CHECKING:
    from docker import APIClient

INSTALLATION = "io.clara.installation"
BOX = "io.clara.box"
SHAPE = "io.clara.shape"

USER = 1000
KEPT = "/home"
"""The volume. It belongs to root, and holds the home of the user and the programs that run commands."""

PROGRAMS = f"{KEPT}/.clara"
IDLE_S = 7200
"""A box that was left by everybody, because Clara is gone for good, ends then."""

OVERHEAD = 8
"""Processes and threads of the box itself: its keeper, and a supervisor for each command."""

PATH = f"{HOME}/.local/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
ENVIRONMENT: Mapping[str, str] = {
    **{
        "HOME": HOME,
        "USER": "user",
        "LOGNAME": "user",
        "PATH": PATH,
        "LANG": "C.UTF-8",
        "TMPDIR": "/tmp",
        "TERM": "dumb",
    },
    **{"PIP_USER": "1", "PIP_BREAK_SYSTEM_PACKAGES": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1", "MPLBACKEND": "agg"},
}
WAY_OUT = "/run/clara"
"""The folder with the proxy's socket."""

MIB = 1 << 20


def program(name: str, *arguments: str) -> list[str]:
    """How one of ``supervised.inside`` is run: without the user's own modules, and from where they cannot write."""
    code = f"import sys; sys.path.insert(0, {PROGRAMS!r}); from inside.{name} import main; main()"
    return ["python3", "-I", "-S", "-c", code, *arguments]


def labels(installation: str, box: str) -> dict[str, str]:
    return {INSTALLATION: installation, BOX: box}


def container(api: "APIClient", image: str, limits: Limits, volume: str, way_out: Path | None) -> dict[str, Any]:
    """Arguments of ``create_container``, without the name and labels."""
    binds = [f"{volume}:{KEPT}:rw,nocopy"]
    if way_out is not None:
        binds.append(f"{way_out}:{WAY_OUT}:ro")
    from docker.types import LogConfig, Ulimit

    memory = limits.memory_mib * MIB
    return {
        "image": image,
        "entrypoint": program("keeper", str(IDLE_S)),
        "command": [],
        "user": f"{USER}:{USER}",
        "working_dir": "/",
        "environment": dict(ENVIRONMENT),
        "hostname": "sandbox",
        "stop_signal": "SIGKILL",
        "network_disabled": True,
        "use_config_proxy": False,
        "healthcheck": {"test": ["NONE"]},
        "host_config": api.create_host_config(
            network_mode="none",
            ipc_mode="private",
            read_only=True,
            binds=binds,
            tmpfs={"/tmp": f"rw,exec,nosuid,nodev,mode=1777,size={memory // 2}"},
            mem_limit=memory,
            memswap_limit=memory,
            nano_cpus=int(limits.cpus * 1e9),
            pids_limit=limits.processes + OVERHEAD,
            cap_drop=["ALL"],
            security_opt=["no-new-privileges:true"],
            ulimits=[Ulimit(name="core", soft=0, hard=0), Ulimit(name="nofile", soft=4096, hard=4096)],
            log_config=LogConfig(type="none"),
        ),
    }


def shape(image: str, limits: Limits) -> str:
    """Changes where a box must be made anew: by other limits, another image, or other programs."""
    text = json.dumps([image, vars(limits), program("keeper", str(IDLE_S)), dict(ENVIRONMENT)], sort_keys=True)
    return hashlib.sha256(text.encode() + contents()).hexdigest()[:16]


def contents() -> bytes:
    """The volume's content as a tar: the user's home, and programs that the user cannot change."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        _folder(tar, "user", USER, 0o700)
        _folder(tar, ".clara", 0, 0o755)
        _folder(tar, ".clara/inside", 0, 0o755)
        for file in sorted(files("activities.sandbox.supervised.inside").iterdir(), key=lambda each: each.name):
            if file.name.endswith(".py"):
                data = file.read_bytes()
                entry = tarfile.TarInfo(f".clara/inside/{file.name}")
                entry.size, entry.mode = len(data), 0o644
                tar.addfile(entry, io.BytesIO(data))
    return packed.getvalue()


def _folder(tar: tarfile.TarFile, name: str, owner: int, mode: int) -> None:
    entry = tarfile.TarInfo(name)
    entry.type, entry.mode, entry.uid, entry.gid = tarfile.DIRTYPE, mode, owner, owner
    tar.addfile(entry)
