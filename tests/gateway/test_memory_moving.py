"""Coming over and leaving as typed at a terminal, against a real database."""

import asyncio
import json
import stat
from pathlib import Path

from store.database import Pool
from tests import nursery
from tests.gateway.test_memory import surroundings, typed
from tests.patience import PATIENCE_S


def rows(number: int, user: str = "discord-123") -> list[dict[str, str]]:
    return [{"id": str(n), "memory": f"Fact number {n}", "user_id": user} for n in range(number)]


async def count(pool: Pool, user: str) -> int:
    async with pool.connection() as connection:
        row = await (
            await connection.execute("select count(*) as n from memories where user_id = %s", (user,))
        ).fetchone()
    assert row is not None
    return int(row["n"])


async def test_who_comes_over_sees_it_first(pool: Pool, database_url: str, tmp_path: Path) -> None:
    file = tmp_path / "export.json"
    file.write_text(
        json.dumps({"results": [*rows(2), *rows(1, "bob"), {"memory": "password: hunter2", "user_id": "bob"}]})
    )

    async def do(*words: str) -> tuple[int, str, str]:
        return await typed(database_url, tmp_path, "import", str(file), *words)

    code, out, err = await do()
    assert code == 1
    assert "2 memories of discord-123 stay: --user does not say who that is." in out
    assert "1 are left out: with a password, a key or a card number in them." in out
    assert "Please say who is who" in err
    code, out, err = await do("--user", "discord-123=discord:over")
    assert code == 0, err
    assert "2 memories of discord-123 become those of discord:over." in out
    assert "user: Fact number 0" in out
    assert "add --apply" in err
    assert await count(pool, "discord:over") == 0
    code, _, err = await do("--user", "discord-123=discord:over", "--apply")
    assert (code, "2 remembered, 0 known already." in err) == (0, True), err
    code, _, err = await do("--user", "discord-123=discord:over", "--apply")
    assert (code, "0 remembered, 2 known already." in err) == (0, True), err
    assert await count(pool, "discord:over") == 2
    for wrong, words in (("*=discord:over", "one person's"), ("carol=discord:over", "has nothing of carol")):
        code, _, err = await do("--user", wrong, "--apply")
        assert (code, words in err) == (1, True), err
    assert await count(pool, "discord:over") == 2


async def test_a_file_that_is_cut_off_leaves_nothing_behind(pool: Pool, database_url: str, tmp_path: Path) -> None:
    file = tmp_path / "export.json"
    file.write_text(json.dumps(rows(500))[:-5])
    code, _, err = await typed(
        database_url, tmp_path, "import", str(file), "--user", "discord-123=discord:cut", "--apply"
    )
    assert code == 1
    assert "is cut off" in err
    assert await count(pool, "discord:cut") == 0


async def test_out_into_a_file_and_in_again(pool: Pool, database_url: str, tmp_path: Path) -> None:
    async def do(*words: str) -> tuple[int, str, str]:
        return await typed(database_url, tmp_path, *words, user="leaver")

    await do("add", "I", "like", "\u202etea")
    await do("add", "I'm", "allergic", "to", "nuts", "--key")
    file = tmp_path / "out.json"
    code, _, err = await do("export", "--mem0", str(file))
    assert (code, "2 memories" in err) == (0, True), err
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert {each["is_key"] for each in json.loads(file.read_text())["memories"]} == {True, False}
    code, _, err = await do("export", "--mem0", str(file))
    assert (code, "is there already" in err) == (1, True)
    assert json.loads((await do("export", "--mem0"))[1]) == json.loads(file.read_text())
    assert len(json.loads((await do("export"))[1])["memories"]) == 2
    code, _, err = await do("import", str(file), "--user", "cli:leaver=cli:comer", "--apply")
    assert (code, "2 remembered" in err) == (0, True), err


async def test_an_import_that_is_killed_is_finished_by_the_next(pool: Pool, database_url: str, tmp_path: Path) -> None:
    file = tmp_path / "export.json"
    file.write_text(json.dumps(rows(1_500)))
    words = ("import", str(file), "--user", "discord-123=discord:killed", "--apply")
    process, _ = await nursery.telling("gateway", "memory", *words, env=surroundings(database_url, tmp_path))
    async with asyncio.timeout(PATIENCE_S):
        while await count(pool, "discord:killed") == 0:
            await asyncio.sleep(0.01)
    process.kill()
    await process.wait()
    assert 0 < await count(pool, "discord:killed") < 1_500
    code, _, err = await typed(database_url, tmp_path, *words)
    assert code == 0, err
    assert await count(pool, "discord:killed") == 1_500
