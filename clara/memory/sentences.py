"""A person's words as sentences, each of them verbatim."""

import re

_END = re.compile("(?<=[.!?…\u3002\uff01\uff1f\u0964\u061f\u06d4])\\s+|(?<=[\u3002\uff01\uff1f])|\n+")


def cut(said: str) -> list[str]:
    """The sentences of ``said``, in order, without the space around them."""
    return [sentence.strip() for sentence in _END.split(said) if sentence.strip()]
