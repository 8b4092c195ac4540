"""What the package ``clara`` says of itself: types and pure rules; its settings and their sources read the world."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.house.test_dependencies import imports, top

ROOT = Path(__file__).parents[2]
WORLDLY = {ROOT / "clara/settings", ROOT / "clara/sources"}
RULES = [path for path in sorted((ROOT / "clara").rglob("*.py")) if WORLDLY.isdisjoint(path.parents)]

WORLD = {
    *("os", "io", "pathlib", "shutil", "tempfile", "glob", "fcntl", "signal", "threading", "multiprocessing"),
    *("subprocess", "socket", "ssl", "select", "asyncio", "http", "urllib.request", "sqlite3", "ctypes", "logging"),
    *("time", "random", "secrets", "uuid"),
}
"""Modules of the standard library that reach files, processes, networks, clocks or chance."""

LIBRARIES = {"pydantic", "regex", "sentencex", "cronsim"}
"""Pure ones: sentencex is a function from a text to where its sentences end, cronsim one from a time to the next."""

CALLS = {"open", "input", "print", "now", "utcnow", "today"}
"""And functions that do so without an import of these."""


def called(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Name(id=name)) | ast.Call(func=ast.Attribute(attr=name)):
                yield name


@pytest.mark.parametrize("path", RULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_rules_know_neither_the_world_nor_a_clock(path: Path) -> None:
    tree = ast.parse(path.read_text())
    modules = set(imports(tree))
    foreign = {top(module) for module in modules} - set(sys.stdlib_module_names) - {"clara", *LIBRARIES}
    assert foreign == set(), f"standard library and {', '.join(sorted(LIBRARIES))} only"
    assert {module for module in modules if module in WORLD or top(module) in WORLD} == set()
    assert set(called(tree)) & CALLS == set()
