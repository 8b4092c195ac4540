"""Finding tools by words: which of hundreds fit what a model wants to do.

Words that few tools have count more than words that many have, and a tool's name more than its description.
"""

import math
import re
from collections import Counter
from collections.abc import Mapping

NAME_WEIGHT = 3.0

_WORD = re.compile(r"[^\W_]+")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_ENDINGS = ("ing", "es", "s", "ed", "e")


def search(query: str, tools: Mapping[str, str], limit: int) -> list[str]:
    """The names of the tools that fit ``query`` best, best first; ``tools`` maps names to descriptions."""
    texts = {name: (words(name), words(description)) for name, description in tools.items()}
    spread = Counter(word for in_name, in_text in texts.values() for word in {*in_name, *in_text})
    wanted = set(words(query))

    def score(name: str) -> float:
        in_name, in_text = texts[name]
        return sum(
            math.log(1 + len(tools) / spread[word]) * (NAME_WEIGHT * (word in in_name) + (word in in_text))
            for word in wanted
            if word in spread
        ) / math.sqrt(1 + math.log(1 + len(in_name) + len(in_text)))

    ranked = sorted(((score(name), name) for name in tools), key=lambda each: (-each[0], each[1]))
    return [name for points, name in ranked[:limit] if points > 0]


def words(text: str) -> list[str]:
    """Its words, small and without their endings: "createIssues" has "creat" and "issu" beside "createissu"."""
    found: list[str] = []
    for word in _WORD.findall(text):
        parts = _CAMEL.split(word)
        found += parts if len(parts) == 1 else [*parts, word]
    return [_stem(word.lower()) for word in found]


def _stem(word: str) -> str:
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return _stem(word[: -len(ending)]) if ending in ("es", "s") else word[: -len(ending)]
    return word
