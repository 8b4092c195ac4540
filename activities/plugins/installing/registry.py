"""Which registry of npm this machine is set up for."""

import asyncio
import re
import shutil

from activities.plugins.node import node
from clara.errors import ToolFailed, Unavailable
from clara.settings import environment

ANSWERS_S = 60.0
NEEDED = ("HOME", "PATH")


async def registry() -> str:
    """The address of the registry that npm is set up for here; ToolFailed without npm."""
    npm = shutil.which("npm")
    if npm is None:
        found = await node()
        bundled = found and found.executable.parent / "npm"
        if not bundled or not bundled.exists():
            raise ToolFailed("npm is not installed, so no package of it can be installed.")
        npm = str(bundled)
    keep = {name: value for name, value in environment().items() if name in NEEDED or "npm_config" in name.lower()}
    process = await asyncio.create_subprocess_exec(
        npm, "config", "get", "registry", env=keep, cwd="/",
        stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        async with asyncio.timeout(ANSWERS_S):
            said, _ = await process.communicate()
    except TimeoutError:
        raise Unavailable("npm does not say which registry it uses.", "timeout") from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    address = said.decode(errors="replace").strip()
    if not re.fullmatch(r"https?://[^\s@]+", address):
        raise ToolFailed("npm has no registry that can be used here: see `npm config get registry`.")
    return address
