"""Text from outside, safe to print.

A model's answer or a pasted message may hold escape sequences that would move the cursor, change
the window's title or write to the clipboard; Postgres refuses NUL, and no encoder takes half of a
surrogate pair.
"""

_KEPT = "\n\t"
_TABLE: dict[int, str | None] = {code: None for code in (*range(0x20), *range(0x7F, 0xA0)) if chr(code) not in _KEPT}
_TABLE[ord("\r")] = "\n"
_TABLE.update({code: "�" for code in range(0xD800, 0xE000)})


def printable(text: str) -> str:
    """``text`` without control characters but for line ends and tabs. What grows at its end stays a prefix."""
    return text.replace("\r\n", "\n").translate(_TABLE)


def one_line(text: str, limit: int) -> str:
    """The beginning of ``text`` on one line of at most ``limit`` characters."""
    flat = " ".join(printable(text[: limit * 4]).split())
    return flat if len(flat) <= limit else flat[: limit - 1].rstrip() + "…"


def excerpt(text: str, limit: int) -> str:
    """``text``, cut to ``limit`` characters and saying so."""
    if len(text) <= limit:
        return printable(text)
    return f"{printable(text[:limit])}\n(and {len(text) - limit:,} characters more)"
