"""What a box is as a container: its limits, and what is taken from it."""

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from activities.sandbox.backend import WAY_OUT, Limits
from activities.sandbox.supervised import programs
from activities.sandbox.supervised.environment import ENVIRONMENT

if TYPE_CHECKING:
    from docker import APIClient

INSTALLATION = "io.clara.installation"
BOX = "io.clara.box"
SHAPE = "io.clara.shape"

USER = 1000
KEPT = "/home"
"""The volume. It belongs to root, and holds the home of the user and the programs that run commands."""

IDLE_S = 7200
"""A box that was left by everybody, because Clara is gone for good, ends then."""

OVERHEAD = 8
"""Processes and threads of the box itself: its keeper, and a supervisor for each command."""

MIB = 1 << 20


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
        "entrypoint": programs.command("keeper", str(IDLE_S)),
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
    text = json.dumps([image, vars(limits), programs.command("keeper", str(IDLE_S)), dict(ENVIRONMENT)], sort_keys=True)
    return hashlib.sha256(text.encode() + contents()).hexdigest()[:16]


def contents() -> bytes:
    """What the volume holds at first, as a tar."""
    return programs.packed("user", USER, programs.FOLDER.removeprefix(f"{KEPT}/"))
