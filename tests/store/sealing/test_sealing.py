"""Secrets are encrypted for their place, by keys that can be changed, and a wrong key loses nothing."""

import stat
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import uuid4

import pytest

from activities.plugins.values import Values
from clara.errors import Misconfigured
from clara.plugins.plugin import EVERYBODY, Launch, Plugin
from clara.settings import load
from clara.sources.keyfile import KEY_FILE, make_key, new_key, read_keys, write_keys
from gateway.doctor.facts import Facts
from gateway.doctor.servers import sealing as doctor
from gateway.servers import sealing
from store import migrations, plugins
from store.database import Pool, open_pool
from store.sealing import Keys, Sealer
from store.sealing.resealing import reseal_all
from tests import servers

SECRET = "geheim-\N{SNOWMAN}"


def test_what_is_sealed_can_be_read_only_with_its_key_and_for_its_place(tmp_path: Path) -> None:
    sealer = Sealer(Keys(tmp_path, [new_key()]))
    sealed = sealer.seal(SECRET, "plugin/a/me/TOKEN")
    assert SECRET.encode() not in sealed
    assert sealer.unseal(sealed, "plugin/a/me/TOKEN") == SECRET
    with pytest.raises(Misconfigured, match="moved"):
        sealer.unseal(sealed, "plugin/a/you/TOKEN")
    with pytest.raises(Misconfigured, match="Nothing is lost: put the former key back"):
        Sealer(Keys(tmp_path, [new_key()])).unseal(sealed, "plugin/a/me/TOKEN")


def test_without_a_key_nothing_is_kept_and_it_is_said_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match=r"CLARA_SECRET_KEY: must be set.*clara secrets new"):
        Sealer(Keys(tmp_path)).seal(SECRET, "place")


def test_processes_that_make_the_key_at_once_have_the_same(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda _: make_key(tmp_path), range(40)))
    assert len(read_keys(tmp_path)) == 1
    assert stat.S_IMODE((tmp_path / KEY_FILE).stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == [KEY_FILE]


def test_a_running_process_sees_a_new_key(tmp_path: Path) -> None:
    make_key(tmp_path)
    here = Sealer(Keys(tmp_path))
    before = here.seal(SECRET, "place")
    write_keys(tmp_path, [new_key(), *read_keys(tmp_path)])
    elsewhere = Sealer(Keys(tmp_path)).seal(SECRET, "place")
    assert here.unseal(elsewhere, "place") == here.unseal(before, "place") == SECRET
    assert Sealer(Keys(tmp_path, read_keys(tmp_path)[:1])).unseal(here.reseal(before), "place") == SECRET


def test_a_damaged_key_file_says_so_and_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / KEY_FILE).write_text("not a key\n")
    with pytest.raises(Misconfigured, match="put it back from a backup"):
        read_keys(tmp_path)
    make_key(tmp_path)
    assert (tmp_path / KEY_FILE).read_text() == "not a key\n"


@pytest.mark.parametrize(
    "value",
    ["hunter2", "x" * 44, f"{new_key()};{new_key()}"],
    ids=["a word", "a byte too long", "two keys, joined wrongly"],
)
def test_a_setting_that_is_no_key_is_refused_without_being_shown(value: str) -> None:
    with pytest.raises(Misconfigured, match="CLARA_SECRET_KEY: must be a key as `clara secrets new` makes") as told:
        load({"CLARA_SECRET_KEY": value})
    assert value not in str(told.value)


async def added(pool: Pool, owner: str) -> Plugin:
    plugin = Plugin(
        id=uuid4().hex[:16], owner=owner, name=f"p{uuid4().hex[:8]}", kind="http", source="x",
        launch=Launch(url="https://example.com/mcp", secrets=("TOKEN", "OTHER")), installed_by=owner,
    )  # fmt: skip
    assert await plugins.add(pool, plugin)
    return plugin


async def test_values_are_of_a_person_or_of_everybody(pool: Pool, tmp_path: Path) -> None:
    values = Values(pool, Sealer(Keys(tmp_path, [new_key()])))
    me, you = f"cli:{uuid4().hex}", f"cli:{uuid4().hex}"
    plugin = await added(pool, EVERYBODY)
    await values.set(plugin, EVERYBODY, "TOKEN", "for all")
    await values.set(plugin, EVERYBODY, "OTHER", "other")
    await values.set(plugin, me, "TOKEN", "mine")
    assert await values(plugin, me) == {"TOKEN": "mine", "OTHER": "other"}
    assert await values(plugin, you) == {"TOKEN": "for all", "OTHER": "other"}
    assert b"mine" not in b"".join(sealed for _, sealed in (await plugins.sealed_for(pool, plugin.id, me)).values())


@pytest.fixture
def own_database() -> Iterator[str]:
    """What other tests keep is sealed with keys of their own."""
    with servers.postgres() as url:
        migrations.upgrade(url)
        yield url


async def test_rotation_seals_everything_anew_and_a_missing_key_changes_nothing(
    own_database: str, tmp_path: Path
) -> None:
    make_key(tmp_path)
    pool = await open_pool(own_database, max_size=2)
    try:
        await rotates(pool, own_database, tmp_path)
    finally:
        await pool.close()


async def rotates(pool: Pool, database_url: str, tmp_path: Path) -> None:
    settings = load({"CLARA_HOME": str(tmp_path), "DATABASE_URL": database_url})
    values = Values(pool, Sealer(Keys.of(settings)))
    plugin = await added(pool, EVERYBODY)
    await values.set(plugin, EVERYBODY, "TOKEN", SECRET)
    first = read_keys(tmp_path)

    assert (await sealing.rotate(settings)).secrets == 1
    second = read_keys(tmp_path)
    assert second[1:] == first
    assert second[0] not in first
    assert await values(plugin, "cli:me") == {"TOKEN": SECRET}
    assert await Values(pool, Sealer(Keys(Path("/nowhere"), second[:1])))(plugin, "cli:me") == {"TOKEN": SECRET}

    await sealing.rotate(settings)
    assert read_keys(tmp_path)[1:] == second[:1], "the key before the former one is gone"

    with pytest.raises(Misconfigured, match="Nothing is lost"):
        await reseal_all(pool, Sealer(Keys(Path("/nowhere"), [new_key()])))
    assert await values(plugin, "cli:me") == {"TOKEN": SECRET}


async def test_no_sealed_column_escapes_rotation(pool: Pool) -> None:
    async with pool.connection() as connection:
        rows = await (
            await connection.execute(
                "select table_name, column_name, data_type from information_schema.columns"
                " where table_schema = current_schema() and column_name like '%%seal%%'"
            )
        ).fetchall()
    assert rows
    assert {(row["column_name"], row["data_type"]) for row in rows} == {("sealed", "bytea")}


async def test_the_doctor_says_whether_the_key_fits(own_database: str, tmp_path: Path) -> None:
    def facts(**variables: str) -> Facts:
        found = {"CLARA_HOME": str(tmp_path), "DATABASE_URL": own_database, **variables}
        return Facts(load(found), found)

    make_key(tmp_path)
    assert await doctor.check(facts()) == []
    pool = await open_pool(own_database, max_size=1)
    try:
        await Values(pool, Sealer(Keys(tmp_path))).set(await added(pool, EVERYBODY), EVERYBODY, "TOKEN", SECRET)
    finally:
        await pool.close()
    [found] = await doctor.check(facts())
    assert (found.level, found.what) == ("ok", "1 can be read with the key")
    write_keys(tmp_path, [new_key()])
    [found] = await doctor.check(facts())
    assert (found.level, found.what) == (
        "broken",
        "1 of 1 secrets are encrypted with another key than those that are set",
    )
    (tmp_path / KEY_FILE).unlink()
    assert await doctor.check(facts()) == [], "a container without a need for it has none"
