"""Which model answers: the message says, or the conversation, or the settings, or a guess."""

from typing import Any

from temporalio.client import Client

from clara.errors import Unavailable
from clara.llm.models import Prompt
from clara.settings import load
from store import conversations
from store.database import Pool
from store.turns import turns
from tests.conftest import StartWorker
from tests.workflows.conversations import conversation


async def test_tier_is_the_messages_else_the_conversations_else_the_default(
    client: Client, pool: Pool, start_worker: StartWorker
) -> None:
    settings = load(
        {
            "ANTHROPIC_API_KEY": "k",
            "ANTHROPIC_MODEL_HIGH": "big",
            "ANTHROPIC_MODEL_MID": "middle",
            "ANTHROPIC_MODEL_LOW": "small",
        }
    )
    async with conversation(client, pool, start_worker, lambda p: "ok", settings=settings) as talk:

        async def model(**more: Any) -> str | None:
            return (await turns.totals(pool, (await talk.ask("hi", **more)).id)).model

        assert await model() == "middle"
        assert await model(tier="high") == "big"
        await conversations.set_tier(pool, talk.key, "low")
        assert await model() == "small"
        assert await model(tier="high") == "big"
        await conversations.set_tier(pool, talk.key, None)
        assert await model() == "middle"


async def test_tier_is_guessed_by_the_small_model_where_that_is_wanted(
    client: Client, pool: Pool, start_worker: StartWorker
) -> None:
    settings = load({"ANTHROPIC_API_KEY": "k", "AUTO_TIER_SELECTION": "true", "ANTHROPIC_MODEL_HIGH": "big"})

    def answer(prompt: Prompt) -> Any:
        if prompt.system.startswith("You sort requests"):
            return Unavailable("down", "server") if "nothing" in prompt.messages[-1].text else "HIGH"
        return "ok"

    async with conversation(client, pool, start_worker, answer, settings=settings) as talk:
        proof = await talk.ask("prove it")
        assert proof.tier == "high"
        used = await turns.totals(pool, proof.id)
        assert (used.steps, used.input_tokens) == (1, 20), "the guess is paid for too, and is no step"
        assert (await talk.ask("nothing")).tier == "mid"
