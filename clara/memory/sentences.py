"""A person's own words as sentences, each of them as it was written.

A wrong cut is worse than none: "I do not believe that Dr. | Miller is a fraud" holds a lie. So a text is
cut only where the rules of all languages agree that a sentence ends, and where nothing here objects.
Two sentences that stay together are still true.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from clara.memory import speech

SPOKEN_LIMIT = 2_000
"""Characters of one message that are considered at all."""

LANGUAGES = (
    *("am", "ar", "bg", "bn", "ca", "cs", "da", "de", "el", "en", "es", "fi", "fr", "hi", "it", "ja", "kk", "ko"),
    *("nl", "pl", "pt", "ro", "ru", "sk", "ta", "tr", "uk", "zh"),
)
"""Whose abbreviations are looked for in every text: nobody says in which language it is."""

_PAIRS = {"“": "”", "«": "»", "\u300c": "\u300d", "\u300e": "\u300f", "(": ")", "[": "]", "\uff08": "\uff09"}
_CLOSING = frozenset("\"'\u201d\u2019\u201c\u00bb\u203a\u300d\u300f)]\uff09\u300b")
_DOUBTFUL_END = re.compile(r"(?:\.\.|…|(?<!\d)\d{1,3}\.|(?<!\w)\w\.)\Z")  # a pause, "3. Mai", "J. Miller"


@dataclass(frozen=True)
class Sentence:
    """One sentence, verbatim but for an ellipsis in place of a link or code."""

    text: str
    paragraph: int
    """The same for sentences that follow each other with nothing left out between them."""

    gap: str = ""
    """The space that stands before it in its paragraph."""


def cut(message: str) -> list[Sentence]:
    """The sentences of a message that are the person's own, at most SPOKEN_LIMIT characters of them."""
    found: list[Sentence] = []
    room = SPOKEN_LIMIT
    number = 0
    for paragraph in speech.own(message):
        number += 1
        end = 0
        for start, stop in _spans(paragraph):
            text = paragraph[start:stop]
            gap = paragraph[end:start]
            end = stop
            if speech.BROKEN in text:
                number += 1
                continue
            room -= len(text)
            if room < 0:
                return found
            if any(character.isalnum() for character in text):
                found.append(Sentence(text.replace(speech.SHOWN, "…"), number, gap))
            else:
                number += 1
    return found


def together(sentences: Sequence[Sentence]) -> str:
    """Sentences that follow each other, as they stand in the message."""
    return sentences[0].text + "".join(each.gap + each.text for each in sentences[1:])


def _spans(paragraph: str) -> Iterator[tuple[int, int]]:
    start = 0
    for end in (*_ends(paragraph), len(paragraph)):
        text = paragraph[start:end]
        first = start + len(text) - len(text.lstrip())
        last = start + len(text.rstrip())
        if first < last:
            yield first, last
        start = end


def _ends(paragraph: str) -> list[int]:
    """Where all languages agree that a sentence ends, and nothing speaks against it."""
    from sentencex import get_sentence_boundaries  # here, because workflows import this package too

    agreed: set[int] | None = None
    for language in LANGUAGES:
        ends = {int(each["end_index"]) for each in get_sentence_boundaries(language, paragraph)}
        agreed = ends if agreed is None else agreed & ends
        if len(agreed) < 2:
            break
    return [end for end in sorted(agreed or ()) if _is_sure(paragraph[:end].rstrip(), paragraph[end:].lstrip())]


def _is_sure(before: str, after: str) -> bool:
    if not before or not after or _DOUBTFUL_END.search(before) or after[0].islower() or before[-1] in _CLOSING:
        return False  # “I am rich.” That's what he says
    if before.count('"') % 2 or before.count("„") > before.count("“") + before.count("”"):
        return False
    opened = {"“"} if "„" in before else set()  # “ closes there
    return all(before.count(left) <= before.count(right) for left, right in _PAIRS.items() if left not in opened)
