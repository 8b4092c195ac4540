"""The models that answer: which, and whether their providers can be reached. No key is sent and nothing is paid."""

import asyncio

from clara.llm.models import Route
from clara.settings.llm import KEY_VARIABLES, LlmSettings
from gateway.doctor.facts import Facts
from gateway.doctor.finding import Finding, broken, ok, warn
from gateway.proofs.reach import unreachable

NAME = "model"
_HOMES = {"anthropic": "https://api.anthropic.com"}


async def check(facts: Facts) -> list[Finding]:
    llm = facts.settings.llm
    if llm.provider == "scripted":
        fix = "clara setup asks for a provider and its key."
        return [warn(NAME, "no provider is configured: a scripted stand-in answers", fix)]
    routes = llm.routes(llm.default_tier)
    providers = list(dict.fromkeys(route.provider for route in routes if route.provider != "scripted"))
    reasons = dict(zip(providers, await asyncio.gather(*(unreachable(url(llm, p)) for p in providers)), strict=True))
    down = {provider: why for provider, why in reasons.items() if why}
    return [_chosen(routes), *(_unreachable(llm, p, why, all(p in down for p in providers)) for p, why in down.items())]


def url(llm: LlmSettings, provider: str) -> str:
    """Where a provider is asked."""
    return str(getattr(llm, f"{provider}_url") or _HOMES[provider])


def _chosen(routes: tuple[Route, ...]) -> Finding:
    words = ", then ".join(f"{route.provider} {route.model}" for route in routes)
    return ok(NAME, f"{words} (--live tries the key)")


def _unreachable(llm: LlmSettings, provider: str, why: str, nobody_left: bool) -> Finding:
    variable = KEY_VARIABLES[provider].replace("_API_KEY", "_BASE_URL")
    words = f"{provider} cannot be reached: {why}"
    fix = f"Check the network, and {variable} ({url(llm, provider)})."
    return broken(NAME, words, fix) if nobody_left else warn(NAME, f"{words}; the other providers answer instead", fix)
