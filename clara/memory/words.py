"""Words as they are compared: folded, lightly stemmed, without those that carry no meaning."""

import re
import unicodedata

_TOKEN = re.compile(r"[^\W_]+")

_EMPTY_WORDS = (
    "a an the and or but of to in on at by for from with as is are was were be been being am do does did has have had "
    "having will would can could should may might must i me my mine myself we us our ours you your yours he him his "
    "she her hers it its they them their theirs this that these those there here who whom which what when where why "
    "how not no so very really just also too than then now user person someone s t m re ve ll d "
    "der die das den dem des ein eine einen einem einer und oder aber von zu im in am an auf bei für mit als ist sind "
    "war waren bin bist sein hat habe haben hatte ich mich mir mein meine meinen meinem meiner du dich dir wir uns "
    "unser unsere er sie es ihr ihn ihm nicht kein keine sehr auch so dann nun jetzt heißt"
)
_EMPTY = frozenset(_EMPTY_WORDS.split())

_NEGATIONS = frozenset({"not", "no", "never", "don't", "doesn't", "isn't", "nicht", "kein", "keine", "nie", "niemals"})


def tokens(text: str) -> list[str]:
    """All words of ``text``, folded and stemmed."""
    folded = unicodedata.normalize("NFKC", text).casefold().replace("\u2019", "'")
    return [_stem(word) for word in _TOKEN.findall(folded)]


def content(text: str) -> set[str]:
    """The words of ``text`` that carry meaning."""
    folded = unicodedata.normalize("NFKC", text).casefold().replace("\u2019", "'")
    return {_stem(word) for word in _TOKEN.findall(folded) if word not in _EMPTY}


def negated(text: str) -> bool:
    folded = text.casefold().replace("\u2019", "'")
    return any(word in _NEGATIONS or word.endswith("n't") for word in re.findall(r"[\w']+", folded))


def _stem(word: str) -> str:
    for ending in ("ing", "ed", "es", "s", "e"):
        if len(word) - len(ending) >= 3 and word.endswith(ending):
            word = word[: -len(ending)]
            break
    return word[:-1] + "i" if len(word) > 3 and word.endswith("y") else word
