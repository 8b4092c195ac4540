"""Pydantic AI with its Temporal capability, as its documentation shows it. Arguments: ADDRESS MODEL_URL."""

import asyncio
import sys
from datetime import UTC, datetime

from pydantic_ai import Agent
from pydantic_ai.durable_exec.temporal import PydanticAIPlugin, TemporalDurability
from pydantic_ai.models.openai import OpenAIChatModel
from pydantic_ai.providers.openai import OpenAIProvider
from temporalio import workflow
from temporalio.client import Client
from temporalio.worker import Worker

QUEUE = "peer-pydantic-ai"
URL = sys.argv[2]

assistant = Agent(
    OpenAIChatModel("loopback", provider=OpenAIProvider(base_url=URL, api_key="none")),
    name="assistant",
    instructions="You are a helpful assistant.",
    capabilities=[TemporalDurability()],
)


@assistant.tool_plain
async def current_time() -> str:
    """The current date and time."""
    return datetime.now(UTC).isoformat()


@workflow.defn(name="pydantic-ai-turn")
class Turn:
    __pydantic_ai_agents__ = (assistant,)

    @workflow.run
    async def run(self, text: str) -> str:
        return (await assistant.run(text)).output


@workflow.defn(name="pydantic-ai-talk")
class Talk:
    """One conversation: each message is an update, and the history is carried along."""

    __pydantic_ai_agents__ = (assistant,)

    def __init__(self) -> None:
        self.messages: list = []

    @workflow.run
    async def run(self) -> None:
        await workflow.wait_condition(lambda: False)

    @workflow.update
    async def say(self, text: str) -> str:
        result = await assistant.run(text, message_history=self.messages)
        self.messages = result.all_messages()
        return result.output


async def serve(address: str) -> None:
    client = await Client.connect(address, plugins=[PydanticAIPlugin()])
    async with Worker(client, task_queue=QUEUE, workflows=[Turn, Talk]):
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1]))
