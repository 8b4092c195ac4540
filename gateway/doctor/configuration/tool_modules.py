"""CLARA_TOOLS: whether the worker can load the modules. Tried in a process of its own, as it runs their code."""

import asyncio
import sys
from contextlib import suppress
from pathlib import Path

from gateway.doctor.facts import Facts
from gateway.doctor.finding import Finding, broken, ok

NAME = "tool modules"
LOAD_S = 15


async def check(facts: Facts) -> list[Finding]:
    modules = facts.settings.runtime.tool_modules
    if not modules:
        return []
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", "-m", __name__, *modules),
        cwd=_directory(facts),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(LOAD_S):
            _, said = await process.communicate()
    except TimeoutError:
        words = f"CLARA_TOOLS: loading {', '.join(modules)} takes longer than {LOAD_S} seconds"
        return [broken(NAME, words, "See what these modules do when they are imported.")]
    finally:
        with suppress(ProcessLookupError):
            process.kill()
    if process.returncode == 0:
        return [ok(NAME, f"{', '.join(modules)} can be loaded")]
    last = (said.decode(errors="replace").strip().splitlines() or ["it ended without a message"])[-1]
    fix = "Correct CLARA_TOOLS, or install the module into Clara's environment; then: clara restart worker"
    return [broken(NAME, last[:300], fix)]


def _directory(facts: Facts) -> str | None:
    """Where the worker runs; here where nothing was started yet."""
    directory = (facts.record or {}).get("directory")
    return directory if directory and Path(directory).is_dir() else None


def main(modules: list[str]) -> int:
    """In the other process: load them as the worker does."""
    from activities.tools import catalogue
    from clara.errors import ClaraError

    try:
        catalogue.Catalogue([catalogue.load(modules)])
    except ClaraError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except Exception as error:
        sys.stderr.write(f"CLARA_TOOLS: {', '.join(modules)} cannot be loaded: {type(error).__name__}: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
