"""Checks everything that Clara depends on and says, for each thing that is wrong, what to do."""

from collections.abc import Iterator

from clara.errors import Misconfigured
from clara.settings import Settings, load
from gateway.doctor import installation, processes, servers
from gateway.doctor.check import Check

__all__ = ["Check", "examine"]


def examine() -> Iterator[Check]:
    """All checks, each as soon as it is done. Without valid settings there is little to check."""
    yield installation.python()
    try:
        settings = load()
    except Misconfigured as error:
        for line in str(error).splitlines():
            yield Check("settings", "fail", line, "Correct this variable, in .env or in the environment.")
        return
    yield Check("settings", "ok", "every variable is understood")
    yield from installation.secrets(settings)
    yield from installation.home(settings)
    yield from installation.binaries(settings)
    yield from _running(settings)
    yield _model(settings)


def _running(settings: Settings) -> Iterator[Check]:
    runtime = settings.runtime
    found = list(processes.checks(settings))
    yield from found
    up = any(check.status == "ok" for check in found)
    if up or not runtime.embedded_database:
        yield from servers.database(settings)
    if up or not runtime.embedded_temporal:
        yield from servers.temporal(settings)


def _model(settings: Settings) -> Check:
    llm = settings.llm
    if llm.provider == "scripted":
        advice = "Set the key of a provider, such as ANTHROPIC_API_KEY or OPENROUTER_API_KEY; see .env.example."
        return Check("model", "warn", "no provider is configured: a scripted stand-in answers", advice)
    routes = ", then ".join(f"{route.provider} {route.model}" for route in llm.routes(llm.default_tier))
    return Check("model", "ok", f"{routes} (the key is not tried out)")
