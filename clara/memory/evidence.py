"""Whether a fact may be kept: the person said it, and it is a fact and not an order.

The extracting model may be fooled by what it reads, so nothing here trusts it. Its quotation must
occur in the person's own words, and its sentence must be made of that quotation's words.
"""

import re
import unicodedata
from typing import Literal

from clara.memory import words

Verdict = Literal["accepted", "unsaid", "unsupported", "instruction", "secret"]

SUPPORT = 0.5
"""Share of a fact's words that its quotation must hold: models rephrase, inventions share little."""

_ORDER = re.compile(
    r"^\W*(please|ensure|make sure|remember to|from now on|whenever|ignore|disregard|forget|do not|don't|"
    r"(you|clara|the assistant|assistant|the ai|ai|the model) (must|should|shall|will|has to|have to|needs? to|may|"
    r"is|are|always|never)|must|should|system\b|(always|never)\s+(?!\w+s\b))",
    re.IGNORECASE,
)
_FORBIDDEN = re.compile(
    r"\bbcc\b|\bcc'?d?\b|\bforward(s|ed|ing)?\b.{0,40}\b(mails?|e-?mails?|messages?|to)\b|"
    r"\bsend(s|ing)?\b.{0,60}(@|https?:|\b(copy|copies|every|all|mails?|e-?mails?|messages?|files?|data|money)\b)|"
    r"\b(ignore|disregard|override|bypass)\b.{0,30}\b(instructions?|rules?|prompts?|polic\w+|safety|approvals?)\b|"
    r"\bsystem prompt\b|\bwithout (asking|approval|permission|telling)\b|\bexfiltrat\w*|\brm -rf\b|\bcurl\b|"
    r"\b(run|execute|call|invoke)s?\b.{0,20}\b(tool|command|script|code|shell)\b|\btransfers?\b.{0,40}\b(to|money|\$|€)|"
    r"\b(approve|auto-?approve|confirm)s?\b.{0,20}\b(all|every|any)\b",
    re.IGNORECASE,
)
_SECRET = re.compile(
    r"\b(pass(word|phrase|wort)|pin( code)?|api[ _-]?key|secret key|private key|access token|2fa|otp|cvv)\b|"
    r"\b(sk|pk|ghp|gho|xox[abp]|glpat)[-_][A-Za-z0-9_-]{8,}|\bAKIA[A-Z0-9]{12,}|\b(?=[A-Za-z]*\d)[A-Za-z0-9_-]{32,}\b|"
    r"\b\d{4}[ -]?\d{4}[ -]?\d{4}[ -]?\d{4}\b",
    re.IGNORECASE,
)
_CLAUSES = re.compile(r"[,;.:\u2013\u2014-]\s|\b(but|instead|any ?more|aber|sondern)\b", re.IGNORECASE)
_NAME = re.compile(r"(?<!^)(?<![.!?] )\b[A-ZÄÖÜ][\w-]+|\S*[\d@]\S*")


def judge(text: str, quote: str, said: str) -> Verdict:
    """Whether ``text`` may be kept as a fact on the ground of ``quote``; ``said`` is ``speech.spoken``."""
    if not is_said(quote, said):
        return "unsaid"
    if _SECRET.search(text) or _SECRET.search(quote):
        return "secret"
    if is_order(text) or _FORBIDDEN.search(quote):
        return "instruction"
    return "accepted" if supports(quote, text) else "unsupported"


def is_said(quote: str, said: str) -> bool:
    """Whether the person said ``quote``: word for word, whatever the case and the spacing."""
    wanted = _flat(quote)
    return bool(words.content(quote)) and wanted in _flat(said)


def is_order(text: str) -> bool:
    """Whether ``text`` would tell Clara what to do: such a sentence is no fact about the person."""
    return bool(_ORDER.search(text) or _FORBIDDEN.search(text))


def holds_secret(text: str) -> bool:
    """Whether ``text`` looks like it carries a password, key or card number: never kept."""
    return bool(_SECRET.search(text))


def supports(quote: str, text: str) -> bool:
    """Whether ``text`` is made of what ``quote`` says: half of its words, and every name and number."""
    needed, given = words.content(text), words.content(quote)
    if not needed or len(needed & given) < SUPPORT * len(needed):
        return False
    names = {token for name in _NAME.findall(text) for token in words.content(name)}
    return names <= given and _same_polarity(quote, text)


def _same_polarity(quote: str, text: str) -> bool:
    """Not "likes coffee" from "I don't like coffee"; a quotation of several clauses may hold both."""
    if words.negated(text):
        return words.negated(quote)
    return not words.negated(quote) or bool(_CLAUSES.search(quote))


def _flat(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().replace("\u2019", "'").split()).strip(" .!?,;:\"'")
