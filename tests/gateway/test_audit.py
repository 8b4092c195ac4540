"""``clara audit``: what ran, for whom and by whose yes, from a process of its own."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from clara.errors import UserError
from clara.memory.kinds import Owner
from gateway.inspection.audit import since
from store import approvals, audit
from store.database import Pool
from tests.gateway.test_budget import clara  # noqa: F401
from tests.store.test_audit import ask, brought, called


async def test_it_is_shown_by_turn_by_person_and_since_a_time(clara: Any, pool: Pool, owner: Owner) -> None:  # noqa: F811
    turn_id = await called(pool, owner)
    await approvals.answer(pool, [await ask(pool, turn_id, owner)], True, "once", owner)
    await brought(pool, turn_id)
    async with pool.connection() as connection:
        await audit.write(connection, "foreign_answer", owner, "refused", "question q-1")
    lines = (await clara("audit", "--person", owner)).split("\n")
    number = turn_id.rpartition("/")[2][:8]
    assert lines[0].endswith(f"ok      send (outward), for {owner}, turn {number} step 1, allowed by the person")
    assert lines[1].startswith("  arguments ")
    assert lines[1].endswith("4 characters")
    assert lines[2].endswith(f"refused foreign_answer, for {owner}")
    assert lines[3] == "  question q-1"
    [found] = json.loads(await clara("audit", "--turn", number, "--json"))
    assert (found["turn_id"], found["outcome"], found["approver"]) == (turn_id, "ok", "person")
    tomorrow = f"{datetime.now(UTC) + timedelta(days=2):%Y-%m-%d}"
    assert await clara("audit", "--person", owner, "--since", tomorrow) == "Nothing is recorded."
    assert "is no date" in await clara("audit", "--since", "yesterday")


def test_a_date_is_where_clara_is_at_home() -> None:
    assert since("2026-11-28", "Europe/Berlin").isoformat() == "2026-11-28T00:00:00+01:00"
    assert since("2026-11-28T12:00:00+00:00", "Europe/Berlin").isoformat() == "2026-11-28T12:00:00+00:00"
    with pytest.raises(UserError, match="no date"):
        since("28.11.2026", "UTC")
