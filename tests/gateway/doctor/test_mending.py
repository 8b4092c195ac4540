"""--fix does what is safe, says what it did, and does it once."""

import os
import stat
from pathlib import Path

from gateway.doctor.finding import Finding, worst
from store import migrations
from tests.gateway.doctor.faults.servers import bare_namespace
from tests.gateway.doctor.world import World, sql


def mended(found: list[Finding]) -> list[str]:
    return [finding.mended for finding in found if finding.mended]


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


async def test_permissions_are_set(world: World) -> None:
    world.used_home()
    settings = world.file("LOG_LEVEL=INFO\n")
    settings.chmod(0o644)
    world.home.root.chmod(0o777)
    world.home.record.chmod(0o640)
    found = await world.examine(fix=True)
    assert (mode(settings), mode(world.home.root), mode(world.home.record)) == (0o600, 0o700, 0o600)
    assert len(mended(found)) == 3
    assert mended(await world.examine(fix=True)) == []


async def test_without_the_option_nothing_is_touched(world: World) -> None:
    world.used_home()
    world.home.root.chmod(0o755)
    world.home.ready.write_text("4194300")
    found = await world.examine()
    assert len([finding for finding in found if finding.mend]) == 2
    assert mode(world.home.root) == 0o755
    assert world.home.ready.exists()


async def test_a_stop_in_good_order_leaves_nothing_to_mend(world: World) -> None:
    world.used_home()
    world.home.claim("worker").write_text("4194300")
    assert [finding.name for finding in await world.examine() if finding.name == "leftovers"] == []


async def test_what_was_left_behind_goes_and_what_lives_stays(world: World) -> None:
    world.used_home()
    world.process("postgres")
    world.home.claim("worker").write_text("4194300")
    world.home.ready.write_text("4194300")
    draft = world.home.root / "stack.json.4194301"
    draft.write_text("{}")
    mine = world.home.root / f"stack.json.{os.getpid()}"
    mine.write_text("{}")
    found = await world.examine(fix=True)
    assert mended(found) == ["removed worker.pid, ready, stack.json.4194301"]
    assert (world.home.claim("worker").exists(), draft.exists()) == (False, False)
    assert (world.home.claim("postgres").exists(), mine.exists()) == (True, True)


async def test_folders_are_made_again(world: World) -> None:
    world.used_home()
    world.home.logs.rmdir()
    assert mended(await world.examine(fix=True)) == ["made the folders logs"]
    assert mode(world.home.logs) == 0o700


async def test_a_lost_password_is_written_anew_from_the_record(world: World) -> None:
    world.used_home()
    world.postgres_data()
    file = world.home.postgres / "password"
    file.unlink()
    found = await world.examine(fix=True)
    assert file.read_text() == "the-database-secret"
    assert mode(file) == 0o600
    assert any("password again" in words for words in mended(found))


async def test_the_schema_is_brought_up_to_date_and_never_back(world: World) -> None:
    url = world.database("doctor_behind", migrated=False)
    found = await world.examine(fix=True)
    assert f"brought the schema to {migrations.head()}" in mended(found)
    assert migrations.current(url) == migrations.head()
    sql(url, "update alembic_version set version_num = '9999'")
    found = await world.examine(fix=True)
    assert worst(found) == "broken"
    assert migrations.current(url) == "9999"


async def test_search_attributes_are_registered(world: World) -> None:
    await bare_namespace(world)
    found = await world.examine(fix=True)
    assert any(words.startswith("registered Clara") for words in mended(found))
    assert not [f for f in await world.examine() if f.name == "search attributes" and f.level != "ok"]


async def test_what_could_not_be_mended_stays_and_says_why(world: World) -> None:
    world.used_home()
    world.home.root.chmod(0o755)
    world.patch.setattr(Path, "chmod", lambda *_: (_ for _ in ()).throw(PermissionError(1, "Operation not permitted")))
    found = await world.examine(fix=True)
    assert any("--fix could not" in finding.fix and finding.level == "warn" for finding in found)
