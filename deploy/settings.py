"""``make docs``: writes what is told of the settings in other places, from the settings themselves.

These are ``.env.example``, the reference in docs/configuration.md, and the variables that
docker-compose.yml gives to Clara's services. A test in tests/house fails while one of them is out of date.
"""

import textwrap
from collections.abc import Iterable, Iterator
from pathlib import Path

from clara.settings import sections
from clara.settings.subject import COMMON, Section

ROOT = Path(__file__).parents[1]
WIDTH = 100

_EXAMPLE = """\
# Every setting of Clara, with its default. Copy this file to .env, here or in CLARA_HOME (chmod 600 .env), and
# remove the "# " before what you set. A variable of the environment overrides the one in the file. Nothing has
# to be set: without any key a scripted stand-in answers. docs/configuration.md says more.
"""


def example(found: Iterable[Section]) -> str:
    """The text of ``.env.example``: everything commented out."""
    lines = [_EXAMPLE]
    for section in found:
        lines += [f"# {'--' if section.part else '----'} {section.heading} ".ljust(WIDTH, "-"), ""]
        for variable in section.variables:
            lines += textwrap.wrap(variable.description, WIDTH, initial_indent="# ", subsequent_indent="# ")
            lines.append(f"# {variable.name}={variable.default}")
        lines.append("")
    return "\n".join(lines)


def reference(found: Iterable[Section]) -> str:
    """The reference of docs/configuration.md: a table for each section."""
    lines: list[str] = []
    for section in found:
        lines += [f"{'###' if section.part else '##'} {section.heading}", ""]
        lines += [section.introduction, ""] if section.introduction else []
        if section.variables:
            lines += ["| variable | default | meaning |", "|---|---|---|"]
        for variable in section.variables:
            default = f"`{variable.default}`" if variable.default else ""
            lines.append(f"| `{variable.name}` | {default} | {variable.description} |")
        lines.append("")
    return "\n".join(lines)


def environments(found: Iterable[Section]) -> str:
    """For each reader in docker-compose.yml the names of what it is given, as an extension that services merge."""
    given: dict[str, list[str]] = {COMMON: []}
    for section in found:
        for variable in section.variables:
            for reader in variable.readers:
                given.setdefault(reader, []).append(variable.name)
    lines: list[str] = []
    for reader, names in given.items():
        lines += [f"x-{reader}: &{reader}", *(f"  {name}:" for name in names), ""]
    return "\n".join(lines)


def between(text: str, first: str, last: str, part: str) -> str:
    """``text`` with ``part`` in place of what is between the two lines that hold these marks."""
    before, begin, rest = text.partition(first)
    _, end, after = rest.partition(last)
    if not begin or not end:
        raise ValueError(f"the marks are missing: {first}, {last}")
    return f"{before}{begin}\n\n{part}\n{end}{after}"


def files() -> Iterator[tuple[Path, str]]:
    """Each file with the text that it should have."""
    found = sections()
    yield ROOT / ".env.example", example(found)
    manual = ROOT / "docs" / "configuration.md"
    marks = ("<!-- Written by make docs, from clara/settings -->", "<!-- End of what make docs writes -->")
    yield manual, between(manual.read_text(), *marks, reference(found))
    compose = ROOT / "docker-compose.yml"
    marks = ("# Written by make docs, from clara/settings:", "# End of what make docs writes.")
    yield compose, between(compose.read_text(), *marks, environments(found))


if __name__ == "__main__":
    for path, text in files():
        path.write_text(text)
