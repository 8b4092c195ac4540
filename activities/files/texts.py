"""Text files: which encoding, and whether it is text at all."""

import codecs
import re

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark is the beginning of this one
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_WIDE = ["utf_16_le", "utf_16_be"]
"""Half of what they make of Western text are zeros, which no other encoding has."""

_LIKELY = [
    *("cp1252", "cp1251", "koi8_r", "cp1253", "cp1255", "cp1256"),
    *("cp932", "euc_jp", "euc_kr", "gb18030", "big5"),
]
"""What is guessed among: of all encodings there are, short texts resemble too many."""

_SAMPLE = 64 * 1024
_CONTROLS = re.compile(r"[\0-\x06\x0e-\x19\x1c-\x1f]")
"""What no text has; terminals' output has bells, backspaces and escapes, and old files end with 0x1A."""


def decode(data: bytes) -> str | None:
    """The file as text; None if it is none."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data.decode(encoding, "replace")
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return _guessed(data)
    return text if "\0" not in text else _guessed(data)


def _guessed(data: bytes) -> str | None:
    from charset_normalizer import from_bytes

    sample = data[:_SAMPLE]
    best = from_bytes(sample, cp_isolation=_WIDE if b"\0" in sample else _LIKELY).best()
    if best is None:
        return None
    text = data.decode(best.encoding, "replace")
    return None if _CONTROLS.search(text) else text
