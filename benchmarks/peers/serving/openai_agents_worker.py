"""OpenAI's Agents SDK with its Temporal plugin, as its documentation shows it. Arguments: ADDRESS MODEL_URL."""

import asyncio
import sys
from datetime import UTC, datetime, timedelta

from agents import Agent, OpenAIProvider, Runner
from temporalio import activity, workflow
from temporalio.client import Client
from temporalio.contrib.openai_agents import ModelActivityParameters, OpenAIAgentsPlugin
from temporalio.contrib.openai_agents.workflow import activity_as_tool
from temporalio.worker import Worker

QUEUE = "peer-openai-agents"


@activity.defn
async def current_time() -> str:
    """The current date and time."""
    return datetime.now(UTC).isoformat()


def assistant() -> Agent:
    tool = activity_as_tool(current_time, start_to_close_timeout=timedelta(seconds=20))
    return Agent(name="Assistant", instructions="You are a helpful assistant.", model="loopback", tools=[tool])


@workflow.defn(name="openai-agents-turn")
class Turn:
    @workflow.run
    async def run(self, text: str) -> str:
        result = await Runner.run(assistant(), text)
        return str(result.final_output)


@workflow.defn(name="openai-agents-talk")
class Talk:
    """One conversation: each message is an update, and the history is carried along."""

    def __init__(self) -> None:
        self.items: list = []

    @workflow.run
    async def run(self) -> None:
        await workflow.wait_condition(lambda: False)

    @workflow.update
    async def say(self, text: str) -> str:
        result = await Runner.run(assistant(), [*self.items, {"role": "user", "content": text}])
        self.items = result.to_input_list()
        return str(result.final_output)


async def serve(address: str, url: str) -> None:
    plugin = OpenAIAgentsPlugin(
        model_params=ModelActivityParameters(start_to_close_timeout=timedelta(seconds=60)),
        model_provider=OpenAIProvider(api_key="none", base_url=url, use_responses=False),
    )
    client = await Client.connect(address, plugins=[plugin])
    async with Worker(client, task_queue=QUEUE, workflows=[Turn, Talk], activities=[current_time]):
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve(*sys.argv[1:]))
