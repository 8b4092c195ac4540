"""Servers of somebody else's, and settings that are wrong."""

import json
import os

import psycopg
import pytest

from tests.gateway.conftest import NewHome
from tests.gateway.homes import eventually


def test_outside_servers_are_used_and_named(new_home: NewHome, database_url: str, temporal_address: str) -> None:
    home = new_home(DATABASE_URL=database_url, TEMPORAL_ADDRESS=temporal_address)
    home.start()
    found = home.status()
    assert [process["name"] for process in found["processes"]] == ["supervisor", "web", "worker"]
    assert found["addresses"] == {"temporal": temporal_address, "ui": None, "database": database_url}

    def examined() -> bool:
        """Whether the doctor finds them well; a busy one is told to be too slow."""
        checks = {check["name"]: check["level"] for check in json.loads(home.clara("doctor", "--json").out)["checks"]}
        assert "postgres program" not in checks
        return (checks["database"], checks["temporal"], checks["retention"]) == ("ok", "ok", "warn")

    eventually(examined, pause_s=1)
    assert not (home.root / "postgres/data").exists()


def test_an_outside_database_with_another_password_is_told_apart(new_home: NewHome) -> None:
    home = new_home(DATABASE_URL="postgresql://clara:tops3cret@127.0.0.1:9/nowhere", TEMPORAL_ADDRESS="127.0.0.1:9")
    status = home.clara("status", "--json")
    assert status.code == 3
    assert json.loads(status.out)["addresses"]["database"] == "postgresql://clara@127.0.0.1:9/nowhere"
    doctor = home.clara("doctor")
    assert doctor.code == 1
    assert "Check DATABASE_URL" in doctor.out
    assert "tops3cret" not in doctor.out + doctor.err
    for command in (("db", "status"), ("memory", "list")):
        ran = home.clara(*command)
        assert ran.code == 1
        assert ran.err.startswith("clara: The database does not answer. Is Clara running? See: ")


def test_an_outside_database_that_cannot_hold_every_letter_is_refused(
    new_home: NewHome, database_url: str, temporal_address: str
) -> None:
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("create database ascii encoding 'SQL_ASCII' locale 'C' template template0")
    home = new_home(DATABASE_URL=f"{database_url.rpartition('/')[0]}/ascii", TEMPORAL_ADDRESS=temporal_address)
    ran = home.clara("start")
    assert ran.code == 2
    assert "DATABASE_URL: the database must have the encoding UTF8, and this one has SQL_ASCII." in ran.err


@pytest.mark.parametrize(
    ("variables", "told"),
    [
        ({"CLARA_WORKERS": "many"}, "CLARA_WORKERS: must"),
        ({"LLM_PROVIDER": "anthropic"}, "ANTHROPIC_API_KEY: must be set"),
        ({"DATABASE_URL": "mysql://x"}, "DATABASE_URL: must"),
        ({"TEMPORAL_ADDRESS": "somewhere"}, "TEMPORAL_ADDRESS: must"),
    ],
)
def test_a_wrong_setting_is_named_before_anything_starts(
    new_home: NewHome, variables: dict[str, str], told: str
) -> None:
    home = new_home(**variables)
    ran = home.clara("start")
    assert ran.code == 2
    assert told in ran.err
    assert "Traceback" not in ran.err
    doctor = home.clara("doctor")
    assert doctor.code == 1
    assert told in doctor.out
    assert not home.root.exists()
    home.variables.clear()  # for the stop at the end


def test_a_start_that_fails_names_cause_and_log_and_leaves_nothing_running(new_home: NewHome) -> None:
    home = new_home()
    (home.root / "postgres/data").mkdir(parents=True)
    (home.root / "postgres/data/PG_VERSION").write_text("9\\n")
    ran = home.clara("start")
    assert ran.code == 1
    assert "The data in" in ran.err
    assert str(home.root / "logs/postgres.log") in ran.err
    assert home.clara("status").code == 3


def test_a_mistake_of_hers_goes_to_a_file(new_home: NewHome) -> None:
    home = new_home()
    home.root.mkdir()
    (home.root / "stack.json").write_text('{"database_url": "postgresql://["}')
    ran = home.clara("status")
    assert ran.code == 1
    assert "the details are in" in ran.err
    assert "Traceback" in (home.root / "logs/command.log").read_text()
    os.unlink(home.root / "stack.json")


def test_a_process_whose_settings_are_wrong_is_not_started_again_and_again(new_home: NewHome) -> None:
    home = new_home(CLARA_TOOLS="no.such.module")
    started = home.clara("start")
    assert started.code == 1
    assert "CLARA_TOOLS: must name importable modules" in started.err
    worker = next(p for p in home.status()["processes"] if p["name"] == "worker")
    assert (worker["state"], worker["restarts"]) == ("failed", 0)
