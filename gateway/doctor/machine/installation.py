"""What was installed: whether the servers' programs run here, and the extras that the settings need."""

import asyncio
import os
import sys
from collections.abc import Callable
from pathlib import Path

from clara.errors import Misconfigured
from clara.extras import EXTRAS
from clara.settings import Settings
from gateway.doctor.facts import Facts
from gateway.doctor.finding import Finding, broken, ok, warn
from gateway.embedded.binaries import postgres_package, postgres_programs, temporal_program
from gateway.extras.lock import lock_of
from gateway.extras.state import can_be_imported, is_for_this_python, state

NAME = "extras"

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


def extras(facts: Facts) -> list[Finding]:
    """What the settings ask for and is not installed; what is installed in other versions than the locked ones."""
    found = []
    for name, (setting, other) in wanted(facts.settings).items():
        if not is_for_this_python(EXTRAS[name]):
            needs = ".".join(map(str, EXTRAS[name].python))
            found.append(broken(NAME, f"{setting} needs {name}, which needs Python {needs} or newer", other))
        elif not can_be_imported(EXTRAS[name]):
            fix = f"clara install {name}, then: clara restart. Or: {other}"
            found.append(broken(NAME, f"{setting} needs {name}, which is not installed", fix))
    outdated = [name for name in EXTRAS if lock_of(name).exists() and state(name) == "outdated"]
    for name in outdated:
        words = f"{name} is installed in other versions than this release was made with, or in part"
        found.append(warn(NAME, words, f"clara install {name}, then: clara restart"))
    return found


def wanted(settings: Settings) -> dict[str, tuple[str, str]]:
    """The extras that these settings ask for: the setting that does, and what to do instead."""
    memory, found = settings.memory, {}
    if settings.files.s3_enabled:
        found["s3"] = ("S3_ENABLED", "unset S3_ENABLED")
    if settings.google.client_id:
        found["google"] = ("GOOGLE_CLIENT_ID", "unset GOOGLE_CLIENT_ID")
    if not memory.enabled:
        return found
    if memory.graph and memory.graph_url:
        found["graph"] = ("FALKORDB_URL", "unset FALKORDB_URL and ENABLE_GRAPH_MEMORY")
    elif memory.graph:
        found["graph-embedded"] = ("ENABLE_GRAPH_MEMORY", "set FALKORDB_URL, or unset ENABLE_GRAPH_MEMORY")
    if memory.embeddings == "local":
        found["embeddings-local"] = ("EMBEDDINGS_PROVIDER=local", "choose openai, ollama or hash")
    return found
