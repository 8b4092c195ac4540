"""``python deploy/extras.py [NAME]``: the extras of pyproject.toml, or what the one called NAME asks for.

Used by ``make lock``, so that an extra's lock holds that extra alone, and not all of Clara once more.
"""

import sys
import tomllib
from pathlib import Path

PROJECT = Path(__file__).parents[1] / "pyproject.toml"


def main(*names: str) -> None:
    extras: dict[str, list[str]] = tomllib.loads(PROJECT.read_text())["project"]["optional-dependencies"]
    lines = [requirement for name in names for requirement in extras[name]] if names else list(extras)
    sys.stdout.write("".join(f"{line}\n" for line in lines))


if __name__ == "__main__":
    main(*sys.argv[1:])
