"""Reading a file of settings: each line ``NAME=value``, everything wrong told with its line, no value ever told."""

import difflib
import io
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from dotenv import dotenv_values
from dotenv.parser import Binding, parse_stream

from clara.errors import Misconfigured

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
_ASSIGNMENT = re.compile(r"\s*(?:export\s+)?([A-Z][A-Z0-9_]*)\s*=")
_ALIKE = 0.8
"""How alike two names are, of 1, before one is taken for a misspelling of the other."""


@dataclass(frozen=True)
class EnvFile:
    """What one file says."""

    values: Mapping[str, str]
    warnings: tuple[str, ...] = ()
    """Sentences about lines that can be read and are probably not meant so."""


def parse(data: bytes, shown: str, known: Collection[str]) -> EnvFile:
    """The settings in ``data``, the content of the file that errors call ``shown``.

    Misconfigured names the first line that cannot be read. ``known`` are the names that mean
    something: others are kept, because a tool of the person's own may want them, and warned of.
    """
    text = _text(data, shown)
    first: dict[str, int] = {}
    warnings: list[str] = []
    for line, binding in _bindings(text):
        problem = _problem(binding, known)
        if problem:
            raise Misconfigured(f"{shown}, line {line}: {problem}")
        name = binding.key
        if name is None:
            continue
        if name in first:
            warnings.append(f"{shown}, line {line}: {name} is set in line {first[name]} already; this one counts.")
        first[name] = line
        if name not in known and not name.startswith("TEMPORAL_GRPC_META_"):
            warnings.append(f"{shown}, line {line}: {_unknown(name, known)}")
    values = dotenv_values(stream=io.StringIO(text))
    return EnvFile({name: value for name, value in values.items() if value is not None}, tuple(warnings))


def _text(data: bytes, shown: str) -> str:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise Misconfigured(f"{shown}, line {line}: must be text in UTF-8; save the file in that encoding") from None
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise Misconfigured(f"{shown}, line {line}: must be text, and there is a NUL byte")
    return text


def _bindings(text: str) -> Iterator[tuple[int, Binding]]:
    for binding in parse_stream(io.StringIO(text)):
        # A statement begins after the empty lines before it, which the parser counts in.
        blank = binding.original.string[: len(binding.original.string) - len(binding.original.string.lstrip())]
        yield binding.original.line + len(re.findall(r"\r\n|\n|\r", blank)), binding


def _problem(binding: Binding, known: Collection[str]) -> str | None:
    statement = binding.original.string.strip()
    if binding.error:
        quoted = re.search(r"=\s*['\"]", statement)
        return "a quote is opened and not closed" if quoted else "must be NAME=value"
    if binding.key is None:
        return None
    if statement.removeprefix("export ").lstrip().startswith(("'", '"')):
        return "the name must not be in quotes"
    if not _NAME.fullmatch(binding.key) or binding.value is None:
        return "must be NAME=value"
    if any((found := _ASSIGNMENT.match(line)) and found[1] in known for line in statement.splitlines()[1:]):
        return "a quote is opened and not closed in this line, so that the next setting became part of it"
    return None


def _unknown(name: str, known: Collection[str]) -> str:
    # The likeliest mistakes are letters of the wrong case and words run together.
    close = difflib.get_close_matches(name.upper(), known, n=1, cutoff=_ALIKE)
    return f"Clara knows no {name}" + (f"; did you mean {close[0]}?" if close else ".")
