"""Programs that run in a box, given to its Python as text: the standard library alone, any Python from 3.8 on."""

from functools import cache
from pathlib import Path


@cache
def program(name: str) -> str:
    """The text of a module of this folder."""
    return Path(__file__).with_name(f"{name}.py").read_text()
