"""A mark in what Clara creates, which nobody sees on the page, by which it is found again if an answer was lost."""

import hashlib


def mark(key: str) -> str:
    """The mark of one call. It tells nothing of whoever made it."""
    return f"<!-- clara:{hashlib.sha256(key.encode()).hexdigest()[:32]} -->"


def marked(body: str, key: str) -> str:
    return f"{body}\n\n{mark(key)}" if body else mark(key)
