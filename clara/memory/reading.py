"""Whether Clara's reading of a sentence may stand beside it.

A reading is never given as said, yet it is listed and searched. So one is dropped, and the sentence kept
without, where it adds a name, a number or a "not", loses one, or has nothing of the sentence.
"""

import unicodedata
from collections.abc import Callable
from typing import Any

import regex as re  # whose words hold the vowels of Hindi

from clara.memory import languages, secrets, words
from clara.memory.kinds import KEYWORDS_LIMIT, READING_LIMIT, one_line

KEYWORD_LENGTH = 40
KEYWORD_WORDS = 3
SHARED = 0.6
"""Share of a reading's words that the sentence must hold; of its letter pairs where words are not set apart."""

_NUMBER = re.compile(r"(?<![\w.])[-\u2212]?\d+(?:[.,:/\u2044]\d+)*|\d+(?:[.,:/\u2044]\d+)*")
_STRUCK = re.compile("[\u0335-\u0338]")
"""Letters that are struck through."""

_WORD = re.compile(r"[^\W\d_]+")


def supported(given: Any, text: str, is_secret: Callable[[str], bool]) -> str | None:
    """``given`` as one line if it may stand beside the sentence ``text``, else None."""
    if not isinstance(given, str):
        return None
    line = one_line(given)
    if not line or len(line) > READING_LIMIT or _adds_names_or_numbers(line, text):
        return None
    if is_negated(line) != is_negated(text) or not _is_like(line, text) or is_secret(line):
        return None
    return line


def keywords(given: Any, text: str, is_secret: Callable[[str], bool]) -> tuple[str, ...]:
    """Those of a model's keywords that add no name and no number."""
    lines = [one_line(each) for each in given if isinstance(each, str)] if isinstance(given, list) else []
    kept = [
        line
        for line in lines
        if 0 < len(line) <= KEYWORD_LENGTH
        and len(line.split()) <= KEYWORD_WORDS
        and not _adds_names_or_numbers(f"x {line}", text)
        and not is_negated(line)
        and not is_secret(line)
    ]
    return tuple(dict.fromkeys(kept))[:KEYWORDS_LIMIT]


def is_negated(text: str) -> bool:
    """Whether there is a "not" in it, in one of the languages whose words for it are known here."""
    folded = secrets.fold(text, marks=True).casefold().replace("\u2019", "'")
    return (
        bool(_STRUCK.search(text))
        or any(word.replace("'", "") in languages.NOT for word in re.findall(r"[\w']+", folded))
        or bool(languages.NOT_WITHIN.search(folded))
    )


def _adds_names_or_numbers(line: str, text: str) -> bool:
    said = unicodedata.normalize("NFKC", text).casefold()
    folded = unicodedata.normalize("NFKC", line)
    if not set(_NUMBER.findall(folded)) <= set(_NUMBER.findall(said)):
        return True
    if any(c.isnumeric() and c not in said for c in line if not c.isdigit()) or "@" in line or "/" in line:
        return True
    told = set(_WORD.findall(said))
    if any(word in languages.COUNTS and word not in told for word in _WORD.findall(folded.casefold())):
        return True
    found = list(_WORD.finditer(folded))
    names = [
        each[0] for position, each in enumerate(found) if each[0] != each[0].casefold() and (position or _mid(each[0]))
    ]
    return any(name.casefold() not in told for name in names)


def _mid(word: str) -> bool:
    """A capital within a word makes it a name, wherever it stands."""
    return word[1:] != word[1:].casefold()


def _is_like(line: str, text: str) -> bool:
    needed, given = words.content(line), words.content(text)
    if not needed or not given or not _are_spaced(text):
        pairs, told = _pairs(line), _pairs(text)
        begins = _pairs(languages.BEGINNING_WITHIN.sub("", text)[:2]) <= pairs
        return bool(pairs) and begins and len(pairs & told) >= SHARED * len(pairs)
    if any(flip + word in given for flip in languages.FLIPS for word in needed if len(word) > 2):
        return False
    if any(word == flip + each for flip in languages.FLIPS for word in needed for each in given if len(each) > 2):
        return False
    return _begins(needed, text) and sum(_has(given, word) for word in needed) >= SHARED * len(needed)


def _begins(needed: set[str], text: str) -> bool:
    """Whether a reading has what its sentence begins with: "If I", "My boss says" and "I dreamt" are left off else."""
    folded = unicodedata.normalize("NFKC", text).casefold().replace("\u2019", "'")
    for word in re.findall(r"[\w']+", folded):
        meaning = words.content(word)
        if meaning and word not in languages.BEGINNINGS and not is_negated(word):
            return all(_has(needed, each) for each in meaning if each not in languages.BEGINNINGS)
    return True


def _has(given: set[str], word: str) -> bool:
    """Word for word, or alike in all but the ending: "wohnt" and "wohne"."""
    stem = word[: max(4, len(word) - 2)]
    return word in given or (len(stem) >= 4 and any(each.startswith(stem) for each in given))


def _are_spaced(text: str) -> bool:
    return not re.search(r"[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff]", text)


def _pairs(text: str) -> set[str]:
    folded = "".join(c for c in unicodedata.normalize("NFKC", text).casefold() if c.isalnum())
    return {folded[start : start + 2] for start in range(len(folded) - 1)}
