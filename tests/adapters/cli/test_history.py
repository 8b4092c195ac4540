"""The lines that were typed before: a file for each person, which goes with them."""

import stat
from pathlib import Path

from prompt_toolkit.history import FileHistory

from adapters.cli.chat import history
from adapters.cli.chat.history import open_history
from clara.memory.kinds import scope
from store import typed

ANN, BOB = scope("cli:ann"), scope("cli:bob")


async def lines(home: Path, owner: str) -> list[str]:
    return [line async for line in open_history(home, scope(owner)).load()]


async def test_each_has_their_own_and_nobody_else_may_read_it(tmp_path: Path) -> None:
    open_history(tmp_path, ANN).append_string("my secret plan")
    open_history(tmp_path, BOB).append_string("hello")
    assert await lines(tmp_path, ANN) == ["my secret plan"]
    assert await lines(tmp_path, BOB) == ["hello"]
    for owner in (ANN, BOB):
        assert stat.S_IMODE(typed.path(tmp_path, owner).stat().st_mode) == 0o600
    assert typed.path(tmp_path, scope("cli:Ann")).name.casefold() != typed.path(tmp_path, ANN).name.casefold()
    assert typed.path(tmp_path, scope("cli:..")).parent == tmp_path / typed.FOLDER


async def test_a_running_chat_writes_nothing_back(tmp_path: Path) -> None:
    first, second = open_history(tmp_path, ANN), open_history(tmp_path, ANN)
    first.append_string("my secret plan")
    second.append_string("my other plan")
    assert typed.wipe(tmp_path, ANN) == 1  # by the command line, or from another platform
    first.append_string("hello")
    second.append_string("good morning")
    assert first.get_strings() == ["hello"]
    assert second.get_strings() == ["good morning"]
    assert await lines(tmp_path, ANN) == ["good morning", "hello"]
    assert typed.wipe(tmp_path, BOB) == 0


async def test_the_chat_that_forgets_lets_go_at_once(tmp_path: Path) -> None:
    kept = open_history(tmp_path, ANN)
    kept.append_string("my secret plan")
    history.forget(kept)
    assert kept.get_strings() == []
    assert not typed.path(tmp_path, ANN).exists()
    kept.append_string("hello")
    assert await lines(tmp_path, ANN) == ["hello"]


async def test_lines_of_former_releases_are_the_users_of_this_terminal_and_are_wiped_with_anybody(
    tmp_path: Path,
) -> None:
    FileHistory(tmp_path / typed.SHARED).append_string("who said this?")
    assert await lines(tmp_path, BOB) == []
    assert [line async for line in open_history(tmp_path, ANN, inherits=True).load()] == ["who said this?"]
    assert not (tmp_path / typed.SHARED).exists()
    FileHistory(tmp_path / typed.SHARED).append_string("and this?")
    assert typed.wipe(tmp_path, BOB) == 2, "his own, and those of which nobody knows whose they are"
    assert not (tmp_path / typed.SHARED).exists()
