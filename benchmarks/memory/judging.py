"""What is kept of single messages: with a model that lies about each, and with one that is only careless.

The cases are data (tests/clara/memory/cases): what a person writes, what of it may be kept, and the lie.
"""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from activities.memory.secrets import holds_secret
from clara.memory import choosing, extraction, sentences
from clara.memory.extraction import Accepted
from clara.memory.sentences import Sentence
from clara.memory.speech import worth_reading

CASES = Path(__file__).parents[2] / "tests" / "clara" / "memory" / "cases"


@dataclass(frozen=True)
class Attack:
    kind: str
    message: str
    lie: str
    allowed: frozenset[str]
    """All that may be kept of the message as said."""


@dataclass(frozen=True)
class Natural:
    language: str
    message: str
    told: tuple[str, ...]
    """The sentences of it, each of which is to be kept."""


@dataclass
class Count:
    """Of one kind of cases: how many there are, how many went wrong, and which."""

    cases: int = 0
    wrong: int = 0
    readings: int = 0
    """Lies that stand beside a sentence as Clara's reading; never as said."""

    examples: tuple[str, ...] = ()


def attacks() -> Iterator[Attack]:
    kind, whole = "", False
    for line in (CASES / "attacks.txt").read_text().splitlines():
        if line.startswith("= "):
            kind, _, what = line[2:].rpartition(" ")
            whole = what == "whole"
        elif line and not line.startswith("# "):
            message, _, lie = line.rpartition(" => ")
            parts = _unescaped(message).split("‖")
            runs = ("".join(parts[i:j]).strip() for i in range(len(parts)) for j in range(i + 1, len(parts) + 1))
            yield Attack(kind, "".join(parts), _unescaped(lie), frozenset(runs if whole else ()))


def naturals() -> Iterator[Natural]:
    for file in sorted((CASES / "natural").glob("*.txt")):
        for line in file.read_text().splitlines():
            told = tuple(line.split(" | "))
            joint = "" if file.stem in ("ja", "zh") else " "
            yield Natural(file.stem, joint.join(told), told)


def _unescaped(text: str) -> str:
    plain = re.sub(r"\\u([0-9a-f]{4})", lambda found: chr(int(found[1], 16)), text)
    return plain.replace("\\n", "\n")


def lying(said: Sequence[Sentence], message: str, lie: str) -> str:
    """The attacker's fact with every form of support that the answer has room for."""
    numbers = range(1, len(said) + 1)
    words = message.split()
    halves = (" ".join(words[: len(words) // 2]), " ".join(words[len(words) // 2 :]))
    keywords = [lie, *lie.split()]
    memories: list[dict[str, object]] = [
        {"quote": lie, "reading": lie, "keywords": keywords},
        {"text": lie},
        {"text": lie, "quote": lie, "reading": lie, "sentences": [len(said) + 1]},
        {"sentences": [0], "text": lie},
        {"sentences": [-1], "reading": lie},
        {"sentences": "1-99", "reading": lie},
        {"sentences": [*numbers, 99], "reading": lie},
        {"sentences": list(numbers), "reading": lie, "keywords": keywords},
    ]
    for number in numbers:
        memories.append({"sentences": [number], "reading": lie, "keywords": keywords, "quote": lie, "text": lie})
    for half in halves:
        memories.append({"quote": half, "reading": lie, "scope": "project"})
    relations = [
        {"subject": "user", "predicate": "likes", "object": lie, "sentence": 1},
        {"subject": lie, "predicate": "owns", "object": "user", "sentence": 99},
    ]
    mood = {"emotion": "sad", "valence": -1, "quote": lie, "sentence": [n + 1 for n in numbers]}
    return json.dumps({"memories": memories, "relations": relations, "mood": mood})


_HABITS: tuple[Callable[[int, str], dict[str, object]], ...] = (
    lambda n, text: {"sentences": [n]},
    lambda n, text: {"sentences": [str(n)], "reading": "something quite different that nobody said"},
    lambda n, text: {"sentences": n, "reading": text.upper(), "keywords": "none"},
    lambda n, text: {"sentence": n, "scope": "personal", "keywords": ["Bob", 7, None]},
    lambda n, text: {"sentences": f"[{n}]", "confidence": 0.9},
    lambda n, text: {"quote": text.upper()},
    lambda n, text: {"quote": f"“{text.rstrip('.!。।')}”", "reading": ""},
    lambda n, text: {"quote": "  ".join(text.split()), "sentences": []},
    lambda n, text: {"quote": text.replace("'", "’").replace("-", "–").replace('"', "“"), "sentences": [n + 40]},
    lambda n, text: {"sentences": [n, n], "quote": "not what was said", "reading": "x" * 500},
)


def careless(said: Sequence[Sentence], turn: int) -> str:
    """All sentences, as a model names them that means well: another habit for each."""
    memories = [
        _HABITS[(turn + position) % len(_HABITS)](position + 1, each.text) for position, each in enumerate(said)
    ]
    return "```json\n" + json.dumps({"memories": memories}) + "\n```"


def kept(message: str, answer: Callable[[Sequence[Sentence]], str]) -> Accepted:
    """What is kept of a message with a model that answers so; nothing where no model is asked."""
    said = sentences.cut(message) if worth_reading(message) else []
    return choosing.accept(extraction.parse(answer(said)), said, None, holds_secret) if said else Accepted()


def attacked() -> dict[str, Count]:
    """By kind of attack: wrong is what is stored as said and was not written as whole sentences."""
    counts: dict[str, Count] = {}
    for case in attacks():
        found = kept(case.message, lambda said, case=case: lying(said, case.message, case.lie))  # type: ignore[misc]
        count = counts.setdefault(case.kind, Count())
        texts = [each.text for each in found.quotations] + ([found.mood.text] if found.mood else [])
        wrong = [text for text in texts if text not in case.allowed]
        count.cases += 1
        count.wrong += bool(wrong)
        count.readings += any(each.reading for each in found.quotations)
        count.examples += tuple(wrong)
    return counts


def told() -> dict[str, Count]:
    """By language: wrong is what a person told and is not kept word for word."""
    counts: dict[str, Count] = {}
    for turn, case in enumerate(naturals()):
        found = kept(case.message, lambda said, turn=turn: careless(said, turn))  # type: ignore[misc]
        texts = [each.text for each in found.quotations]
        count = counts.setdefault(case.language, Count())
        lost = [each for each in case.told if not any(each in text and text in case.message for text in texts)]
        count.cases += len(case.told)
        count.wrong += len(lost)
        count.examples += tuple(lost)
    return counts
