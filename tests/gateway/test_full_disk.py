"""A disk without room: told before and when it happens, and nothing has to be done but to make room."""

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from clara import diskspace
from gateway.supervision.enduring import EnduringFile
from store import disk
from tests import needs
from tests.gateway.homes import TestHome, alive, eventually, kill

MB = diskspace.MB


def mounted(folder: Path, megabytes: int) -> None:
    needs.require("mount")
    folder.mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=755", "tmpfs", folder], capture_output=True, check=False
    )
    if made.returncode != 0:
        pytest.skip("only root can make a small disk")


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    """A disk with room for little more than a home."""
    mounted(tmp_path / "disk", 160)
    yield tmp_path / "disk"
    home = TestHome(tmp_path / "disk/home")
    (home.root.parent / "filling").unlink(missing_ok=True)
    home.clara("stop")
    subprocess.run(["umount", tmp_path / "disk"], check=True)


def fill(folder: Path) -> None:
    with (folder / "filling").open("wb", buffering=0) as file:
        block = bytes(4096)
        try:
            while True:
                file.write(block * 256)
        except OSError:
            pass
        try:
            while True:
                file.write(block)
        except OSError:
            return


def test_a_full_disk_is_told_and_everything_goes_on_once_there_is_room(small: Path) -> None:
    home = TestHome(small / "home")
    home.start()
    assert home.clara("chat", "-m", "hello").code == 0
    assert "The disk is almost full" in home.clara("status").out

    for log in (home.root / "logs").iterdir():  # so that no page of theirs has room left
        with log.open("ab") as file:
            file.write(b" " * (-log.stat().st_size % 4096))
    fill(small)
    supervisor = home.pids()["supervisor"]
    for _ in range(4):  # so that everybody has something to log and to write, more than once
        kill(pid for name, pid in home.pids().items() if name in ("postgres", "temporal", "worker"))
        time.sleep(1)
    assert alive(supervisor), (home.root / "supervisor/output").read_text()[-2000:]
    found = home.status()
    assert found["running"]
    assert any("The disk is full" in notice for notice in found["notices"])
    for command in (("start",), ("restart",), ("chat", "-m", "hello")):
        ran = home.clara(*command)
        assert ran.code == 1
        assert "too little room on the disk" in ran.err
        assert "Traceback" not in ran.err
    assert home.pids()["supervisor"] == supervisor, "what cannot be started again is not stopped"

    (small / "filling").unlink()
    eventually(lambda: home.clara("chat", "-m", "hello").code == 0, seconds=100, pause_s=1)
    assert alive(supervisor)
    states = eventually(lambda: (s := {p.state for p in home.processes().values()}) == {"running"} and s, seconds=60)
    assert states == {"running"}


def test_a_start_in_vain_is_refused_and_leaves_no_litter(small: Path) -> None:
    home = TestHome(small / "home")
    fill(small)
    ran = home.clara("start")
    assert (ran.code, "a start needs 80 MB" in ran.err) == (1, True), ran.err
    (small / "filling").unlink()
    home.start()
    fill(small)
    stopped = home.clara("stop")
    assert (stopped.code, stopped.out) == (0, "Clara has stopped.\n"), stopped.err
    before = sorted(path.name for path in home.root.iterdir())
    assert home.clara("start").code == 1
    assert sorted(path.name for path in home.root.iterdir()) == before


def test_a_log_file_loses_what_it_cannot_write_and_goes_on(tmp_path: Path) -> None:
    mounted(tmp_path / "disk", 1)
    try:
        log = EnduringFile(str(tmp_path / "disk/worker.log"), maxBytes=300_000, backupCount=1)
        logger = EnduringLogger(log)
        fill(tmp_path / "disk")
        for _ in range(3000):  # enough for a rotation to be due
            logger.say(b"x" * 200 + b"\n")
        (tmp_path / "disk/filling").unlink()
        for _ in range(3000):
            logger.say(b"y" * 200 + b"\n")
        logger.say(b"the end\n")
        assert (tmp_path / "disk/worker.log").read_bytes().endswith(b"the end\n")
        assert sum(path.stat().st_size for path in (tmp_path / "disk").iterdir()) < 700_000
        log.close()
    finally:
        subprocess.run(["umount", tmp_path / "disk"], check=True)


CHAT = """
import logging, sys
from adapters.cli.app import _log_to_file
from adapters.cli.chat.history import open_history
from clara.memory.kinds import scope
from clara.settings import load
with _log_to_file(load()):
    for _ in range(100):
        logging.getLogger("store").warning("x" * 1000)
    history = open_history(load().runtime.home, scope("cli:me"))
    history.append_string("hello " * 1000)
    assert history.get_strings() == ["hello " * 1000]
print("done")
"""


def test_a_chat_that_can_write_neither_log_nor_history_is_not_disturbed(tmp_path: Path) -> None:
    mounted(tmp_path / "disk", 1)
    try:
        home = TestHome(tmp_path / "disk/home")
        (home.root / "logs").mkdir(parents=True)
        fill(tmp_path / "disk")
        ran = subprocess.run(
            [sys.executable, "-c", CHAT], env=home.environment, capture_output=True, text=True, timeout=60, check=False
        )
        assert (ran.returncode, ran.stdout, ran.stderr) == (0, "done\n", "")
    finally:
        subprocess.run(["umount", tmp_path / "disk"], check=True)


class EnduringLogger:
    """As supervisord writes what a process has said."""

    def __init__(self, handler: EnduringFile) -> None:
        from supervisor import loggers

        handler.setFormat("%(message)s")
        handler.setLevel(loggers.LevelsByName.INFO)
        self._logger = loggers.Logger(handlers=[handler])

    def say(self, text: bytes) -> None:
        self._logger.info(text)


@pytest.mark.parametrize(
    ("free", "said"),
    [
        (0, "The disk is full: 0 MB"),
        (19 * MB, "The disk is full"),
        (180 * MB, "almost full: 180 MB left"),
        (500 * MB, None),
    ],
)
def test_what_is_said_of_a_disk(free: int, said: str | None) -> None:
    told = diskspace.shortage(free, "/home/me/.clara")
    assert (told is None) if said is None else (told is not None and said in told and "/home/me/.clara" in told)


def test_room_is_found_for_a_home_that_is_not_there_yet(tmp_path: Path) -> None:
    assert disk.free(tmp_path / "not/there/yet") > 0
    assert disk.free(tmp_path) > 0
