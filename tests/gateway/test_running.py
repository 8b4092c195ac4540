"""One stack that runs: what it looks like from outside, and that it comes back."""

import json
import os
import select
import stat
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest

from tests.gateway.homes import COMMAND, TestHome, alive, eventually, kill

NAMES = ["supervisor", "postgres", "temporal", "pages", "worker", "web"]


def test_status_tells_processes_and_addresses_but_no_secret(running: TestHome) -> None:
    found = running.status()
    assert found["running"]
    assert found["permanent"]
    assert sorted(process["name"] for process in found["processes"]) == sorted(NAMES)
    assert all(process["state"] == "running" and alive(process["pid"]) for process in found["processes"])
    assert all(process["restarts"] == 0 for process in found["processes"])
    record = running.record()
    assert found["addresses"]["temporal"] == record["temporal_address"]
    assert found["addresses"]["ui"] == record["ui_url"]
    assert found["model"] == {"provider": "scripted", "name": "scripted", "offline": True}
    secrets = [(running.root / "postgres/password").read_text(), record["supervisor_password"]]
    spoken = running.clara("status").out + running.clara("doctor").out + running.clara("logs", "-n", "5000").out
    assert not any(secret in spoken + json.dumps(found) for secret in secrets)


def test_only_the_owner_can_read_the_home(running: TestHome) -> None:
    def mode(path: Path) -> int:
        return stat.S_IMODE(path.stat().st_mode)

    assert mode(running.root) == 0o700
    assert {path.name for path in running.root.iterdir() if path.is_dir() and mode(path) != 0o700} == set()
    for secret in ("stack.json", "secret_key", "postgres/password", "supervisor/supervisord.conf"):
        assert mode(running.root / secret) == 0o600
    assert mode(running.root / "postgres/data") == 0o700


def test_the_database_wants_the_password_and_listens_on_loopback_alone(running: TestHome) -> None:
    url = running.record()["database_url"]
    password = (running.root / "postgres/password").read_text()
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(url.replace(password, "wrong"), connect_timeout=5)
    assert running.query("show listen_addresses") == "127.0.0.1"
    assert running.query("select count(*) from pg_available_extensions where name = 'vector'") == 1
    assert running.query("select datlocale from pg_database where datname = current_database()") == "C.UTF-8"


def test_the_servers_get_nothing_of_the_persons_environment(running: TestHome) -> None:
    pids = running.pids()
    for name in ("postgres", "temporal"):
        variables = Path(f"/proc/{pids[name]}/environ").read_text().split("\0")
        given = dict(variable.split("=", 1) for variable in variables if variable)
        assert given.pop("USER", "clara") == "clara", "a name of our own, whoever started her"
        assert set(given) <= {"PATH", "LANG", "TZ", "HOME"}
    assert "CLARA_HOME=" in Path(f"/proc/{pids['worker']}/environ").read_text()


def test_doctor_finds_nothing_wrong_and_leaves_without_a_crash(running: TestHome) -> None:
    for _ in range(3):
        ran = running.clara("doctor", "--json")
        assert ran.code == 0, ran.out + ran.err
    checks = json.loads(ran.out)["checks"]
    assert {"database", "pgvector", "schema", "temporal", "retention", "search attributes", "polling"} <= {
        check["name"] for check in checks if check["level"] == "ok"
    }
    assert [check["name"] for check in checks if check["level"] != "ok"] == ["model"]


def test_a_second_start_and_the_schemas_commands_find_everything_done(running: TestHome) -> None:
    before = running.pids()
    ran = running.clara("start")
    assert (ran.code, ran.err) == (0, "")
    assert "clara restart" not in ran.out
    assert running.pids() == before
    changed = TestHome(running.root, {"CLARA_WORKERS": "2"}).clara("start")
    assert "The settings have changed" in changed.out
    assert running.pids() == before
    assert "up to date" in running.clara("db", "upgrade").out
    status = running.clara("db", "status", "--json")
    assert json.loads(status.out)["up_to_date"]
    assert status.code == 0


def test_unknown_names_are_answered_with_those_there_are(running: TestHome) -> None:
    ran = running.clara("restart", "nobody")
    assert (ran.code, ran.err) == (
        1,
        "clara: There is no process nobody. There are: pages, postgres, temporal, web, worker\n",
    )
    assert "There is no log of nobody" in running.clara("logs", "nobody").err
    assert "There is no adapter nobody" in running.clara("adapter", "nobody", "start").err
    ran = running.clara("adapter", "discord", "start")
    assert ran.code == 2
    assert "DISCORD_BOT_TOKEN" in ran.err
    assert "There is no turn turn/cli/me/none/1" in running.clara("turn", "show", "cli/me/none/1").err


def test_a_turn_is_shown_with_its_workflow(running: TestHome) -> None:
    said = running.clara("chat", "--message", "hello", "--json")
    assert said.code == 0, said.err
    answer = json.loads(said.out)
    shown = json.loads(running.clara("turn", "show", answer["turn"], "--json").out)
    assert (shown["status"], shown["message"], shown["reply"]) == ("completed", "hello", answer["reply"])
    assert shown["workflow"]["status"] in ("running", "completed")
    assert len(shown["steps"]) == answer["steps"]
    assert answer["turn"] in running.clara("turn", "show", answer["turn"].removeprefix("turn/")).out


def test_logs_are_followed(running: TestHome) -> None:
    with subprocess.Popen(
        [*COMMAND, "logs", "worker", "-n", "0", "-f"], env=running.environment, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        output = process.stdout.fileno()
        log = running.root / "logs/worker.log"
        line = b"\xff\x1b[31mnot text\n"

        def write() -> bool:
            with log.open("ab") as file:
                file.write(line)
            # What was written before the command looked is not followed: then it is written again.
            readable, _, _ = select.select([output], [], [], 1)
            return bool(readable) and bool(os.read(output, 100))

        eventually(write)
        process.terminate()


def test_restarting_one_process_leaves_the_others_alone(running: TestHome) -> None:
    before, restarts = running.pids(), running.processes()["worker"].restarts
    assert running.clara("restart", "worker").code == 0
    eventually(lambda: running.pids()["worker"] != before["worker"])
    after = running.pids()
    assert {name for name in NAMES if after[name] != before[name]} == {"worker"}
    assert running.processes()["worker"].restarts == restarts  # it was asked to


def test_every_killed_process_comes_back_and_is_counted(running: TestHome) -> None:
    killed = ("postgres", "temporal", "worker")
    before = running.pids()
    running.change("create table if not exists kept (n int); insert into kept values (1)")
    kill(before[name] for name in killed)
    eventually(lambda: all(running.pids()[name] != before[name] for name in killed))
    assert all(running.processes()[name].restarts > 0 for name in killed)
    assert eventually(lambda: running.query("select count(*) from kept")) >= 1
    eventually(lambda: running.clara("doctor").code == 0, seconds=60, pause_s=1)


def test_version_answers_at_once(running: TestHome) -> None:
    begun = time.monotonic()
    ran = running.clara("--version")
    took = time.monotonic() - begun
    sys.stdout.write(f"clara --version took {took:.3f} s\n")
    assert ran.out.startswith("Clara ")
