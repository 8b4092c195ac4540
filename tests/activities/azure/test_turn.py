"""Every tool through a whole turn: the real workflows, activities and ledger, and a model that calls all of them."""

from typing import Any

from temporalio.client import Client

from activities.azure.toolset import toolset
from activities.tools.toolset import Offering, Toolset
from clara.llm.models import Prompt
from clara.messages import Incoming, ToolResultPart
from store.database import Pool
from tests.activities.azure.calls import CALLS
from tests.activities.azure.conftest import TOKENS, Desk
from tests.conftest import StartWorker
from tests.workflows.conversations import calls, conversation, last_text, results

HALVES = [list(CALLS)[part::2] for part in range(2)]


async def test_every_tool_is_called_in_a_turn(
    client: Client, pool: Pool, start_worker: StartWorker, desk: Desk
) -> None:
    everything = toolset(desk.azure, desk.accounts)

    async def offer(message: Incoming) -> Offering:
        """A half: all of them are more than a prompt holds."""
        tools = {tool.name: tool for tool in (await everything.offer(message)).tools}
        return Offering(tuple(tools[f"ado_{name}"] for name in HALVES[int(message.text)]))

    def answer(prompt: Prompt) -> Any:
        if isinstance(prompt.messages[-1].parts[0], ToolResultPart):
            return "done"
        return calls(*((f"ado_{name}", CALLS[name]) for name in HALVES[int(last_text(prompt))]))

    async with conversation(client, pool, start_worker, answer, toolsets=[Toolset("azure", offer)]) as talk:
        for number in range(2):
            await talk.ask(str(number))
        found = {result.name: result for prompt in talk.model.prompts for result in results(prompt)}
    assert {name.removeprefix("ado_") for name in found} == set(CALLS)
    assert {name: result.text for name, result in found.items() if result.is_error} == {}
    shown = "".join(prompt.model_dump_json() for prompt in talk.model.prompts)
    assert not any(token in shown for token in TOKENS.values())
