"""Whether Clara's reading of a sentence may stand beside it.

A reading is never given as said, yet it is listed and searched. So one is dropped, and the sentence kept
without, where it adds a name, a number or a "not", loses one, or has nothing of the sentence.
"""

import re
import unicodedata
from collections.abc import Callable
from typing import Any

from clara.memory import words
from clara.memory.kinds import KEYWORDS_LIMIT, READING_LIMIT

KEYWORD_LENGTH = 40
SHARED = 0.5
"""Share of a reading's words that the sentence must hold; of its letter pairs where words are not set apart."""

_NUMBER = re.compile(r"\d+(?:[.,:/]\d+)*")
_WORD = re.compile(r"[^\W\d_]+")
_FLIPS = ("dis", "un", "in", "im", "ir", "il", "non", "mis", "anti", "im", "dés", "des", "不", "非", "無", "无", "не")
_NOT = frozenset(
    (
        "not no never none nobody nothing neither nor without cannot cant dont doesnt didnt isnt arent wasnt wont "
        "wouldnt hate hates dislike dislikes avoid avoids stopped quit former formerly nicht kein keine keinen keinem "
        "keiner nie niemals nichts ohne weder hasse ne pas jamais rien aucun aucune sans non nunca jamás nada sin "
        "ningún ninguna tampoco mai niente senza nessun nessuno нет не ни никогда без ничего değil yok hiç asla "
        "لا ليس لم لن ما بدون لست नहीं ना मत बिना não nem sem nie bez ikke ingen aldrig inte niet geen nooit "
        "tidak bukan không ไม่"
    ).split()
)
_NOT_WITHIN = re.compile(r"n['\u2019]t\b|\bn['\u2019]|[不没沒無无非未別别]|ない|ません|なかった|ぬ\b|안 |않|못|없|아니|ไม่|m[aeıiuü]z\b|m[ıiuü]yor")


def supported(given: Any, text: str, is_secret: Callable[[str], bool]) -> str | None:
    """``given`` as one line if it may stand beside the sentence ``text``, else None."""
    if not isinstance(given, str):
        return None
    line = " ".join("".join(c if c.isprintable() else " " for c in given).split())
    if not line or len(line) > READING_LIMIT or _adds_names_or_numbers(line, text):
        return None
    if is_negated(line) != is_negated(text) or not _is_like(line, text) or is_secret(line):
        return None
    return line


def keywords(given: Any, text: str, is_secret: Callable[[str], bool]) -> tuple[str, ...]:
    """Those of a model's keywords that add no name and no number."""
    lines = [" ".join(each.split()) for each in given if isinstance(each, str)] if isinstance(given, list) else []
    kept = [
        line
        for line in lines
        if 0 < len(line) <= KEYWORD_LENGTH
        and line.isprintable()
        and not _adds_names_or_numbers(f"- {line}", text)
        and not is_negated(line)
        and not is_secret(line)
    ]
    return tuple(dict.fromkeys(kept))[:KEYWORDS_LIMIT]


def is_negated(text: str) -> bool:
    """Whether there is a "not" in it, in one of the languages whose words for it are known here."""
    folded = unicodedata.normalize("NFKC", text).casefold().replace("\u2019", "'")
    return any(word.replace("'", "") in _NOT for word in re.findall(r"[\w']+", folded)) or bool(
        _NOT_WITHIN.search(folded)
    )


def _adds_names_or_numbers(line: str, text: str) -> bool:
    said = unicodedata.normalize("NFKC", text).casefold()
    folded = unicodedata.normalize("NFKC", line)
    if not set(_NUMBER.findall(folded)) <= set(_NUMBER.findall(said)):
        return True
    if any(c.isnumeric() and c not in said for c in line if not c.isdigit()) or "@" in line or "/" in line:
        return True
    told = set(_WORD.findall(said))
    found = list(_WORD.finditer(folded))
    names = [each[0] for position, each in enumerate(found) if each[0] != each[0].casefold() and (position or _mid(each[0]))]
    return any(name.casefold() not in told for name in names)


def _mid(word: str) -> bool:
    """A capital within a word makes it a name, wherever it stands."""
    return word[1:] != word[1:].casefold()


def _is_like(line: str, text: str) -> bool:
    needed, given = words.content(line), words.content(text)
    if needed and given and any(_spaced(word) for word in needed):
        if any(flip + word in given for flip in _FLIPS for word in needed if len(word) > 2):
            return False
        if any(word == flip + each for flip in _FLIPS for word in needed for each in given if len(each) > 2):
            return False
        return sum(_has(given, word) for word in needed) >= SHARED * len(needed)
    pairs, told = _pairs(line), _pairs(text)
    return bool(pairs) and len(pairs & told) >= SHARED * len(pairs)


def _has(given: set[str], word: str) -> bool:
    """Word for word, or alike in all but the ending: "wohnt" and "wohne"."""
    stem = word[: max(4, len(word) - 2)]
    return word in given or (len(stem) >= 4 and any(each.startswith(stem) for each in given))


def _spaced(word: str) -> bool:
    return not re.search(r"[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff]", word)


def _pairs(text: str) -> set[str]:
    folded = "".join(c for c in unicodedata.normalize("NFKC", text).casefold() if c.isalnum())
    return {folded[start : start + 2] for start in range(len(folded) - 1)}
