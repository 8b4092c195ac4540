"""A person's words as sentences, each of them verbatim."""

import re

_END = re.compile(r"(?<=[.!?…。！？।؟۔])\s+|(?<=[。！？])|\n+")


def cut(said: str) -> list[str]:
    """The sentences of ``said``, in order, without the space around them."""
    return [sentence.strip() for sentence in _END.split(said) if sentence.strip()]
