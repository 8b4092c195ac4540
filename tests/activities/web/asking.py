"""Calls of the web's tools as a turn makes them."""

from datetime import UTC, datetime
from typing import Any

from activities.tools.tool import Context, Tool, ToolOutput
from clara.messages import ConversationKey, Incoming, Person

SAID = Incoming(
    id="1",
    conversation=ConversationKey(platform="cli", channel="ann"),
    user=Person(id="cli:ann", name="Ann"),
    text="go",
    sent_at=datetime(2026, 11, 28, tzinfo=UTC),
)


async def run(tool: Tool[Any], **arguments: Any) -> ToolOutput:
    """What a call brings, with whose words it is."""
    return tool.output(await tool.run(tool.parse(arguments), Context(SAID, "t/0/c1", SAID.sent_at)))
