"""What calls cost where the provider does not say so itself.

US dollars per million tokens, as the providers' public price lists gave them in November 2026:
Anthropic, platform.claude.com/docs/en/about-claude/pricing; OpenAI, developers.openai.com/api/docs/pricing.
Writing to Anthropic's five-minute cache costs a quarter more than reading afresh.
"""

import re
from dataclasses import dataclass

from clara.llm.models import Usage

CACHE_WRITE = 1.25


@dataclass(frozen=True)
class Price:
    input: float
    output: float
    cached: float
    """Input that was read from the provider's cache."""


_OPUS_4 = Price(15, 75, 1.50)
_OPUS = Price(5, 25, 0.50)
_SONNET = Price(3, 15, 0.30)

PRICES = {
    "claude-opus-4": _OPUS_4,
    "claude-opus-4-1": _OPUS_4,
    "claude-opus-4-5": _OPUS,
    "claude-opus-4-6": _OPUS,
    "claude-opus-4-7": _OPUS,
    "claude-opus-4-8": _OPUS,
    "claude-opus-5": _OPUS,
    "claude-opus-5-5": Price(4, 20, 0.20),
    "claude-sonnet-4": _SONNET,
    "claude-sonnet-4-5": _SONNET,
    "claude-sonnet-4-6": _SONNET,
    "claude-sonnet-5": Price(2, 10, 0.20),
    "claude-sonnet-5-5": Price(2, 10, 0.10),
    "claude-haiku-4-5": Price(1, 5, 0.10),
    "claude-haiku-5-5": Price(0.10, 0.50, 0.01),
    "gpt-4o": Price(2.50, 10, 1.25),
    "gpt-4o-mini": Price(0.15, 0.60, 0.075),
    "gpt-4.1": Price(2, 8, 0.50),
    "gpt-4.1-mini": Price(0.40, 1.60, 0.10),
    "gpt-4.1-nano": Price(0.10, 0.40, 0.025),
    "gpt-5": Price(1.25, 10, 0.125),
    "gpt-5-mini": Price(0.25, 2, 0.025),
    "gpt-5-nano": Price(0.05, 0.40, 0.005),
    "o3": Price(2, 8, 0.50),
    "o4-mini": Price(1.10, 4.40, 0.275),
}

LONG_PROMPT = 100_000
"""Tokens of input above which a price of LONG holds for the whole call."""

LONG = {"claude-haiku-5-5": Price(0.50, 2.50, 0.05)}

_DATED = re.compile(r"(-0)?(-\d{8}|-\d{4}-\d{2}-\d{2}|-latest)?$")


DEAREST = Price(
    max(price.input for price in PRICES.values()), max(price.output for price in PRICES.values()), _OPUS_4.cached
)
"""Of all; for caution where a price is not known."""


def cost(model: str, usage: Usage) -> float | None:
    """US dollars of one call by list price; None where the model is not in the list.

    ``model`` may carry a vendor ("anthropic/…"), a variant (":thinking") and a date. Only whole
    names count: a newer member of a family may cost a third of an older one.
    """
    price = _price(model, usage.input_tokens)
    if price is None:
        return None
    fresh = usage.input_tokens - usage.cached_tokens - usage.cache_write_tokens
    dollars = (
        fresh * price.input
        + usage.cached_tokens * price.cached
        + usage.cache_write_tokens * price.input * CACHE_WRITE
        + usage.output_tokens * price.output
    )
    return dollars / 1_000_000


def at_worst(model: str, input_tokens: int, output_tokens: int) -> float | None:
    """US dollars of a call of so many tokens of which nothing is read from a cache; None where no price is known."""
    price = _price(model, input_tokens)
    if price is None:
        return None
    return (input_tokens * price.input * CACHE_WRITE + output_tokens * price.output) / 1_000_000


def _price(model: str, input_tokens: int) -> Price | None:
    name = model.lower().rpartition("/")[2].partition(":")[0]
    if name.startswith("claude-"):
        name = name.replace(".", "-")
    name = _DATED.sub("", name)
    price = LONG.get(name) if input_tokens > LONG_PROMPT else None
    return price or PRICES.get(name)
