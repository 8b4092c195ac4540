"""The rules of single checks, where the world cannot be brought into the state that they are about."""

import asyncio
from pathlib import Path

import pytest

from clara.settings import load
from gateway.doctor.configuration import budgets
from gateway.doctor.configuration.keys import of_key
from gateway.doctor.examination import bounded, examine
from gateway.doctor.facts import Facts
from gateway.doctor.finding import Finding, ok, worst
from gateway.doctor.machine import data
from gateway.doctor.machine.home import strangers
from gateway.doctor.machine.processes import MANY, last_words, of
from gateway.doctor.secrets import MASK, masked, secrets_of
from gateway.doctor.servers import learning
from gateway.doctor.servers.database import capacity, expected_tables, of_server, skew, tables_of
from gateway.doctor.servers.learning import Answers
from gateway.doctor.servers.polling import QUIET_S, Queue, adapter, living, served, workers
from gateway.doctor.servers.turns import Ended, verdict
from gateway.home import Home
from gateway.supervision.supervisord import Process
from tests.gateway.doctor.world import World


def awake(_: str) -> bool:
    return False


def test_a_worker_that_has_not_asked_for_long_is_not_polling() -> None:
    assert workers(Queue({"7@host": 1.0}), awake).level == "ok"
    gone = workers(Queue({"7@host": QUIET_S + 1}), awake)
    assert (gone.level, "no worker is polling: the last one asked 76 s ago" in gone.what) == ("broken", True)
    assert "restart worker" in gone.fix


def test_a_worker_that_a_signal_stopped_does_not_count_although_it_asked_just_now() -> None:
    alone = workers(Queue({"7@host": 1.0}), lambda _: True)
    assert (alone.level, "7@host is stopped (SIGSTOP)" in alone.what) == ("broken", True)
    one_of_two = workers(Queue({"7@host": 1.0, "8@host": 1.0}), lambda name: name == "7@host")
    assert (one_of_two.level, one_of_two.what) == ("warn", "1 worker polling; 7@host is stopped (SIGSTOP)")


def test_a_worker_that_was_killed_just_now_does_not_count() -> None:
    left = living(Queue({"7@host": 1.0, "8@host": 2.0}), lambda name: name == "7@host")
    assert left.quiet_s == {"8@host": 2.0}
    assert workers(living(left, lambda _: True), awake).level == "broken"


def test_a_role_that_nobody_serves_is_told_and_breaks_nothing_else() -> None:
    assert served("sandbox", Queue({"7@host": 1.0})).level == "ok"
    found = served("sandbox", Queue({"7@host": QUIET_S + 1}))
    assert (found.level, found.what) == ("warn", "no worker serves the role sandbox, so what only it can do waits")
    assert "docker compose up -d sandbox" in found.fix


def test_work_that_nobody_takes_is_told_although_workers_poll() -> None:
    found = workers(Queue({"7@host": 1.0}, waiting=3, waiting_s=90), awake)
    assert (found.level, "has been waiting for 90 s" in found.what, "CLARA_WORKERS" in found.fix) == (
        "warn",
        True,
        True,
    )


def test_an_adapter_that_does_not_poll_is_told() -> None:
    assert adapter("discord", Queue({"9@host": 3}))[0].level == "ok"
    [found] = adapter("discord", Queue({}))
    assert (found.level, "clara restart discord" in found.fix) == ("warn", True)


@pytest.mark.parametrize(
    ("theirs", "told"),
    [
        (1000.5, ""),
        (1004.0, ""),
        (1061.0, "60 s ahead of"),
        (940.0, "60 s behind"),
    ],
)
def test_clocks_that_differ_are_told(theirs: float, told: str) -> None:
    found = skew("database", theirs, asked=1000.0, answered=1001.0)
    assert [told in f.what and f.level == "warn" and "timedatectl" in f.fix for f in found] == ([True] if told else [])


def test_a_slow_answer_is_no_difference_of_clocks() -> None:
    assert skew("database", 1030.0, asked=1000.0, answered=1060.0) == []


def test_connections_that_run_out_are_told() -> None:
    assert capacity(20, 60, False) == []
    [found] = capacity(58, 60, False)
    assert (found.level, found.what) == ("warn", "58 of 60 connections are in use")


def test_tables_are_those_that_all_migrations_together_leave() -> None:
    assert tables_of(["create table a (x int);\ncreate table b ();", "drop table a;\nalter table b rename to c;"]) == {
        "c"
    }
    assert {"turns", "memories", "notes", "side_calls"} <= expected_tables()


def test_failures_in_a_row_are_broken_and_single_ones_a_warning() -> None:
    bad, good = Ended("turn/a/1", True, "It broke."), Ended("turn/a/2", False, "")
    assert verdict([]) == []
    assert verdict([good])[0].level == "ok"
    assert verdict([good, bad])[0].level == "warn"
    assert verdict([bad, bad])[0].level == "warn"
    [found] = verdict([bad, bad, bad, good])
    assert (found.level, found.what) == ("broken", "3 of 4 failed in the last hour: It broke.")


def process(state: str, restarts: int = 0) -> Process:
    return Process("worker", "worker", 7, state, restarts, 100)


def test_a_process_that_fails_is_told_with_its_last_words(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.logs.mkdir()
    home.log("worker").write_text("2026-11-25 10:00:00,000 INFO x: begins\nMEM0_PROVIDER: must be set\n\n")
    assert last_words(home, "worker") == "MEM0_PROVIDER: must be set"
    failed = of(process("failed"), home)
    assert (failed.level, "MEM0_PROVIDER: must be set" in failed.what) == ("broken", True)
    assert "clara restart worker" in failed.fix
    assert of(process("running", MANY), home).level == "warn"
    assert of(process("stopped"), home).level == "warn"
    assert of(process("running"), home).level == "ok"


def test_a_sound_database_file_is_sound_and_none_is_no_damage(world: World) -> None:
    world.used_home()
    assert data.damaged(world.sqlite()) == ""
    assert data.damaged(world.root / "none") == ""


@pytest.mark.parametrize(
    ("variable", "value", "vendor"),
    [
        ("ANTHROPIC_API_KEY", "sk-ant-api03-Abcdefghijklmnop_-0", "Anthropic"),
        ("OPENROUTER_API_KEY", "sk-or-v1-0123456789abcdef", "OpenRouter"),
        ("CUSTOM_OPENAI_API_KEY", "sk-0123456789abcdefghij", "OpenAI"),
        ("CUSTOM_OPENAI_API_KEY", "sk-ant-anything-at-a-proxy", None),
        ("CUSTOM_OPENAI_API_KEY", "none", None),
        ("NANOGPT_API_KEY", "0b5bb6d4-4f6c-4b8e-8a0e-1f2d3c4b5a69", "NanoGPT"),
    ],
)
def test_good_keys_are_left_in_peace(variable: str, value: str, vendor: str | None) -> None:
    assert of_key(variable, value, vendor) == []


async def test_a_check_that_breaks_or_hangs_is_a_finding_and_ends_nothing(world: World) -> None:
    async def breaks(_: Facts) -> list[Finding]:
        raise ZeroDivisionError("by nothing")

    async def hangs(_: Facts) -> list[Finding]:
        await asyncio.sleep(1000)
        return []

    async def fine(_: Facts) -> list[Finding]:
        return [ok("fine", "all is well")]

    facts: Facts = None  # type: ignore[assignment]
    found = [f async for f in examine(facts, {"first": breaks, "second": fine}, frozenset())]
    assert [(f.name, f.level) for f in found] == [("first", "warn"), ("fine", "ok")]
    assert found[0].what == "could not be checked: ZeroDivisionError: by nothing"
    [late] = await bounded("slow", hangs, facts, seconds=0.05)
    assert "could not be checked within 0.05 seconds" in late.what


def test_secrets_are_masked_wherever_they_turn_up() -> None:
    secrets = secrets_of(
        {
            "ANTHROPIC_API_KEY": "sk-ant-1",
            "DATABASE_URL": "postgresql://me:tops3cret@host/db",
            "LLM_MAX_TOKENS": "100000",
        }
    )
    found = masked(
        Finding("x", "broken", "sk-ant-1 at postgresql://me:tops3cret@host of 100000", "use sk-ant-1"), secrets
    )
    assert found.what == f"{MASK} at postgresql://me:{MASK}@host of 100000"
    assert found.fix == f"use {MASK}"


def test_the_worst_finding_is_the_verdict() -> None:
    assert worst([]) == "ok"
    assert worst([ok("a", "b"), Finding("a", "warn", "b")]) == "warn"
    assert worst([Finding("a", "broken", "b"), Finding("a", "warn", "b")]) == "broken"


def test_files_of_another_user_are_told_to_whoever_is_not_root(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "worker.log").write_text("")
    you = tmp_path.stat().st_uid
    assert strangers(tmp_path, you) == []
    [found] = strangers(tmp_path, you + 4321)
    assert (found.level, "and 1 more belong to" in found.what) == ("broken", True)
    assert f"sudo chown -R user {you + 4321} {tmp_path}" in found.fix


def test_an_old_server_and_one_that_loses_letters_are_told() -> None:
    assert [f.level for f in of_server(180004, "UTF8", "postgresql://c@h/d")] == ["ok"]
    [old] = of_server(140010, "UTF8", "postgresql://c@h/d")
    assert (old.level, old.what, "Postgres 15 or newer" in old.fix) == ("broken", "Postgres 14.10 is too old", True)


def test_a_model_whose_answers_teach_nothing_is_told_of() -> None:
    assert learning.verdict([], 0) == []
    few = learning.verdict([Answers("small", 1, 40)], 0)[0]
    assert (few.level, few.what) == ("ok", "1 of 40 answers of small were not usable, in the last 7 days")
    many = learning.verdict([Answers("tiny", 9, 30), Answers("small", 1, 40)], 0)[0]
    assert (many.level, "MEM0_MODEL" in many.fix) == ("warn", True)
    lost = learning.verdict([], 2)[0]
    assert (lost.level, "nothing could be learned from 2 messages" in lost.what) == ("warn", True)


def test_a_budget_is_told_of_and_one_without_room_for_a_single_call_is_a_warning() -> None:
    key = {"ANTHROPIC_API_KEY": "k"}
    [none] = budgets.check(Facts(load(key), {}))
    assert (none.level, "limit nothing" in none.what) == ("ok", True)
    [roomy] = budgets.check(Facts(load({**key, "BUDGET_DAY_USD": "5"}), {}))
    assert (roomy.level, roomy.what) == ("ok", "day-usd $5.00")
    [tight] = budgets.check(Facts(load({**key, "BUDGET_TURN_USD": "0.01", "BUDGET_DAY_USD": "5"}), {}))
    assert (tight.level, tight.what.startswith("BUDGET_TURN_USD is $0.01, and one call of ")) == ("warn", True)
    [few] = budgets.check(Facts(load({**key, "BUDGET_TURN_TOKENS": "9000"}), {}))
    assert "may take 12,192 tokens, so it is never asked" in few.what
    own = {"LLM_PROVIDER": "openai", "CUSTOM_OPENAI_API_KEY": "k", "CUSTOM_OPENAI_MODEL": "mine"}
    free = {name: "mine" for name in ("CUSTOM_OPENAI_MODEL_HIGH", "CUSTOM_OPENAI_MODEL_LOW")}
    limited = load({**own, **free, "BUDGET_DAY_USD": "0.01", "BUDGET_UNKNOWN_PRICE": "0/0"})
    assert [finding.level for finding in budgets.check(Facts(limited, {}))] == ["ok"]
