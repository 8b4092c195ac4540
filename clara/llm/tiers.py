"""Model tiers: a prefix in the message chooses how capable a model answers."""

import re

from clara.messages import Tier

PREFIXES: dict[str, Tier] = {
    "!high": "high",
    "!opus": "high",
    "!mid": "mid",
    "!sonnet": "mid",
    "!low": "low",
    "!haiku": "low",
    "!fast": "low",
}
TIERS: tuple[Tier, ...] = ("high", "mid", "low")
DEFAULT_TIER: Tier = "mid"

_PREFIX = re.compile(rf"\s*({'|'.join(PREFIXES)})(?=\s|$)\s*", re.IGNORECASE)


def split_prefix(text: str) -> tuple[Tier | None, str]:
    """The tier that the first word asks for, and the text without that word.

    Adapters strip a mention of Clara first, so a prefix after a mention counts too.
    """
    found = _PREFIX.match(text)
    if not found:
        return None, text
    return PREFIXES[found[1].lower()], text[found.end() :]


CLASSIFIER_INSTRUCTION = (
    "You sort requests to an assistant by how capable a model they need. Answer with exactly one word: "
    "LOW for small talk, look-ups and simple rewording; MID for ordinary questions, short programs and "
    "multi-step help; HIGH for hard reasoning, long programs, design, mathematics or high stakes."
)


def parse_classification(answer: str) -> Tier:
    """The tier a classifying model named; anything unclear is the middle one."""
    words = re.findall(r"[A-Z]+", answer.upper())
    for word in words:
        if word.lower() in TIERS:
            return {"HIGH": "high", "MID": "mid", "LOW": "low"}[word]  # type: ignore[return-value]
    return DEFAULT_TIER
