"""Homes that cannot be used, and what is damaged in them: one sentence each, and nothing left half-stopped."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from clara.errors import Misconfigured
from gateway.home import Home
from gateway.home.record import Record
from store import migrations
from tests.gateway.conftest import NewHome
from tests.gateway.homes import COMMAND, TestHome, alive

EVERY = (("start",), ("status",), ("stop",), ("restart",), ("logs",), ("chat", "-m", "hi"))


def told(home: TestHome, *arguments: str) -> str:
    """What the command says before it fails; one sentence, without a trace."""
    ran = home.clara(*arguments)
    assert ran.code in (1, 2), ran.out + ran.err
    said = [line for line in ran.err.splitlines() if not line.endswith(" ...")]  # without what it waited for
    assert len(said) == 1, ran.err
    assert said[0].startswith("clara: ")
    return said[0]


@pytest.mark.parametrize("command", EVERY)
def test_a_home_that_is_a_file(tmp_path: Path, command: tuple[str, ...]) -> None:
    (tmp_path / "file").touch()
    assert "CLARA_HOME" in told(TestHome(tmp_path / "file"), *command)
    assert "is a file" in told(TestHome(tmp_path / "file/home"), *command)


@pytest.mark.parametrize("command", EVERY)
def test_a_home_that_is_not_for_clara_alone(tmp_path: Path, command: tuple[str, ...]) -> None:
    assert "has other things in it" in told(TestHome(tmp_path, {"HOME": str(tmp_path)}), *command)
    assert "has other things in it" in told(TestHome(Path("/")), *command)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("command", EVERY)
def test_a_home_that_others_can_write_to(tmp_path: Path, command: tuple[str, ...]) -> None:
    tmp_path.chmod(0o777)
    assert "chmod 700" in told(TestHome(tmp_path), *command)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("command", EVERY)
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_a_home_of_somebody_else(tmp_path: Path, command: tuple[str, ...]) -> None:
    os.chown(tmp_path, 65534, -1)
    assert "belongs to nobody, and you are root" in told(TestHome(tmp_path), *command)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("damage", ['{"database_url": ', "[]", '{"database_url": 1}', "", "\x00\xff"])
def test_whatever_is_damaged_in_a_record_is_noticed(tmp_path: Path, damage: str) -> None:
    (tmp_path / "stack.json").write_text(damage, encoding="latin-1")
    with pytest.raises(Misconfigured, match=r"stack\.json is damaged"):
        Record.read(Home(tmp_path))


def test_nothing_is_stopped_that_could_not_be_started_again(running: TestHome) -> None:
    pids = running.pids()
    record = running.root / "stack.json"
    sound, revision = record.read_text(), running.query("select version_num from alembic_version")
    try:
        record.write_text(sound[: len(sound) // 2])
        for command in EVERY:
            if command not in (("stop",), ("logs",)):
                assert "stack.json is damaged" in told(running, *command)
        record.write_text(sound)
        running.change("update alembic_version set version_num = '9999'")
        for command in (("restart",), ("db", "upgrade")):
            assert "9999" in told(running, *command)
    finally:
        record.write_text(sound)
        running.change(f"update alembic_version set version_num = '{revision}'")
    broken = TestHome(running.root, {"CLARA_WORKERS": "many"})
    assert "CLARA_WORKERS: must" in told(broken, "restart")
    assert broken.clara("logs", "-n", "1").code == 0
    assert running.pids() == pids


def test_everything_can_be_stopped_whatever_is_wrong(new_home: NewHome) -> None:
    home = new_home()
    home.start()
    pids = home.pids()
    broken = TestHome(home.root, {"CLARA_WORKERS": "many"})
    assert broken.clara("stop").out == "Clara has stopped.\n"
    assert not any(map(alive, pids.values()))

    home.start()
    pids = home.pids()
    home.change("update alembic_version set version_num = '9999'")
    (home.root / "stack.json").write_text("[]")
    assert home.clara("stop").code == 0
    assert not any(map(alive, pids.values()))
    (home.root / "stack.json").unlink()
    assert "a newer Clara has used it" in told(home, "start")
    assert not home.pids()


def test_a_chat_without_an_ear_says_so_and_starts_nothing(new_home: NewHome) -> None:
    home = new_home()
    for arguments in (("chat",), ("chat", "-m", "-")):
        ran = subprocess.run(
            ["sh", "-c", 'exec "$@" <&-', "sh", *COMMAND, *arguments],
            env=home.environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert ran.returncode == 2
        assert "Standard input is closed" in ran.stderr
        assert len(ran.stderr.splitlines()) == 1
    assert not home.root.exists()


def test_a_command_works_though_nobody_can_hear_it(new_home: NewHome) -> None:
    home = new_home()
    closed = subprocess.run(
        ["sh", "-c", 'exec "$@" <&- >&- 2>&-', "sh", *COMMAND, "status"], env=home.environment, timeout=60, check=False
    )
    assert closed.returncode == 3


@pytest.mark.parametrize("description", ["", " ", "\n", "x", '"""', "a" * 200])
def test_a_revision_without_a_name_writes_nothing(new_home: NewHome, description: str) -> None:
    versions = migrations.FOLDER / "versions"
    before = set(versions.iterdir())
    try:
        assert "what the revision changes" in told(new_home(), "db", "revision", description)
    finally:
        written = {path for path in versions.iterdir() if path.suffix in (".py", ".sql")} - before
        for path in written:
            path.unlink()
    assert not written


def test_the_command_does_not_need_the_folder_that_it_is_given_in(new_home: NewHome, tmp_path: Path) -> None:
    home = new_home()
    (tmp_path / "gone").mkdir()
    ran = subprocess.run(
        ["sh", "-c", 'cd "$0" && rmdir "$0" && exec "$@"', str(tmp_path / "gone"), *COMMAND, "status", "--json"],
        env={**home.environment, "PYTHONPATH": str(Path(migrations.__file__).parents[2])},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ran.returncode == 3, ran.stderr
    assert json.loads(ran.stdout)["running"] is False
