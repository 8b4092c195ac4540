"""Passwords, keys and card numbers, which are never kept."""

import re

_SECRET = re.compile(
    r"\b(pass(word|phrase|wort)|pin( code)?|api[ _-]?key|secret key|private key|access token|2fa|otp|cvv)\b|"
    r"\b(sk|pk|ghp|gho|xox[abp]|glpat)[-_][A-Za-z0-9_-]{8,}|\bAKIA[A-Z0-9]{12,}|\b(?=[A-Za-z]*\d)[A-Za-z0-9_-]{32,}\b|"
    r"\b\d{4}[ -]?\d{4}[ -]?\d{4}[ -]?\d{4}\b",
    re.IGNORECASE,
)


def holds_secret(text: str) -> bool:
    """Whether ``text`` looks like it carries a password, key or card number."""
    return bool(_SECRET.search(text))
