"""A mark in what Clara creates, which nobody sees on the page, by which it is found again if an answer was lost."""

import hashlib


def digest(key: str) -> str:
    """What marks one call where there is a place for it that is not text. It tells nothing of whoever made it."""
    return hashlib.sha256(key.encode()).hexdigest()[:32]


def mark(key: str) -> str:
    """The mark of one call, in text."""
    return f"<!-- clara:{digest(key)} -->"


def marked(body: str, key: str) -> str:
    return f"{body}\n\n{mark(key)}" if body else mark(key)
