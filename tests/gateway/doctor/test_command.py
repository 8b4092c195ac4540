"""``clara doctor`` as it is typed: what it prints, its exit code, and a stack that is real."""

import json
import os
import signal

import pytest

from gateway.home import Home
from gateway.supervision.supervisord import attach
from tests.gateway.conftest import NewHome
from tests.gateway.homes import TestHome, eventually
from tests.servers import temporal_server


def checks(home: TestHome, *options: str) -> tuple[int, dict[str, dict[str, str]]]:
    ran = home.clara("doctor", "--json", *options)
    assert ran.err == ""
    found = json.loads(ran.out)
    assert found["ok"] == (ran.code == 0)
    return ran.code, {check["name"]: check for check in found["checks"]}


def test_down_is_exit_code_1_with_what_to_do(new_home: NewHome) -> None:
    ran = new_home().clara("doctor")
    assert ran.code == 1
    assert "broken  processes: Clara is not running\n        " in ran.out
    assert "clara start" in ran.out
    assert ran.out.endswith("1 broken, 1 warning.\n")


def test_outside_servers_are_not_called_not_running(new_home: NewHome, database_url: str) -> None:
    # Temporal remembers for minutes who has polled, so this is one that nobody has.
    with temporal_server() as address:
        _, found = checks(new_home(DATABASE_URL=database_url, TEMPORAL_ADDRESS=address))
    assert "processes" not in found
    assert (found["database"]["level"], found["temporal"]["level"]) == ("ok", "ok")
    assert "no worker is polling" in found["polling"]["what"]


def test_asking_for_real_says_what_it_costs_before(new_home: NewHome) -> None:
    ran = new_home().clara("doctor", "--live")
    assert ran.out.startswith("Asking the model and the embeddings")


def test_mending_is_said(new_home: NewHome) -> None:
    home = new_home()
    home.root.mkdir(mode=0o755)
    home.root.chmod(0o755)
    assert "Some of it can be fixed with" in home.clara("doctor").out
    ran = home.clara("doctor", "--fix")
    assert "fixed: set the mode of" in ran.out
    assert home.root.stat().st_mode & 0o777 == 0o700


def test_a_healthy_stack_has_exit_code_0(running: TestHome) -> None:
    code, found = checks(running)
    assert code == 0, found
    assert [name for name, check in found.items() if check["level"] != "ok"] == ["model"]


@pytest.mark.parametrize("name", ["worker", "postgres"])
def test_a_frozen_process_is_found_at_once(running: TestHome, name: str) -> None:
    pid = running.pids()[name]
    os.kill(pid, signal.SIGSTOP)
    try:
        ran = running.clara("doctor")
    finally:
        os.kill(pid, signal.SIGCONT)
    assert ran.code == 1
    assert f"{name}: process {pid} is stopped (SIGSTOP)" in ran.out
    assert ("no worker is polling" in ran.out) == (name == "worker")
    eventually(lambda: checks(running)[0] == 0, seconds=60, pause_s=1)


def test_a_worker_that_is_gone_is_missed_at_once(running: TestHome) -> None:
    supervisor = attach(Home(running.root))
    assert supervisor is not None
    supervisor.stop(running.processes()["worker"])
    try:
        ran = running.clara("doctor")
    finally:
        supervisor.start(running.processes()["worker"])
    assert ran.code == 1
    assert "polling: no worker is polling" in ran.out
    assert "worker: was stopped by hand" in ran.out
    eventually(lambda: checks(running)[0] == 0, seconds=60, pause_s=1)


def test_settings_that_were_changed_since_the_start_are_named(running: TestHome) -> None:
    code, found = checks(TestHome(running.root, {"LOG_LEVEL": "DEBUG"}))
    assert code == 0
    assert found["changed settings"]["level"] == "warn"
    assert "LOG_LEVEL changed after Clara was started" in found["changed settings"]["what"]
    assert "restart" in found["changed settings"]["fix"]


def test_a_table_that_is_missing_is_named(running: TestHome) -> None:
    running.change("alter table notes rename to notes_away")
    try:
        code, found = checks(running)
    finally:
        running.change("alter table notes_away rename to notes")
    assert code == 1
    assert "the table notes is missing" in found["schema"]["what"]


def test_a_record_that_is_damaged_while_she_runs_is_told_without_a_crash(running: TestHome) -> None:
    record = running.root / "stack.json"
    text = record.read_text()
    record.write_text(text[:40])
    try:
        ran = running.clara("doctor")
    finally:
        record.write_text(text)
    assert ran.code == 1
    assert "stack.json is damaged" in ran.out
    assert "could not be checked" not in ran.out
    assert "not running" not in ran.out
