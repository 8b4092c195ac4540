"""Claims, ports, records and the supervisor's configuration: the small parts, without any server."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from configparser import RawConfigParser
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from clara.settings import load, source
from clara.settings.runtime import RuntimeSettings
from gateway.errors import StartFailed
from gateway.home import Home
from gateway.home.record import Record
from gateway.inspection.status import without_password
from gateway.supervision import claim
from gateway.supervision.config import render
from gateway.supervision.programs import programs


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path / "home")
    home.create()
    return home


HOLDER = """
import os, sys, time
from pathlib import Path
from gateway.home import Home
from gateway.supervision import claim
claim.take(Home(Path(sys.argv[1])), "worker")
if len(sys.argv) > 2 and os.fork():
    os._exit(0)  # leaves a child that is not what the file says
print(os.getpid(), flush=True)
time.sleep(60)
"""


@contextmanager
def _holder(home: Home, *arguments: str) -> Iterator[tuple["subprocess.Popen[str]", int]]:
    """A process that takes the claim, and the pid of who keeps it."""
    command = [sys.executable, "-c", HOLDER, str(home.root), *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield process, int(process.stdout.readline())


def test_a_claim_lasts_as_long_as_its_holder(home: Home) -> None:
    assert claim.holder(home, "worker") is None
    with _holder(home) as (process, _):
        assert claim.holder(home, "worker") == process.pid
        process.kill()
    assert claim.holder(home, "worker") is None
    assert home.claim("worker").read_text() == str(process.pid)  # which may be anybody's by now
    claim.end(home, "worker", signal.SIGTERM)


def test_what_is_left_of_an_earlier_run_is_ended(home: Home) -> None:
    with _holder(home) as (process, _):
        claim.end(home, "worker", signal.SIGTERM)
        assert process.wait(5) == -signal.SIGTERM


def test_a_child_of_the_holder_keeps_the_claim(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    with _holder(home, "fork") as (process, child):
        process.wait(5)
        assert claim.holder(home, "worker") is not None
        monkeypatch.setattr(claim, "PATIENCE_S", 0.2)
        with pytest.raises(StartFailed, match="worker is still running"):
            claim.take(home, "worker")
        os.kill(child, signal.SIGKILL)
    assert claim.wait_gone(home, "worker", 5)


def test_ports_and_passwords_stay_until_a_stranger_takes_a_port(home: Home) -> None:
    first = Record().for_start(home, source(), {})
    first.write(home)
    assert home.record.stat().st_mode & 0o777 == 0o600
    assert Record.read(home) == first
    again = Record.read(home).for_start(home, source(), {})
    assert again == replace(first, ui_upstream=again.ui_upstream), "where the pages hide is another place each time"
    with socket.socket() as stranger:
        stranger.bind(("127.0.0.1", first.temporal_port))
        stranger.listen()
        second = first.for_start(home, source(), {})
    assert second.temporal_port != first.temporal_port
    assert second.database_url == first.database_url


def test_the_settings_read_the_record(home: Home) -> None:
    record = Record().for_start(home, source(), {})
    record.write(home)
    runtime = RuntimeSettings.model_validate({"CLARA_HOME": str(home.root)})
    assert runtime.database_url == record.database_url
    assert runtime.temporal_address == record.temporal_address
    assert runtime.ui_url == record.ui_url


def test_which_processes_run_follows_the_settings() -> None:
    def names(**variables: str) -> list[str]:
        return [name for program in programs(load(variables), variables) for name in program.processes]

    assert names() == ["postgres", "temporal", "pages", "worker", "web"]
    assert names(WEB_PORT="0") == ["postgres", "temporal", "pages", "worker"]
    assert names(CLARA_WORKERS="3", WEB_PORT="0")[3:] == ["worker_0", "worker_1", "worker_2"]
    assert names(DATABASE_URL="postgresql://x", TEMPORAL_ADDRESS="x:1") == ["worker", "web"]
    assert names(TEMPORAL_PROFILE="cloud") == ["postgres", "worker", "web"]


def test_the_configuration_holds_no_paths_and_one_secret() -> None:
    text = render(programs(load({"CLARA_WORKERS": "2"}), {}), "12345", "s3cret")
    parsed = RawConfigParser(inline_comment_prefixes=(";", "#"))
    parsed.read_string(text)
    worker = parsed["program:worker"]
    assert worker["numprocs"] == "2"
    assert worker["process_name"] == "%(program_name)s_%(process_num)d"
    assert worker["command"].endswith("gateway.supervision.child %(program_name)s_%(process_num)d workers")
    assert text.count("s3cret") == 1
    assert str(Path.home()) not in text


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql://me:p%40ss@db:5432/x?sslmode=require&password=q", "postgresql://me@db:5432/x"),
        ("postgresql://me:p@ss@db/x", "postgresql://me@db/x"),
        ("postgresql://db/x", "postgresql://db/x"),
    ],
)
def test_addresses_are_shown_without_passwords(url: str, shown: str) -> None:
    assert without_password(url) == shown
