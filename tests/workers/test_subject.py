"""docs/subject.md, done in a copy of the code: a new subject is its own files and its entries in the registries."""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "subject.md"

ENTRIES = (
    (
        "clara/settings/__init__.py",
        "from clara.settings.tides import TidesSettings",
        "    llm: ",
        "    tides: TidesSettings",
    ),
    ("workers/roles.py", "from workers.parts.tides import tides", "            turns,", "            tides,"),
    ("adapters/commands/registry.py", "from adapters.commands.tides import TIDES", "    STOP,", "    TIDES,"),
    ("store/people/people.py", "from store import tides", "    *notices.PERSONAL,", "    *tides.PERSONAL,"),
)
"""Registry, the import that the entry needs, the line before which it is put, and the entry."""

SCHEMA = "not settings_are_complete and (contracts or settings or deploy or every_table)"
"""Of the tests that are run in the copy, those that look at contracts, settings and tables."""

CHECK = """
import asyncio, sys
from click.testing import CliRunner
from clara.settings import load
from gateway.inspection import tool_list
from store import migrations, tides
from store.people import people
from workers.bootstrap import assemble
from workers.roles import ROLES

async def main():
    settings = load()
    migrations.upgrade(settings.runtime.database_url)
    found = await tool_list.listed(settings, None)
    assert tool_list.named(found, "keep_tide").offered
    async with assemble(settings, ROLES) as parts:
        names = [each.__temporal_activity_definition.name for each in parts.activities["clara"]]
        assert "tides.count" in names
    assert settings.tides.harbour == "Husum"
    assert "tides" in {each.subject for each in people.PERSONAL}

asyncio.run(main())
"""


def files() -> dict[str, str]:
    return dict(re.findall(r"^`([\w./]+)`:\n\n```\w+\n(.*?)```", PAGE.read_text(), re.DOTALL | re.MULTILINE))


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The code with the tides in it."""
    place = tmp_path_factory.mktemp("copy")
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True)
    names = [Path(name) for name in listed.stdout.splitlines()]
    compiled = {each.relative_to(ROOT) for folder in {name.parent for name in names} for each in _compiled(folder)}
    for name in [*names, *compiled]:
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, place / name)  # with its times, by which Python knows what is compiled
    made = files()
    run(place, "from store import migrations; migrations.create('tides of harbours')")
    (migration,) = (place / "store/migrations/versions").glob("*_tides_of_harbours.sql")
    migration.write_text(made.pop("migration"))
    for name, text in made.items():
        assert not (place / name).exists(), f"{name} is not the subject's own"
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_text(text)
    for registry, wanted, before, entry in ENTRIES:
        lines = (place / registry).read_text().splitlines()
        first = next(n for n, line in enumerate(lines) if line.startswith(("from ", "import ")))
        at = next(n for n, line in enumerate(lines) if line.startswith(before))
        (place / registry).write_text("\n".join([*lines[:first], wanted, *lines[first:at], entry, *lines[at:], ""]))
    yield place
    shutil.rmtree(place)


def _compiled(folder: Path) -> Iterator[Path]:
    return (ROOT / folder / "__pycache__").glob("*.pyc")


def run(place: Path, code: str, **environment: str) -> None:
    module(place, "-c", code, **environment)


def module(place: Path, *arguments: str, **environment: str) -> None:
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=place,
        env={"PATH": "/usr/bin:/bin", "CLARA_HOME": str(place / "home"), "CLARA_ENV_FILE": "/dev/null", **environment},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]


def test_the_page_names_every_registry_that_is_edited() -> None:
    for registry, _, _, entry in ENTRIES:
        assert f"| `{registry}`" in PAGE.read_text()
        assert f"`{entry.strip()}`" in PAGE.read_text()


@pytest.fixture
def own_database(database_url: str) -> str:
    """A database of its own: its schema is newer than that of the code under test."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("create database tides template template0 encoding 'UTF8'")
    return f"{database_url.rpartition('/')[0]}/tides"


def test_it_works_and_nothing_else_was_edited(copy: Path, own_database: str, temporal_address: str) -> None:
    run(copy, CHECK, TIDES_HARBOUR="Husum", DATABASE_URL=own_database, TEMPORAL_ADDRESS=temporal_address)


def test_the_checks_of_the_house_accept_it(copy: Path) -> None:
    module(copy, "-m", "deploy.settings")
    checks = ["tests/house/test_contracts.py", "tests/house/test_settings.py", "tests/house/test_deploy.py"]
    module(
        copy, "-m", "tests", "-q", "-p", "no:cacheprovider", *checks, "tests/store/people/test_people.py", "-k", SCHEMA
    )
