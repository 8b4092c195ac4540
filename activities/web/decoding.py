"""Which characters the bytes of a page stand for. Runs in the process of ``activities.web.child``."""

import codecs
import re

from activities.files import texts

_DECLARED = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w.:-]{2,40})", re.IGNORECASE)
_XML = re.compile(rb"^\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([\w.:-]{2,40})[\"']", re.IGNORECASE)
_BEGINNING = 4096
"""Bytes in which a page may say it; browsers look at 1024."""

_MEANT = {"iso8859-1": "cp1252", "ascii": "cp1252", "utf-16": "utf-8", "utf-16-le": "utf-8", "utf-16-be": "utf-8"}
"""What browsers take for a declared charset: pages in Latin-1 have Windows' quotes, and one that could say in
readable bytes that it is UTF-16 is not."""

_NOT_TEXT = {"base64", "bz2", "hex", "quopri", "rot13", "uu", "zlib", "unicode_escape", "raw_unicode_escape", "idna"}
"""Codecs of Python's that are no charsets."""


def decode(data: bytes, declared: str) -> str | None:
    """A page's text, by its first bytes, then by what its server and it itself declare, else guessed; None if none."""
    if data.startswith((codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return texts.decode(data)
    for name, in_page in ((declared, False), *((found, True) for found in _in_page(data))):
        codec = _codec(name)
        if codec is None:
            continue
        codec = _MEANT.get(codec, codec) if in_page or not codec.startswith("utf-16") else codec
        try:
            text = data.decode(codec, "strict" if codec == "utf-8" else "replace")
        except UnicodeDecodeError as error:
            # A page that is cut, or has a broken character or two, is UTF-8 all the same; one in Latin-1 is not.
            if error.start < len(data) - 4:
                continue
            text = data.decode(codec, "replace")
        if "\0" not in text[:_BEGINNING]:
            return text
    return texts.decode(data)


def _in_page(data: bytes) -> list[str]:
    beginning = data[:_BEGINNING]
    return [found[1].decode("ascii") for pattern in (_XML, _DECLARED) if (found := pattern.search(beginning))]


def _codec(name: str) -> str | None:
    """The codec of Python's for a charset; None if there is none."""
    try:
        found = codecs.lookup(name.strip().lower()).name
    except (LookupError, ValueError):
        return None
    return None if found.replace("-", "_") in _NOT_TEXT else found
