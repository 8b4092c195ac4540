"""Text from outside, fit to be stored and sent on."""


def storable(text: str) -> str:
    """``text`` as Postgres and every encoder take it: without NUL, halves of surrogate pairs replaced or joined."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").replace("\0", "")
