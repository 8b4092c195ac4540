"""Files that tools have made are saved to a folder: once, whole, over nothing, and said where."""

import asyncio
import json
import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest

from adapters.cli.session.session import Session
from adapters.cli.turns import downloads as receiving
from adapters.cli.turns.downloads import receive, receive_missed
from adapters.door import Door
from clara.messages import ConversationKey, Incoming, Person
from clara.settings import load
from store import downloads
from store.database import Pool
from store.files import blobs
from store.turns import steps, turns
from store.turns.steps import KeptFile, ToolResult
from tests.adapters.cli.conftest import Stack
from tests.adapters.cli.terminal import Terminal


@pytest.fixture
def session(pool: Pool, tmp_path: Path) -> Session:
    settings = load({"CLARA_HOME": str(tmp_path), "CLARA_DOWNLOADS": str(tmp_path / "saved")})
    person = Person(id=f"cli:{uuid4().hex}", name="Kim")
    key = ConversationKey(platform="cli", channel=f"kim/{uuid4().hex}")
    return Session(settings, Door(None, pool), key, person, None)  # type: ignore[arg-type]


@pytest.fixture
def folder(session: Session, tmp_path: Path) -> Path:
    """Where files are saved, with what the person has there already."""
    folder = tmp_path / "saved"
    folder.mkdir()
    (folder / "Chart.txt").write_bytes(b"the person's own")
    (folder / "linked.txt").symlink_to(tmp_path / "target")
    (tmp_path / "target").write_bytes(b"mine")
    (folder / "dangling.txt").symlink_to(tmp_path / "not there")
    return folder


async def made(pool: Pool, session: Session, *files: tuple[str, bytes]) -> str:
    """An ended turn, one of whose tools has made files."""
    message = Incoming(
        id=uuid4().hex, conversation=session.key, user=session.user, text="draw", sent_at=datetime.now(UTC)
    )
    await turns.begin(pool, message)
    kept = []
    for name, data in files:
        blob_id = await blobs.save(pool, session.user.id, name.replace("\0", ""), "text/plain", data)
        kept.append(KeptFile(blob_id=blob_id, name=name, media_type="text/plain", size=len(data)))
    async with pool.connection() as connection:
        result = ToolResult(message.turn_id, 0, "c1", "draw", "", False, False, 0, None, files=tuple(kept))
        await steps.save_result(connection, result)
        await turns.complete(connection, message.turn_id, session.key.id, "drawn")
    return message.turn_id


def saved(folder: Path) -> dict[str, bytes]:
    """What is there beside what was there before."""
    before = ("Chart.txt", "linked.txt", "dangling.txt")
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.name not in before}


async def test_files_are_saved_once_and_over_nothing(pool: Pool, session: Session, folder: Path) -> None:
    turn_id = await made(pool, session, ("chart.txt", b"one"), ("chart.txt", b"two"))
    first = await receive(session, turn_id)
    assert [each.path for each in first] == [folder / "chart (2).txt", folder / "chart (3).txt"]
    assert saved(folder) == {"chart (2).txt": b"one", "chart (3).txt": b"two"}
    assert first[0].line == f"Saved {folder}/chart (2).txt (3 bytes)"
    assert await receive(session, turn_id) == first
    assert len(saved(folder)) == 2
    assert mode(folder / "chart (2).txt") == 0o600
    assert content(folder / "Chart.txt") == b"the person's own"


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def content(path: Path) -> bytes:
    return path.read_bytes()


async def test_what_the_person_moved_away_does_not_come_back(pool: Pool, session: Session, folder: Path) -> None:
    turn_id = await made(pool, session, ("a.txt", b"a"))
    await receive(session, turn_id)
    os.unlink(folder / "a.txt")
    await receive(session, turn_id)
    assert saved(folder) == {}


@pytest.mark.parametrize(
    "name",
    ["../../etc/x.txt", "/tmp/x.txt", "..\\x.txt", ".x.txt", "x.txt\u202e", "\x1b[2Jx.txt", "x" * 400, "con.txt"],
)
async def test_no_name_leaves_the_folder(pool: Pool, session: Session, folder: Path, name: str) -> None:
    [found] = await receive(session, await made(pool, session, (name, b"a")))
    assert found.path is not None
    assert found.path.parent == folder
    assert content(found.path) == b"a"
    assert found.path.name.isprintable()


async def test_a_link_in_the_folder_is_not_followed(pool: Pool, session: Session, folder: Path) -> None:
    found = await receive(session, await made(pool, session, ("linked.txt", b"new"), ("dangling.txt", b"new")))
    assert [each.path and each.path.name for each in found] == ["linked (2).txt", "dangling (2).txt"]
    assert content(folder.parent / "target") == b"mine"
    assert "not there" not in os.listdir(folder.parent)


async def test_two_windows_save_one_file(pool: Pool, session: Session, folder: Path) -> None:
    turn_id = await made(pool, session, *[(f"{n}.txt", bytes(1000 * n)) for n in range(6)])
    found = await asyncio.gather(*(receive(session, turn_id) for _ in range(5)))
    assert sorted(saved(folder)) == [f"{n}.txt" for n in range(6)]
    assert all(each == found[0] for each in found)


@pytest.mark.parametrize("dies", ["before writing", "after writing"])
async def test_a_chat_that_dies_in_the_middle_leaves_one_file(
    pool: Pool, session: Session, folder: Path, monkeypatch: pytest.MonkeyPatch, dies: str
) -> None:
    turn_id = await made(pool, session, ("a.txt", b"whole"))
    with monkeypatch.context() as patch:
        write = receiving._write

        def dying(path: Path, data: bytes, unique: str) -> bool:
            if dies == "after writing":
                write(path, data, unique)
            raise KeyboardInterrupt

        patch.setattr(receiving, "_write", dying)
        with pytest.raises(KeyboardInterrupt):
            await _here(receive(session, turn_id), patch)
    [found] = await receive(session, turn_id)
    assert saved(folder) == {"a.txt": b"whole"}
    assert found.path == folder / "a.txt"


async def _here(work: object, patch: pytest.MonkeyPatch) -> None:
    """In this thread, so that what is raised there is raised here."""

    async def at_once(function: Callable[..., object], *arguments: object) -> object:
        return function(*arguments)

    patch.setattr(receiving.asyncio, "to_thread", at_once)
    await work  # type: ignore[misc]


async def test_what_cannot_be_saved_is_said_and_tried_again(
    pool: Pool, session: Session, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    turn_id = await made(pool, session, ("a.txt", b"a"))
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", refuse)
        [found] = await receive(session, turn_id)
    assert found.path is None
    assert "a.txt (1 bytes) could not be saved: No space left on device" in found.line
    assert saved(folder) == {}
    await turns.mark_shown(pool, turn_id)
    assert [each.path for each in await receive_missed(session)] == [folder / "a.txt"]
    assert await receive_missed(session) == []


async def test_a_file_system_without_links(
    pool: Pool, session: Session, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    await receive(session, await made(pool, session, ("a.txt", b"a")))
    await receive(session, await made(pool, session, ("a.txt", b"b")))
    assert saved(folder) == {"a.txt": b"a", "a (2).txt": b"b"}


async def test_a_path_of_another_folder_is_given_up(pool: Pool, session: Session, folder: Path) -> None:
    turn_id = await made(pool, session, ("a.txt", b"a"))
    [file] = await downloads.of_turn(pool, turn_id)
    await downloads.claim(pool, file.blob_id, "/gone/a.txt")
    [found] = await receive(session, turn_id)
    assert found.path == folder / "a.txt"


async def test_a_forgotten_file_is_said_to_be_gone(pool: Pool, session: Session) -> None:
    turn_id = await made(pool, session, ("a.txt", b"a"))
    async with pool.connection() as connection:
        await connection.execute("delete from blobs where owner = %s", (session.user.id,))
    [found] = await receive(session, turn_id)
    assert "no longer kept" in found.line


def test_a_message_at_the_terminal_names_the_paths(stack: Stack, conversation: str) -> None:
    asked = ("--conversation", conversation, "--message", "draw")
    done = stack.run(*asked, "--json", CLARA_DOWNLOADS=str(stack.folder / "j"))
    told = json.loads(done.stdout)
    assert [each["name"] for each in told["files"]] == ["chart.txt", "chart (2).txt"]
    assert [Path(each["path"]).read_text() for each in told["files"]] == ["a chart.txt", "a ../../chart.txt"]
    assert {Path(each["path"]).parent for each in told["files"]} == {stack.folder / "j"}
    plain = stack.run(*asked, CLARA_DOWNLOADS=str(stack.folder / "k"))
    assert plain.stdout == "Here they are.\n"
    assert f"(Saved {stack.folder}/k/chart.txt (11 bytes))" in plain.stderr


def test_a_reply_that_is_read_later_brings_its_files(
    stack: Stack, conversation: str, open_chat: Callable[..., Terminal]
) -> None:
    asked = stack.start("--conversation", conversation, "--message", "draw later")
    stack.wait_until_begun(conversation)
    asked.kill()
    asked.communicate()
    stack.wait_until_answered(conversation)
    later = open_chat("--conversation", conversation, CLARA_DOWNLOADS=str(stack.folder / "m"), columns=160)
    later.wait_for(r"Here they are\.")
    later.wait_for(r"m/chart \(2\)\.txt")
    assert len(list((stack.folder / "m").iterdir())) == 2
