"""For scale: the same provider and the same tool in a plain loop, without Temporal and without a database."""

import time
from datetime import UTC, datetime

from activities.llm.anthropic.provider import AnthropicProvider
from activities.tools.builtin import clock
from clara.llm.models import Prompt
from clara.messages import Message, TextPart, ToolCallPart, ToolResultPart
from clara.settings import load
from tests.loopback.models import KEY, ModelServer


class PlainLoop:
    def __init__(self, models: ModelServer) -> None:
        settings = load({"ANTHROPIC_API_KEY": KEY, "ANTHROPIC_BASE_URL": models.url})
        self._provider = AnthropicProvider(settings.llm)
        self._tools = (clock.TOOL.schema,)

    async def turn(self, text: str) -> float:
        """Seconds until the answer is there."""
        began = time.monotonic()
        messages = [Message(role="user", parts=(TextPart(text=text),))]
        while True:
            prompt = Prompt(system="Be brief.", messages=tuple(messages), tools=self._tools, max_tokens=1000)
            answer = await self._provider.complete(prompt, "loopback", _no_image, _ignore, _ignore)
            calls = [part for part in answer.parts if isinstance(part, ToolCallPart)]
            if not calls:
                return time.monotonic() - began
            now = str(datetime.now(UTC))
            results = tuple(ToolResultPart(call_id=call.id, name=call.name, text=now) for call in calls)
            messages += [Message(role="assistant", parts=answer.parts), Message(role="user", parts=results)]

    async def close(self) -> None:
        await self._provider.close()


async def _no_image(blob_id: str) -> bytes:
    raise LookupError(blob_id)


def _ignore(_: str) -> None:
    """Nobody looks on."""
