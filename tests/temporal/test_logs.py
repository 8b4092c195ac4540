"""What is handled is one line with its turn; what nobody expected is one traceback."""

import asyncio
import io
import logging
import uuid
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from temporalio import activity
from temporalio.client import Client, WorkflowFailureError
from temporalio.exceptions import ApplicationError

from activities.llm import patience
from clara.errors import ModelRefused, Unavailable
from clara.memory.requests import MemoryCommand
from store.database import Pool
from store.turns import steps
from temporal import ids, policies
from temporal.processes import logs
from tests.conftest import StartWorker
from tests.workflows.conversations import conversation
from workflows.remember import MemoryCommandWorkflow

pytestmark = pytest.mark.usefixtures("unhurried")

TRACEBACK = "Traceback (most recent call last)"


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """What a process that logs as Clara's do would have written."""
    for logger, name in ((activity.logger, "activity_info_on_message"),):
        monkeypatch.setattr(logger, name, getattr(logger, name))
    # A server of the tests that still runs in this process may meet somebody who was killed.
    monkeypatch.setattr(logging.getLogger("aiohttp.server"), "disabled", True)
    stream = io.StringIO()
    added, root = logs.handler(stream), logging.getLogger()
    root.addHandler(added)
    level = root.level
    root.setLevel(logging.INFO)
    yield stream
    root.setLevel(level)
    root.removeHandler(added)


def lines(stream: io.StringIO) -> list[str]:
    return [line for line in stream.getvalue().splitlines() if "pytest" not in line]


@pytest.fixture(autouse=True)
def _hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "FIRST_PAUSE_S", 0.001)
    monkeypatch.setattr(patience, "LONGEST_PAUSE_S", 0.001)


async def test_a_fault_of_the_provider_is_one_line_that_names_its_turn(
    client: Client, pool: Pool, start_worker: StartWorker, written: io.StringIO
) -> None:
    def answer(prompt: Any) -> Any:
        if len(talk.model.prompts) > 40:
            return "back"
        error = Unavailable("The model provider (anthropic) had an internal error.", "server")
        error.add_note("claude-test, InternalServerError, status 500: oh dear")
        return error

    async with conversation(client, pool, start_worker, answer) as talk:
        turn = await talk.ask("go")
    found = [line for line in lines(written) if "internal error" in line]
    assert len(found) == 40
    assert TRACEBACK not in written.getvalue()
    assert found[2].endswith(
        f" WARNING llm.step: {turn.id}: attempt 3 failed: The model provider (anthropic) had an internal error."
        " [claude-test, InternalServerError, status 500: oh dear]; again in 0.001 s"
    )


async def test_a_final_refusal_is_one_line_as_well(
    client: Client, pool: Pool, start_worker: StartWorker, written: io.StringIO
) -> None:
    refused = ModelRefused("The model provider (anthropic) refused the key. Check ANTHROPIC_API_KEY.", "auth")
    async with conversation(client, pool, start_worker, lambda p: refused) as talk:
        turn = await talk.ask("go")
    (line,) = [line for line in lines(written) if "refused the key" in line]
    assert turn.id in line
    assert line.endswith("Check ANTHROPIC_API_KEY.; not tried again")


async def test_a_database_that_is_away_is_one_line(
    client: Client, pool: Pool, start_worker: StartWorker, written: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    failures = [psycopg.OperationalError("connection failed:\n\tIs the server running?")]
    real = steps.save_last

    async def save(*arguments: Any) -> bool:
        if failures:
            raise failures.pop()
        return await real(*arguments)

    monkeypatch.setattr(steps, "save_last", save)
    async with conversation(client, pool, start_worker, lambda p: "fine") as talk:
        turn = await talk.ask("go")
    (line,) = [line for line in lines(written) if "OperationalError" in line]
    words = "attempt 1 failed: Clara's database does not answer (OperationalError); again in 0.5 s"
    assert line.endswith(f"{turn.id}: {words}")
    assert TRACEBACK not in written.getvalue()


async def test_an_attempt_that_ran_out_of_time_is_one_line(
    client: Client, pool: Pool, start_worker: StartWorker, written: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def forgetful() -> str:
        if len(talk.model.prompts) == 1:
            await asyncio.sleep(60)
        return "fine"

    quick = policies.Policy(attempt=timedelta(seconds=1), total=timedelta(minutes=5), attempts=5)
    monkeypatch.setattr(policies, "MODEL", quick)
    async with conversation(client, pool, start_worker, lambda p: forgetful()) as talk:
        assert (await talk.ask("go")).reply == "fine"
    assert TRACEBACK not in written.getvalue()
    assert sum("attempt 1 failed" in line for line in lines(written)) == 1


async def test_what_nobody_expected_is_traced_once(
    client: Client, pool: Pool, start_worker: StartWorker, written: io.StringIO
) -> None:
    def answer(prompt: Any) -> Any:
        return ZeroDivisionError("a bug") if len(talk.model.prompts) < 4 else "fine"

    async with conversation(client, pool, start_worker, answer) as talk:
        turn = await talk.ask("go")
    assert written.getvalue().count(TRACEBACK) == 1
    assert sum(turn.id in line and "ZeroDivisionError: a bug" in line for line in lines(written)) == 3


async def test_every_line_within_an_activity_names_its_turn(
    client: Client, pool: Pool, start_worker: StartWorker, written: io.StringIO
) -> None:
    async def answer() -> str:
        logging.getLogger("some.library").warning("one\ntwo")
        logging.getLogger("httpx2").info("HTTP Request: POST https://example.invalid")
        return "fine"

    async with conversation(client, pool, start_worker, lambda p: answer()) as talk:
        turn = await talk.ask("go")
    assert f" WARNING some.library: {turn.id}: one two\n" in written.getvalue()
    assert "HTTP Request" not in written.getvalue()


def test_a_library_that_repeats_itself_is_heard_once_in_a_while(
    written: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    pool = logging.getLogger("psycopg.pool")
    for number in range(50):
        pool.warning("error connecting in %r: %s", "pool-1", f"no route\nto host {number}")
        pool.info("connection requested from %r", "pool-1")
        logging.getLogger("temporalio.core").warning("gRPC call poll retried %d times", number)
    assert len(lines(written)) == 2
    monkeypatch.setattr(logs, "REPEAT_PAUSE_S", 0)
    pool.warning("error connecting in %r: %s", "pool-1", "the last one")
    assert lines(written)[2].endswith("error connecting in 'pool-1': the last one (and 49 times before)")


def test_words_for_the_person_and_for_the_operator_are_both_in_the_line() -> None:
    cause = Unavailable("The provider is overloaded.", "overloaded")
    cause.add_note("status 529")
    error = ApplicationError("The provider is overloaded. I tried 3 times.", non_retryable=True)
    error.__cause__ = cause
    assert logs._what(error) == (
        "The provider is overloaded. I tried 3 times. [Unavailable: The provider is overloaded. [status 529]];"
        " not tried again"
    )
    assert logs._what(ApplicationError("busy", next_retry_delay=timedelta(seconds=8))) == "busy; again in 8 s"


@activity.defn(name="nothing")
async def nothing() -> None:
    """A worker serves one activity at least."""


async def test_an_activity_that_nobody_serves_is_one_line(
    client: Client, start_worker: StartWorker, written: io.StringIO
) -> None:
    command = MemoryCommand(user_id="cli:ann", name="list")
    task_queue = f"empty-{uuid.uuid4().hex}"
    async with start_worker([nothing], task_queue):
        with pytest.raises(WorkflowFailureError):
            await client.execute_workflow(
                MemoryCommandWorkflow.run,
                command,
                id=ids.memory_command_id("cli:ann", uuid.uuid4().hex),
                task_queue=task_queue,
                execution_timeout=timedelta(seconds=2),
            )
    found = [line for line in lines(written) if "memory.command" in line]
    assert found
    assert all("is not registered on this worker" in line for line in found)
    assert TRACEBACK not in written.getvalue()
