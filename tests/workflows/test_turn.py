"""A turn from the person's side: an answer, tools, memory of the conversation, and failures."""

from temporalio.client import Client

from store import turns
from store.database import Pool
from tests.conftest import StartWorker
from tests.workflows.conversations import conversation, last_text


async def test_message_is_answered(client: Client, pool: Pool, start_worker: StartWorker) -> None:
    async with conversation(client, pool, start_worker, lambda p: f"You said {last_text(p)}.") as talk:
        turn = await talk.ask("hello")
        assert (turn.status, turn.reply) == ("completed", "You said hello.")
        assert turn.message.text == "hello"
        assert (await turns.totals(pool, turn.id)).steps == 1
