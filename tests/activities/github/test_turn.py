"""Every tool through a whole turn: the real workflows, activities and ledger, and a model that calls all of them."""

from typing import Any

from temporalio.client import Client

from activities.github.toolset import toolset
from activities.tools.toolset import Offering, Toolset
from clara.llm.models import Prompt
from clara.messages import Incoming, ToolResultPart
from store.database import Pool
from tests.activities.github.calls import CALLS
from tests.activities.github.conftest import TOKENS, Desk
from tests.activities.github.test_projects import ISSUE
from tests.conftest import StartWorker
from tests.loopback.github import releases
from tests.workflows.conversations import calls, conversation, last_text, results

THIRDS = [list(CALLS)[part::3] for part in range(3)]


async def test_every_tool_is_called_in_a_turn(
    client: Client, pool: Pool, start_worker: StartWorker, desk: Desk
) -> None:
    everything = toolset(desk.github, desk.accounts)
    await desk.run("add_item_to_project", **ISSUE)
    releases.add(desk.server.world, "acme/tides", "v1.0", "It works.")

    async def offer(message: Incoming) -> Offering:
        """A third: all of them are more than a prompt holds."""
        tools = {tool.name: tool for tool in (await everything.offer(message)).tools}
        return Offering(tuple(tools[f"github_{name}"] for name in THIRDS[int(message.text)]))

    def answer(prompt: Prompt) -> Any:
        if isinstance(prompt.messages[-1].parts[0], ToolResultPart):
            return "done"
        return calls(*((f"github_{name}", CALLS[name]) for name in THIRDS[int(last_text(prompt))]))

    async with conversation(client, pool, start_worker, answer, toolsets=[Toolset("github", offer)]) as talk:
        for number in range(3):
            await talk.ask(str(number))
        found = {result.name: result for prompt in talk.model.prompts for result in results(prompt)}
    assert {name.removeprefix("github_") for name in found} == set(CALLS)
    assert {name: result.text for name, result in found.items() if result.is_error} == {}
    shown = "".join(prompt.model_dump_json() for prompt in talk.model.prompts)
    assert not any(token in shown for token in TOKENS.values())
