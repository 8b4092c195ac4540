"""The sandbox: which back end, and how much a person's box may use."""

import re
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from clara.hosts import AllowedHost, allowed_host
from clara.settings.fields import CommaList
from clara.settings.subject import Subject

SandboxMode = Literal["auto", "docker", "incus", "bubblewrap", "off"]

_SIZE = re.compile(r"(\d+)\s*([kmgt]?)(i?b)?", re.IGNORECASE)
_POWERS = {"": 0, "k": 1, "m": 2, "g": 3, "t": 4}


def mebibytes(size: str) -> int:
    """``512m``, ``512MiB`` or ``1g`` in MiB, as Docker and Incus read them."""
    found = _SIZE.fullmatch(size.strip())
    if found is None:
        raise ValueError("must be a size like 512m or 1GiB")
    return int(found[1]) << 10 * _POWERS[found[2].lower()] >> 20


def _size(value: str) -> str:
    if not 64 <= mebibytes(value) <= 1024**2:
        raise ValueError("must be a size like 512m or 1GiB, of 64 MiB at least")
    return value


def _hosts(value: tuple[str, ...]) -> tuple[str, ...]:
    for entry in value:
        allowed_host(entry)
    return value


AllowedHosts = Annotated[CommaList, AfterValidator(_hosts)]
Size = Annotated[str, AfterValidator(_size)]


class SandboxSettings(Subject):
    """Where the model's code runs, and what it may use: [sandbox.md](sandbox.md)."""

    heading = "Sandbox"
    readers = ("worker", "sandbox")

    mode: SandboxMode = Field(
        "auto",
        alias="SANDBOX_MODE",
        description="What code is run in. auto takes the best that answers: Docker, then Incus, then bubblewrap. "
        "off means that no code is run at all.",
    )
    allowed_hosts: AllowedHosts = Field(
        (),
        alias="SANDBOX_ALLOWED_HOSTS",
        description="Hosts that code in a sandbox may reach, separated by commas: example.org, *.example.org or "
        "example.org:8443. Empty means none; install_package reaches the package indexes all the same. Private "
        "addresses are always refused.",
    )
    disk: Size = Field(
        "1g", alias="SANDBOX_DISK", description="How much the files of one person may take, for example 1g."
    )
    processes: int = Field(
        128,
        alias="SANDBOX_PROCESSES",
        ge=16,
        le=4096,
        description="How many processes and threads one person's sandbox may have at once.",
    )

    docker_host: str | None = Field(
        None,
        max_length=300,
        alias="DOCKER_HOST",
        description="The address of the Docker daemon, if it is not the usual one: unix:///path or tcp://host:2376.",
    )
    docker_certificates: Path | None = Field(
        None,
        alias="DOCKER_CERT_PATH",
        description="The folder with ca.pem, cert.pem and key.pem, for a Docker daemon at tcp://.",
    )
    docker_image: str = Field(
        "python:3.12-slim",
        alias="DOCKER_SANDBOX_IMAGE",
        max_length=300,
        description="The image of a sandbox in Docker. It must have python3.",
    )
    docker_timeout: int = Field(
        900,
        alias="DOCKER_SANDBOX_TIMEOUT",
        ge=30,
        le=86_400,
        description="After so many seconds without use a sandbox in Docker or bubblewrap is stopped; its files stay.",
    )
    docker_memory: Size = Field(
        "512m",
        alias="DOCKER_SANDBOX_MEMORY",
        description="The memory of one person's sandbox in Docker or bubblewrap.",
    )
    docker_cpus: float = Field(
        1.0,
        alias="DOCKER_SANDBOX_CPU",
        gt=0,
        le=256,
        description="How many processors one person's sandbox in Docker or bubblewrap may use.",
    )

    incus_remote: str = Field(
        "local",
        alias="INCUS_REMOTE",
        max_length=300,
        description="The Incus or LXD server: local, the path of its socket, or https://host:8443.",
    )
    incus_image: str = Field(
        "images:debian/12/cloud",
        alias="INCUS_SANDBOX_IMAGE",
        max_length=300,
        description="The image of a sandbox in Incus. It must have python3.",
    )
    incus_type: Literal["container", "vm"] = Field(
        "container", alias="INCUS_SANDBOX_TYPE", description="Whether a sandbox in Incus is a container or a machine."
    )
    incus_timeout: int = Field(
        900,
        alias="INCUS_SANDBOX_TIMEOUT",
        ge=30,
        le=86_400,
        description="After so many seconds without use a sandbox in Incus is stopped; its files stay.",
    )
    incus_memory: Size = Field(
        "512MiB", alias="INCUS_SANDBOX_MEMORY", description="The memory of one person's sandbox in Incus."
    )
    incus_cpus: float = Field(
        1.0,
        alias="INCUS_SANDBOX_CPU",
        gt=0,
        le=256,
        description="How many processors one person's sandbox in Incus may use.",
    )

    @property
    def hosts(self) -> tuple[AllowedHost, ...]:
        return tuple(map(allowed_host, self.allowed_hosts))
