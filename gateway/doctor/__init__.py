"""Checks everything that Clara depends on and says, for each thing that is wrong, what to do.

A check is an async function from ``Facts`` to findings, listed in ``registry``. ``configuration`` are
checks of the settings by themselves, ``machine`` of files and processes, ``servers`` of the database
and Temporal, ``outside`` of what others run.
"""

from collections.abc import AsyncIterator

from clara.errors import ClaraError, Misconfigured
from clara.settings import environment, load
from gateway.doctor.configuration import env_file
from gateway.doctor.examination import examine
from gateway.doctor.facts import gather
from gateway.doctor.finding import Finding, broken, worst
from gateway.doctor.registry import CHECKS, LIVE
from gateway.doctor.secrets import masked, secrets_of

__all__ = ["Finding", "findings", "worst"]


async def findings(live: bool = False, fix: bool = False) -> AsyncIterator[Finding]:
    """All findings. Without valid settings there is little to check."""
    unreadable = env_file.unreadable(env_file.path())
    if unreadable:
        for finding in unreadable:
            yield finding
        return
    variables: dict[str, str] = {}
    try:
        variables = environment()
        settings = load(variables)
    except ClaraError as error:
        for finding in invalid(error):
            yield masked(finding, secrets_of(variables))
        return
    facts = await gather(settings, variables)
    secrets = secrets_of({**variables, **(facts.record or {})})
    async for finding in examine(facts, {**CHECKS, **(LIVE if live else {})}, secrets, fix):
        yield finding


def invalid(error: ClaraError) -> list[Finding]:
    """Settings that are refused, each with what is expected, and what in the file may be the reason."""
    file = env_file.path()
    found = [_refused(line) for line in str(error).splitlines()]
    text = file.read_text() if file.is_file() else ""
    return [*found, *(env_file.lines(text, file) if isinstance(error, Misconfigured) else [])]


def _refused(line: str) -> Finding:
    name = line.partition(":")[0]
    return broken("settings", line, f"Correct {name}, in .env or in the environment.")
