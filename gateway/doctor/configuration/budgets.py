"""Budgets: whether there is one at all, and whether it has room for a single call."""

from decimal import Decimal

from clara.budgets import BudgetName, amount
from clara.llm import prices
from clara.llm.tiers import TIERS
from clara.settings import Settings
from gateway.doctor.facts import Facts
from gateway.doctor.finding import Finding, ok, warn

NAME = "budgets"

SMALL_PROMPT = 4_000
"""Tokens of the system prompt, the tools and a short message."""


def check(facts: Facts) -> list[Finding]:
    settings = facts.settings
    limits = settings.budgets.limits
    if not limits:
        words = "the settings limit nothing, so models may cost what they cost (BUDGET_*, clara budget set)"
        return [ok(NAME, words)]
    tight = [finding for name, limit in limits.items() if (finding := _tight(settings, name, limit))]
    listed = ", ".join(f"{name} {amount(name, limit)}" for name, limit in limits.items())
    return tight or [ok(NAME, listed)]


def _tight(settings: Settings, name: BudgetName, limit: Decimal) -> Finding | None:
    """A limit into which not even one call of some tier fits, at what it may cost at worst."""
    llm = settings.llm
    for tier in TIERS:
        route = llm.routes(tier)[0]
        if route.provider == "scripted":
            continue
        worst = Decimal(SMALL_PROMPT + llm.max_tokens)
        if name.endswith("-usd"):
            known = prices.at_worst(route.model, SMALL_PROMPT, llm.max_tokens)
            read, written = settings.budgets.price_of_unknown
            unknown = (SMALL_PROMPT * read + llm.max_tokens * written) / 1_000_000
            worst = unknown if known is None else Decimal(str(known))
        if worst > limit:
            variable = f"BUDGET_{name.upper().replace('-', '_')}"
            words = (
                f"{variable} is {amount(name, limit)}, and one call of {route.model} may take {amount(name, worst)},"
                " so it is never asked"
            )
            fix = f"Raise {variable}, or lower LLM_MAX_TOKENS, which is {llm.max_tokens}; then: clara restart"
            return warn(NAME, words, fix)
    return None
