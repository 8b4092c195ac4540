"""``clara budget`` and ``clara usage``, in processes of their own."""

import asyncio
import json
import os
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from temporalio.client import Client

from clara.errors import UserError
from clara.llm.models import Usage
from clara.memory.kinds import Owner
from clara.messages import TextPart
from gateway.inspection.budgets import parsed
from store import budgets
from store.database import Pool
from store.turns import side_calls, steps
from store.turns.steps import Step, ToolResult
from tests import nursery
from tests.conftest import StartWorker
from tests.patience import PATIENCE_S
from tests.store.people.filled import ended, message
from tests.workflows.conversations import conversation


@pytest.fixture
async def clara(
    database_url: str, temporal_address: str, pool: Pool, client: Client, tmp_path: Path
) -> AsyncIterator[Any]:
    """Runs the command; what it prints, or its error."""

    async def run(*words: str, **settings: str) -> str:
        ended = await asyncio.to_thread(
            nursery.run,
            "gateway",
            *words,
            env={
                "PATH": os.environ["PATH"],
                "HOME": str(tmp_path),
                "CLARA_HOME": str(tmp_path),
                "CLARA_ENV_FILE": os.devnull,
                "DATABASE_URL": database_url,
                "TEMPORAL_ADDRESS": temporal_address,
                **settings,
            },
        )
        return (ended.stdout if ended.returncode == 0 else ended.stderr).strip()

    yield run
    async with pool.connection() as connection:
        await connection.execute("delete from budget_limits")


async def used(pool: Pool, owner: Owner) -> str:
    """A turn with an answer, a side call of no known price, and a tool."""
    turn_id = await ended(pool, message(owner, "usage", "hello"), "hi")
    async with pool.connection() as connection:
        usage = Usage(input_tokens=1_000, output_tokens=50, cached_tokens=900, cost_usd=0.25)
        await steps.save(connection, Step(turn_id, 0, (TextPart(text="hi"),), "anthropic", "large", 0, usage))
        result = ToolResult(turn_id, 0, "c1", "web_search", "x" * 320, True, False, 320, None)
        await steps.save_result(connection, result)
    await side_calls.save(pool, turn_id, "tier", "openai", "small", Usage(input_tokens=10, output_tokens=1))
    return turn_id


async def test_what_is_set_is_shown_and_listed(clara: Any, pool: Pool, owner: Owner) -> None:
    await used(pool, owner)
    assert (await clara("budget", "show")).startswith("Nothing is limited. To change that: ")
    assert await clara("budget", "set", "person-day-usd", "$1.50") == (
        "person-day-usd for everybody: $1.50, from the next call on."
    )
    assert (await clara("budget", "set", "person-day-usd", "none", "-u", owner)).endswith(
        "no limit, from the next call on."
    )
    assert [(b["user"], b["budget"], b["amount"]) for b in json.loads(await clara("budget", "list", "--json"))] == [
        (None, "person-day-usd", 1.5),
        (owner, "person-day-usd", None),
    ]
    assert (await clara("budget", "show", "-u", owner)).startswith("Nothing is limited.")
    assert await clara("budget", "set", "person-day-usd", "default", "-u", owner) == (
        f"person-day-usd is no longer set for {owner}."
    )
    told = await clara("budget", "show", "-u", owner, BUDGET_TURN_TOKENS="20000", BUDGET_UNKNOWN_PRICE="0/0")
    assert told.split("\n") == [
        "turn-tokens: 20,000 tokens for the answer to one message (by the settings)",
        "person-day-usd: $1.50 for one person in a day (set for everybody); $0.25 used today, $1.25 left",
    ]
    shown = json.loads(await clara("budget", "show", "-u", owner, "--json", BUDGET_UNKNOWN_PRICE="0/0"))
    assert [(b["budget"], b["used"], b["left"], b["set"]) for b in shown] == [
        ("person-day-usd", 0.25, 1.25, "everybody")
    ]


async def test_what_makes_no_sense_is_refused(clara: Any, owner: Owner) -> None:
    assert "cannot be set for one person" in await clara("budget", "set", "day-usd", "1", "-u", owner)
    assert "is no amount for day-tokens" in await clara("budget", "set", "day-tokens", "1.5")
    assert "Invalid value" in await clara("budget", "set", "week-usd", "1")
    assert (await clara("budget", "list")).startswith("No budget was set by command.")


def test_amounts_as_people_type_them() -> None:
    assert parsed("day-usd", "$1,234.50") == Decimal("1234.50")
    assert parsed("day-tokens", "100,000") == Decimal(100_000)
    assert parsed("day-tokens", "none") is None
    for wrong in ("-1", "nan", "inf", "much"):
        with pytest.raises(UserError, match="no amount"):
            parsed("day-usd", wrong)


async def test_usage_by_day_person_model_and_tool(clara: Any, pool: Pool, owner: Owner) -> None:
    await used(pool, owner)
    found = json.loads(await clara("usage", "-u", owner, "--json"))
    today = f"{datetime.now(UTC):%Y-%m-%d}"
    assert [(row["of"], row["calls"], row["cost_usd"], row["unpriced"]) for row in found["day"]] == [
        (today, 2, 0.25, 1)
    ]
    assert [(row["of"], row["input_tokens"]) for row in found["person"]] == [(owner, 1_010)]
    assert [row["of"] for row in found["model"]] == ["anthropic large", "openai small"]
    assert found["tool"] == [{"tool": "web_search", "calls": 1, "failed": 1, "characters": 320, "tokens": 100}]
    lines = (await clara("usage", "-u", owner, "--by", "model")).split("\n")
    assert lines[0].split() == ["MODEL", "CALLS", "READ", "CACHED", "WRITTEN", "COST", "PRICE", "UNKNOWN"]
    assert lines[1].split() == ["anthropic", "large", "1", "1,000", "900", "50", "$0.2500"]
    assert await clara("usage", "-u", "discord:nobody") == "Nothing was used."


async def test_a_raise_has_waiting_messages_ask_again(
    clara: Any, client: Client, pool: Pool, start_worker: StartWorker, owner: Owner
) -> None:
    async with conversation(client, pool, start_worker, lambda _: "here") as talk:
        talk.user = talk.user.model_copy(update={"id": owner})
        await budgets.set_limit(pool, owner, "turn-tokens", Decimal(0))
        turn_id = await talk.say("hello")
        async with asyncio.timeout(PATIENCE_S):
            while not await budgets.waiting(pool, owner):
                await asyncio.sleep(0.05)
        told = await clara("budget", "set", "turn-tokens", "none", "-u", owner)
        assert told.split("\n")[1] == "1 message that waited for a budget asks again."
        assert (await talk.ended(turn_id)).reply == "here"
