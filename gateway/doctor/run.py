"""All checks of this home and its settings. Apart from ``gateway.doctor``, because it loads what any of them needs."""

from collections.abc import AsyncIterator

from clara.errors import ClaraError
from clara.settings import environment, load, source
from gateway.doctor.configuration import env_file
from gateway.doctor.examination import examine, told
from gateway.doctor.facts import gather
from gateway.doctor.finding import Finding, broken
from gateway.doctor.machine.home import misplaced
from gateway.doctor.registry import CHECKS, LIVE
from gateway.doctor.secrets import secrets_of


async def findings(live: bool = False, fix: bool = False) -> AsyncIterator[Finding]:
    """All findings. Without valid settings, or a home that can be used, there is little to check."""
    variables: dict[str, str] = {}
    try:
        variables = environment()
        settings = load(variables)
    except ClaraError as error:
        for line in str(error).splitlines():
            yield told(refused(line), secrets_of(variables))
        for finding in env_file.of_file(source()) if variables else []:
            if finding.level != "ok":
                yield told(finding)
        return
    wrong = misplaced(settings.runtime.home)
    if wrong:
        yield told(wrong)
        return
    facts = await gather(settings, variables)
    secrets = secrets_of({**variables, **(facts.record or {})})
    async for finding in examine(facts, {**CHECKS, **(LIVE if live else {})}, secrets, fix):
        yield finding


def refused(line: str) -> Finding:
    """A sentence with which the settings, or the file that they are in, were refused."""
    name = line.partition(":")[0]
    if name.isupper():
        return broken("settings", line, f"Correct {name}, in .env or in the environment.")
    return broken("settings", line, "Correct that; until then Clara does not start.")
