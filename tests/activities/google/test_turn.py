"""Every tool of Google's through a whole turn: offered, called by the model, run by a worker, its result read."""

from typing import Any

from temporalio.client import Client

from activities.google.asking import Asking
from activities.google.toolset import toolset
from clara.llm.models import Prompt
from store.database import Pool
from tests.activities.google.desk import TOKENS, Desk
from tests.activities.google.test_calendar import CALLS
from tests.conftest import StartWorker
from tests.workflows.conversations import calls, conversation, results

# In the order of a turn: what is deleted has its new title by then.
TURN = {**CALLS, "calendar_delete_event": {"event_id": "tea", "current_title": "High tea"}}


async def test_every_tool_works_in_a_turn_and_with_the_account_of_its_person(
    client: Client, pool: Pool, start_worker: StartWorker, desk: Desk
) -> None:
    def answer(prompt: Prompt) -> Any:
        return "done" if results(prompt) else calls(*((f"google_{name}", given) for name, given in TURN.items()))

    google = toolset(Asking(desk.google, desk.accounts), desk.accounts)
    async with conversation(client, pool, start_worker, answer, toolsets=[google]) as talk:
        turn = await talk.ask("book Wednesday at ten, and clear up my calendar")
        assert turn.reply == "done"
        found = results(talk.model.prompts[-1])
    assert [each.text for each in found if each.is_error] == []
    assert len(found) == len(TURN)
    assert {asked.headers["authorization"] for asked in desk.server.asked} == {f"Bearer {TOKENS['ann']}"}
