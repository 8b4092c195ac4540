"""Changing values in a file of settings, and nothing else in it: comments, order and unknown lines stay.

Values are quoted so that Clara's reader, python-dotenv, gives back exactly what was written.
"""

import io
import os
import re
from collections.abc import Mapping
from pathlib import Path

from dotenv import dotenv_values
from dotenv.parser import Binding, parse_stream

from clara.errors import UserError
from gateway.home.record import write_private

_PLAIN = re.compile(r"[A-Za-z0-9_./:@%+,=~^-]*")
"""What needs no quotes."""

_INTERPOLATED = "${"
_LITERAL = "${__:-$}{"
"""python-dotenv puts variables into values whatever their quotes. This one is never set, so its default counts."""


def quoted(value: str) -> str:
    """``value`` as it stands in a file. UserError if it has a line end or another control character in it."""
    if not value.isprintable():
        raise UserError("A setting is one line of text without control characters.")
    if _PLAIN.fullmatch(value):
        return value
    escaped = value.replace("\\", "\\\\").replace("'", "\\'").replace(_INTERPOLATED, _LITERAL)
    return f"'{escaped}'"


def changed(text: str, changes: Mapping[str, str]) -> str:
    """``text`` with these values. A name that is there twice is there once afterwards."""
    bindings = list(parse_stream(io.StringIO(text)))
    last = {binding.key: index for index, binding in enumerate(bindings) if binding.key in changes}
    pieces: list[str] = []
    for index, binding in enumerate(bindings):
        original = binding.original.string
        if binding.key is None or binding.key not in changes:
            pieces.append(original)
        elif last[binding.key] == index:
            pieces.append(_replaced(binding, changes[binding.key]))
        else:
            pieces.append(_before(original))
    result = "".join(pieces)
    for name, value in changes.items():
        if name not in last:
            result = _added(result, name, value)
    return result


def save(path: Path, changes: Mapping[str, str]) -> None:
    """Change the file at ``path``, or make it, in one step and for its owner only.

    A link stays one. UserError if the file, as it is, would not give these values back.
    """
    path = path.resolve()
    text = path.read_text(encoding="utf-8-sig") if path.exists() else ""
    result = changed(text, changes)
    read = dotenv_values(stream=io.StringIO(result))
    unlike = [name for name, value in changes.items() if read.get(name) != value]
    if unlike:
        raise UserError(f"{', '.join(unlike)} cannot be written to {path}, because other lines of it are damaged.")
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        write_private(path, result)
    except BaseException:  # Ctrl-C too: a draft holds secrets
        path.with_name(f"{path.name}.{os.getpid()}").unlink(missing_ok=True)
        raise


def _before(original: str) -> str:
    """The empty lines that the parser counts in to the statement that follows them."""
    return original[: len(original) - len(original.lstrip())]


def _replaced(binding: Binding, value: str) -> str:
    original = binding.original.string
    statement = original.strip()
    export = "export " if statement.startswith("export ") else ""
    end = original[len(original.rstrip()) :] or "\n"
    return f"{_before(original)}{export}{binding.key}={quoted(value)}{_comment(statement)}{end}"


def _comment(statement: str) -> str:
    """The comment after a value on the same line."""
    _, _, rest = statement.partition("=")
    found = re.fullmatch(r"""\s*(?:'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"|[^'"#\s][^#\n]*?)?(\s+#.*)""", rest)
    return found[1] if found else ""


def _added(text: str, name: str, value: str) -> str:
    """Below the line that shows how it would be set, else at the end."""
    line = f"{name}={quoted(value)}\n"
    shown = re.search(rf"^#\s*{re.escape(name)}=.*(?:\n|\Z)", text, re.MULTILINE)
    if shown:
        head = text[: shown.end()]
        return f"{head if head.endswith(chr(10)) else head + chr(10)}{line}{text[shown.end() :]}"
    return f"{text if not text or text.endswith(chr(10)) else text + chr(10)}{line}"
