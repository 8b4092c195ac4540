"""Passwords and the like as people tell them: the word for it in their language, and beside it what looks like one."""

import re
import unicodedata

from clara.memory import languages

_IS = re.compile(
    r"^(?:[\s,]+[^\W\d_]+){0,4}?\s*(?:[:=\uff1a]|(?<!\w)(?:is|ist|lautet|war|was|est|es|era|è|é|er|är|jest|on|to|это|είναι|הוא|"
    r"هي|هو|है|adalah|là)(?!\w)|是|は|为|為|[는은이가]\s|คือ|[\u2013\u2014-]\s)\s*[\"'“”„«\u300c]?(?P<value>[^\s\"'“”„«»\u300c\u300d]+)"
    r"(?P<rest>[^\n]*)"
)
_MORE = re.compile(r"\s*\d{3,}")
_VALUE = re.compile(r"[A-Za-z0-9!@#$%^&*_+=~.,;:?/\\|-]{3,}")
_LOOK = 60


def fold(text: str, marks: bool = False) -> str:
    """``text`` as it is searched: nothing invisible in it, wide letters and digits as plain ones.

    Without ``marks`` also without what is set above and below letters.
    """
    plain = unicodedata.normalize("NFKC", text)
    hidden = ("Cf", "Cc") if marks else ("Cf", "Cc", "Mn")
    visible = "".join(c for c in plain if unicodedata.category(c) not in hidden or c in "\n\t")
    return "".join(str(unicodedata.decimal(c)) if c.isdecimal() and not c.isascii() else c for c in visible)


_TOGETHER = re.compile(r"[\u0e00-\u0e7f\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7af]")
"""Scripts in which words are not set apart, or end in particles."""


def _pattern(word: str) -> str:
    if word.isascii():
        return rf"(?<!\w){re.escape(word)}(?!\w)"
    start = "" if _TOGETHER.search(word) else r"(?<!\w)"  # the endings vary
    return start + re.escape(fold(word).casefold())


_KEYWORD = re.compile("|".join(_pattern(word) for word in sorted(languages.PASSWORDS, key=len, reverse=True)))


def tells(text: str) -> bool:
    """Whether ``text``, folded, tells a password and does not only speak of one."""
    lowered = text.casefold()
    for found in _KEYWORD.finditer(lowered):
        after, before = text[found.end() :], text[max(0, found.start() - _LOOK) : found.start()]
        if _follows(after) or _precedes(before):
            return True
    return False


def _follows(after: str) -> bool:
    stated = _IS.match(after)
    if stated:
        value, rest = stated["value"].rstrip(".,!。"), stated["rest"].strip(" .!\"'”“»\u300d。")
        if (
            _is_valuelike(value)
            or (len(value) < 4 and _MORE.match(stated["rest"]))
            or (not rest and not _is_plain(value))
        ):
            return True
    head = after[:_LOOK].split("\n")[0]
    tokens = _VALUE.findall(head)
    return any(_is_mixed(token) for token in tokens) or bool(re.match(r"\W{0,4}\d{4,}", head))


def _precedes(before: str) -> bool:
    tokens = _VALUE.findall(before.split("\n")[-1])
    return any(_is_mixed(token) for token in tokens[-5:]) or bool(
        re.search(r"(?<![\d/.-])\d{4,8}\W+[^\W\d_]+\W+[^\W\d_]*\W*$", before)
    )


def _is_valuelike(value: str) -> bool:
    return _is_mixed(value) or bool(re.fullmatch(r"\d[\d -]{2,}", value))


def _is_mixed(token: str) -> bool:
    """Letters with digits or signs among them, as in "hunter2" and "s3cr3t!"."""
    word = token.strip(".,;:!?-")
    letters, digits = any(c.isalpha() for c in word), any(c.isdigit() for c in word)
    inner = any(c in "@#$%^&*_+=~!|\\" for c in word)
    return len(word) >= 4 and ((letters and digits) or (letters and inner) or (digits and inner))


def _is_plain(value: str) -> bool:
    return value.casefold() in languages.PLAIN
