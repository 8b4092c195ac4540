"""The names of Clara's packages belong to this checkout, and what is imported early stays light."""

import importlib
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("clara", "temporal", "store", "workflows", "activities", "adapters", "workers", "gateway")


@pytest.mark.parametrize("name", PACKAGES)
def test_package_is_ours(name: str) -> None:
    # `workflows` and `adapters` are also names of published packages.
    found = importlib.import_module(name).__file__
    assert found is not None
    assert Path(found) == ROOT / name / "__init__.py"


HEAVY = ("anthropic", "openai", "mem0", "discord", "PIL", "sqlalchemy", "alembic", "numpy", "aiohttp")


def loaded(code: str) -> set[str]:
    """The modules that a process has imported once it has run ``code``."""
    show = f"import sys, atexit; atexit.register(lambda: sys.stderr.write(' '.join(sys.modules))); {code}"
    done = subprocess.run([sys.executable, "-c", show], cwd=ROOT, capture_output=True, text=True, timeout=60)
    return set(done.stderr.split())


def test_the_version_is_told_without_loading_anything_but_click() -> None:
    run = "sys.argv = ['clara', '--version']; from gateway.commands import clara; clara()"
    modules = loaded(run)
    others = {name.partition(".")[0] for name in modules} - sys.stdlib_module_names
    assert {name for name in others if not name.startswith("_")} <= {"click", "clara", "gateway", "typing_extensions"}
    assert {name for name in modules if name.startswith("gateway.")} == {"gateway.commands"}


@pytest.mark.parametrize("module", ["workers.serving", "gateway.__main__", "adapters.cli.app"])
def test_heavy_libraries_are_not_loaded_before_they_are_needed(module: str) -> None:
    code = f"import sys, {module}; print(*sorted({{name.partition('.')[0] for name in sys.modules}} & set({HEAVY})))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.split() == []
