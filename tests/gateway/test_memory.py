"""The memory commands as typed at a terminal, against a real database."""

import asyncio
import json
import os
from pathlib import Path

import pytest
from click.testing import CliRunner

from clara.errors import ClaraError
from gateway.commands.memory import memory
from store.database import Pool
from tests import nursery


def surroundings(database_url: str, home: Path, user: str = "terminal") -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "DATABASE_URL": database_url,
        "CLARA_HOME": str(home),
        "CLARA_ENV_FILE": os.devnull,
        "CLI_USER_ID": user,
        "HOME": str(home),
    }


async def typed(
    database_url: str, home: Path, *words: str, user: str = "terminal", **environment: str
) -> tuple[int, str, str]:
    """The command within this process, which takes a tenth of the time. Nobody answers what it asks."""
    given = {**surroundings(database_url, home, user), **environment}
    ran = await asyncio.to_thread(CliRunner().invoke, memory, words, env=given, prog_name="clara memory")
    if isinstance(ran.exception, ClaraError):
        return 1, ran.stdout, f"{ran.stderr}{ran.exception}\n"
    return ran.exit_code, ran.stdout, ran.stderr


async def clara_memory(database_url: str, home: Path, *words: str, answer: str = "") -> tuple[int, str, str]:
    """The command as a process of its own."""
    environment = surroundings(database_url, home)
    ended = await asyncio.to_thread(nursery.run, "gateway", "memory", *words, env=environment, given=answer)
    return ended.returncode, ended.stdout, ended.stderr


async def test_from_a_profile_to_being_forgotten(pool: Pool, database_url: str, tmp_path: Path) -> None:
    async def do(*words: str, user: str = "terminal") -> str:
        code, out, err = await typed(database_url, tmp_path, *words, user=user)
        assert code == 0, err
        return out

    async def do_apart(*words: str, answer: str = "") -> str:
        code, out, err = await clara_memory(database_url, tmp_path, *words, answer=answer)
        assert code == 0, err
        return out

    profile = tmp_path / "me.md"
    profile.write_text("# Key\n- allergic to nuts\n# Me\n- likes green tea\n- my password is hunter2\n")
    shown = await do("bootstrap", str(profile))
    assert shown.splitlines() == ["key: allergic to nuts", "user: likes green tea", "user: my password is hunter2"]
    assert json.loads(await do("list", "--json")) == []
    await do_apart("bootstrap", str(profile), "--apply")
    await do("bootstrap", str(profile), "--apply")
    listed = json.loads(await do("list", "--json"))
    assert {(m["kind"], m["text"]) for m in listed} == {("key", "allergic to nuts"), ("user", "likes green tea")}
    assert json.loads(await do("list", "--json", "--user", "somebody-else")) == []
    assert json.loads(await do_apart("search", "which", "tea", "--json"))[0]["text"] == "likes green tea"
    assert "from a profile" in await do("why", listed[0]["id"][:8])
    assert os.listdir(tmp_path) == ["me.md"]  # without embeddings there is no mem0 either
    assert "Deleted: 2 memories" in await do("clear", "--user", "terminal", "--yes")
    await do("add", "likes", "black", "tea")
    assert "1 memories" in await do_apart("forget-me", answer="y\n")
    assert json.loads(await do("export"))["memories"] == []


async def test_lists_hold_nothing_that_a_terminal_obeys(pool: Pool, database_url: str, tmp_path: Path) -> None:
    said = "likes \u202etea\u202c 🏴󠁧󠁢󠁳󠁣󠁴󠁿"
    async with pool.connection() as connection:
        await connection.execute(
            "insert into memories (id, user_id, kind, text, fingerprint, dedupe_key, private, origin)"
            " values (gen_random_uuid(), 'cli:tricky', 'user', %s, 'x', 'x', true, 'command')",
            (said,),
        )
    _, out, err = await typed(database_url, tmp_path, "list", user="tricky")
    assert "likes tea 🏴󠁧󠁢󠁳󠁣󠁴󠁿" in out, err
    _, out, _ = await typed(database_url, tmp_path, "list", "--json", user="tricky")
    assert "\u202e" not in out
    assert json.loads(out)[0]["text"] == said


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (("forget", "*"), "not the id of a memory"),
        (("list", "--user", "*"), "not the id of a person"),
        (("add", "my password is x"), "password"),
        (("forget-me",), "Aborted"),
        (("clear",), "Aborted"),
    ],
)
async def test_what_cannot_be_done_is_said_and_fails(
    pool: Pool, database_url: str, tmp_path: Path, words: tuple[str, ...], complaint: str
) -> None:
    code, _, err = await typed(database_url, tmp_path, *words)
    assert code == 1
    assert complaint in err


async def test_after_a_change_of_model_words_are_found_while_vectors_are_missing(
    pool: Pool, database_url: str, tmp_path: Path
) -> None:
    from tests.loopback.embeddings import KEY, EmbeddingServer

    async with EmbeddingServer(dimensions=256) as server:
        other = {
            "OPENAI_API_KEY": KEY,
            "EMBEDDINGS_BASE_URL": server.url,
            "EMBEDDINGS_MODEL": "other-model",
            "EMBEDDINGS_DIMENSIONS": "256",
        }
        await typed(database_url, tmp_path, "add", "likes green tea", user="mover")
        code, out, _ = await typed(database_url, tmp_path, "status", user="mover", **other)
        assert code == 0
        assert "by words and by meaning, other-model" in out
        assert "have no vector yet; a worker makes them (clara memory reindex shows how far it is)" in out
        _, out, _ = await typed(database_url, tmp_path, "search", "tea", user="mover", **other)
        assert "likes green tea" in out
        code, _, err = await typed(database_url, tmp_path, "reindex", **other)
        assert code == 1
        assert "Clara is not running. Start her with: clara start" in err
        await typed(database_url, tmp_path, "add", "likes black coffee", user="mover", **other)
        code, out, _ = await typed(database_url, tmp_path, "forget-me", "--yes", "--json", user="mover", **other)
        assert json.loads(out)["vectors"] == 1


async def test_without_a_database_the_terminal_says_how_to_start(tmp_path: Path) -> None:
    code, _, err = await typed("", tmp_path, "list")
    assert (code, err.strip()) == (1, "There is no database yet. Start Clara with: clara start")
