"""What a box is as an instance: its limits, and what is taken from it."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any, Literal

from activities.sandbox.backend import HOME, Limits
from activities.sandbox.supervised import programs

INSTALLATION = "user.clara.installation"
BOX = "user.clara.box"
SHAPE = "user.clara.shape"

USER = 1000
SPARE = 8
"""Processes beside those of the instance's own services: a supervisor for each command."""

Kind = Literal["container", "vm"]

SERVERS: Mapping[str, tuple[str, str]] = {
    "images": ("https://images.linuxcontainers.org", "simplestreams"),
    "ubuntu": ("https://cloud-images.ubuntu.com/releases", "simplestreams"),
}
"""The remotes that both command lines know without being told."""


def source(image: str) -> dict[str, str]:
    """``images:debian/12/cloud``, or an alias of the server's own."""
    remote, colon, alias = image.partition(":")
    if colon and remote in SERVERS:
        server, protocol = SERVERS[remote]
        return {"type": "image", "mode": "pull", "server": server, "protocol": protocol, "alias": alias}
    return {"type": "image", "alias": alias if colon else image}


def definition(
    name: str, installation: str, box: str, image: str, kind: Kind, limits: Limits, profile: Mapping[str, Any]
) -> dict[str, Any]:
    return {
        "name": name,
        "type": "virtual-machine" if kind == "vm" else "container",
        "source": source(image),
        "profiles": ["default"],
        "config": {INSTALLATION: installation, BOX: box, **configuration(kind, limits)},
        "devices": devices(profile, limits),
    }


def configuration(kind: Kind, limits: Limits) -> dict[str, str]:
    shared = {"limits.memory": f"{limits.memory_mib}MiB", "boot.autostart": "false"}
    if kind == "vm":
        return {**shared, "limits.cpu": str(max(1, round(limits.cpus)))}
    return {
        **shared,
        "limits.memory.swap": "false",
        "limits.cpu.allowance": f"{max(1, round(limits.cpus * 100))}ms/100ms",
        "security.nesting": "false",
    }


def processes(kind: Kind, limits: Limits, services: int) -> dict[str, str]:
    """The rest of the configuration, when ``services`` run. A virtual machine limits processes by its memory alone."""
    return {} if kind == "vm" else {"limits.processes": str(limits.processes + services + SPARE)}


def devices(profile: Mapping[str, Any], limits: Limits) -> dict[str, dict[str, str]]:
    """What differs from the profile: no network. Disks keep their size, because not every kind of pool can limit it."""
    return {name: {"type": "none"} for name, device in profile["devices"].items() if device["type"] == "nic"}


def shape(kind: Kind, limits: Limits) -> str:
    """Changes where a box has to be prepared anew."""
    text = json.dumps([configuration(kind, limits), vars(limits)], sort_keys=True)
    return hashlib.sha256(text.encode() + contents()).hexdigest()[:16]


def contents() -> bytes:
    """What is unpacked at the root of an instance, as a tar."""
    return programs.packed(HOME.lstrip("/"), USER, programs.FOLDER.lstrip("/"))


UNPACK = "import sys, tarfile; tarfile.open(fileobj=sys.stdin.buffer, mode='r|').extractall('/', numeric_owner=True)"
"""Run by root in an instance, with ``contents`` as its input."""
