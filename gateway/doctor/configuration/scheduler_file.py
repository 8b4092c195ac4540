"""scheduler.yaml: whether it says something that can be done; with a mistake in it, all stays as it was."""

from clara.errors import Misconfigured
from clara.sources import scheduler
from gateway.doctor.facts import Facts
from gateway.doctor.finding import Finding, broken, ok

NAME = "scheduler file"


def check(facts: Facts) -> list[Finding]:
    runtime = facts.settings.runtime
    try:
        tasks = scheduler.read(runtime.home, runtime.timezone)
    except Misconfigured as error:
        return [
            broken(NAME, str(error), "Correct the file, docs/schedules.md has an example; then: clara schedule apply")
        ]
    if not tasks:
        return []
    number = len(tasks)
    return [ok(NAME, f"{number} schedule{'' if number == 1 else 's'} in {scheduler.FILE}")]
