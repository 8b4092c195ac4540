"""What a model calls is in the audit, whatever came of it."""

from typing import Any

from clara.llm.models import Prompt
from store import audit
from store.database import Pool
from tests.activities.turns.spoken import Spoken
from tests.workflows.conversations import call, last_text, results


def answer(prompt: Prompt) -> Any:
    return "done" if results(prompt) else call(last_text(prompt))


async def test_a_call_that_runs_and_one_that_was_not_offered(pool: Pool) -> None:
    found = []
    for name in ("current_time", "rob_bank"):
        talk = Spoken(pool, answer)
        await talk.ask(name)
        found += await audit.entries(pool, 10, user_id=talk.user.id)
    assert [(each.tool, each.risk, each.outcome) for each in found] == [
        ("current_time", "look", "ok"),
        ("rob_bank", "", "refused"),
    ]
