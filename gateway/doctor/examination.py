"""All checks at once, each bounded in time, their findings in the order of the registry."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import replace

from clara.errors import ClaraError
from clara.invocation import call
from gateway.doctor.facts import Facts
from gateway.doctor.finding import Finding, warn
from gateway.doctor.secrets import masked

CHECK_S = 20
"""For one check; what a check asks for within has shorter limits of its own."""

_COMMAND = re.compile(r"\bclara (setup|start|stop|restart|doctor|logs|db|turn|chat|status|install|memory|adapter)\b")

Check = Callable[[Facts], Awaitable[list[Finding]]]


async def examine(
    facts: Facts, checks: Mapping[str, Check], secrets: frozenset[str], fix: bool = False
) -> AsyncIterator[Finding]:
    """Each finding as soon as those before it are there. With ``fix``, what is safe is mended first."""
    tasks = [asyncio.create_task(bounded(name, check, facts)) for name, check in checks.items()]
    try:
        for task in tasks:
            for finding in await task:
                yield told(await _mended(finding) if fix else finding, secrets)
    finally:
        for task in tasks:
            task.cancel()


def told(finding: Finding, secrets: frozenset[str] = frozenset()) -> Finding:
    """As it may be shown: without secrets, its commands as they have to be typed here."""
    finding = masked(finding, secrets)
    return replace(finding, fix=_COMMAND.sub(lambda found: call(found[1]), finding.fix))


async def bounded(name: str, check: Check, facts: Facts, seconds: float = CHECK_S) -> list[Finding]:
    """The findings of one check. One that hangs or breaks is a finding itself, and ends nothing else."""
    again = "Try again; if it stays so, look with: clara logs"
    try:
        async with asyncio.timeout(seconds):
            return await check(facts)
    except TimeoutError:
        return [warn(name, f"could not be checked within {seconds:g} seconds", again)]
    except Exception as error:
        words = " ".join(str(error).split())[:300]
        kind = "" if isinstance(error, ClaraError) else f"{type(error).__name__}: "
        return [warn(name, f"could not be checked: {kind}{words or 'no reason given'}", again)]


async def _mended(finding: Finding) -> Finding:
    if finding.mend is None:
        return finding
    try:
        async with asyncio.timeout(CHECK_S * 3):
            done = await asyncio.to_thread(finding.mend)
    except Exception as error:
        words = " ".join(str(error).split())[:200] or type(error).__name__
        return replace(finding, fix=f"{finding.fix} (--fix could not: {words})")
    return replace(finding, level="ok", fix="", mended=done)


def blocking(check: Callable[[Facts], Sequence[Finding]]) -> Check:
    """A check that reads files or asks a server without awaiting, moved to a thread."""

    async def run(facts: Facts) -> list[Finding]:
        return list(await asyncio.to_thread(check, facts))

    return run
