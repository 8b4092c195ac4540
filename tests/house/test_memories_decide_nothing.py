"""A memory is background: what a tool may do, and what is approved, is decided without any.

So a person's "always approve everything", which is kept as they said it, loosens nothing.
"""

import ast
from pathlib import Path

import pytest

from tests.house.test_dependencies import imports

ROOT = Path(__file__).parents[2]
DECIDING = [
    path
    for folder in ("clara/tools", "activities/tools", "clara/turn", "store/turns")
    for path in sorted((ROOT / folder).rglob("*.py"))
    if path.relative_to(ROOT).parts[:3] != ("activities", "tools", "builtin")  # these are tools, and decide nothing
]
READING = ("store.memory.records", "store.memory.lessons", "activities.memory", "clara.memory.recall")


@pytest.mark.parametrize("path", DECIDING, ids=lambda path: str(path.relative_to(ROOT)))
def test_what_decides_about_tools_reads_no_memory(path: Path) -> None:
    read = {module for module in imports(ast.parse(path.read_text())) if module.startswith(READING)}
    assert read == set()


def test_the_modules_that_decide_are_looked_at() -> None:
    assert len(DECIDING) > 20
