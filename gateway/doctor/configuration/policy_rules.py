"""policy.toml: whether the workers can read it, which otherwise do not start."""

from clara.errors import Misconfigured
from clara.sources import policy
from gateway.doctor.facts import Facts
from gateway.doctor.finding import Finding, broken, ok

NAME = "policy"


def check(facts: Facts) -> list[Finding]:
    try:
        rules = policy.read(facts.settings.runtime.home)
    except Misconfigured as error:
        return [broken(NAME, str(error), "Correct the file, docs/safety.md has an example; then: clara restart worker")]
    if not rules:
        return []
    number = len(rules)
    return [ok(NAME, f"{number} rule{'' if number == 1 else 's'} in {policy.FILE}")]
