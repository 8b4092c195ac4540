"""Settings that were changed after what runs was started, which therefore does not know them."""

from gateway.doctor.facts import Facts
from gateway.doctor.finding import Finding, ok, warn
from gateway.stack.running import changes

NAME = "changed settings"


def check(facts: Facts) -> list[Finding]:
    if not facts.supervision.running or facts.supervision.error or facts.record is None:
        return []
    names = [name for name in changes(facts.settings) if name]
    if names:
        words = f"{', '.join(names)} changed after Clara was started, so what runs does not know"
        return [warn(NAME, words, "To apply the changes: clara restart")]
    return [ok(NAME, "what runs has the settings as they are now")]
