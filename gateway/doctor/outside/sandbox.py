"""What code is run in: which back end is taken and why, and what to install where there is none."""

from activities.sandbox.choosing import choose
from gateway.doctor.facts import Facts
from gateway.doctor.finding import Finding, broken, ok, warn

NAME = "sandbox"
INSTALL = "Install bubblewrap (sudo apt-get install bubblewrap) or Docker; docs/sandbox.md says more."


async def check(facts: Facts) -> list[Finding]:
    settings = facts.settings.sandbox
    chosen = await choose(settings, facts.settings.runtime.home)
    if chosen.backend is not None:
        await chosen.backend.close()
        return [ok(NAME, chosen.about)]
    if settings.mode == "off":
        return [ok(NAME, chosen.about)]
    if settings.mode == "auto":
        return [warn(NAME, f"code cannot be run: {chosen.about}", INSTALL)]
    return [broken(NAME, f"code cannot be run: {chosen.about}", f"{INSTALL} Or set SANDBOX_MODE=auto.")]
