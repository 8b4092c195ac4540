"""The offer of a turn: pinned at its first step, read at each step, extended by what is searched for."""

import hashlib
import json
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from activities.tools.catalogue import Available, Catalogue
from activities.tools.tool import Tool
from clara.llm.models import ToolSchema
from clara.messages import ToolCallPart
from clara.tools.offer import Offer, OfferedTool, choose, extend
from clara.tools.tool import Effect, label
from clara.turn import ToolCallRef
from store import conversations
from store.database import Pool
from store.turns import offers
from store.turns.turns import Turn
from temporal import queues

FIND_TOOLS = "find_tools"

CACHED = 200
"""Offers kept in memory. They never change, and most turns share one."""

REFUSED_TIMEOUT_S = 10.0


@dataclass(frozen=True)
class TurnTools:
    """What one turn may call, beside what can be called now."""

    offer: Offer
    available: Available

    @cached_property
    def offered(self) -> Mapping[str, OfferedTool]:
        return {tool.name: tool for tool in self.offer}

    def find(self, name: str) -> Tool[Any] | None:
        """The tool, if it was offered and is still the same."""
        tool = self.available.tools.get(name)
        return tool if tool is not None and tool.offered == self.offered.get(name) else None

    def refusal(self, name: str) -> str:
        """Why a call that ``find`` knows nothing of is not run, in words for the model."""
        if name not in self.offered:
            return f"No tool called {name!r} was offered to you, so it was not run."
        if name in self.available.tools:
            return f"{name} has changed since it was offered, so it was not run. Read its description again first."
        why = self.available.missing.get(name)
        return f"{name} cannot be used any more, so it was not run{f': {why}' if why else '.'}"

    def schemas(self) -> tuple[ToolSchema, ...]:
        """For the prompt, in the order of the offer, so that providers can cache it."""
        found = (self.find(tool.name) for tool in self.offer)
        return tuple(tool.schema for tool in found if tool is not None)

    def hidden(self) -> list[Tool[Any]]:
        """What could be called and was not offered, or not as it is now."""
        return [tool for name, tool in self.available.tools.items() if self.find(name) is None]

    def reference(self, call: ToolCallPart) -> ToolCallRef:
        """What a workflow needs to know of a call. What was not offered is run alone, to be refused."""
        offered = self.offered.get(call.name)
        tool = self.find(call.name)
        text = json.dumps([call.name, call.arguments, call.malformed], sort_keys=True, ensure_ascii=False)
        return ToolCallRef(
            id=call.id,
            name=call.name[:100],
            effect=offered.effect if offered else Effect.WRITE,
            timeout_s=offered.timeout_s if offered else REFUSED_TIMEOUT_S,
            queue=offered.queue if offered and offered.queue != queues.TURNS else "",
            fingerprint=hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:16],
            label=tool.label(call) if tool else label(call),
        )


class Offers:
    """Pins offers to turns and reads them."""

    def __init__(self, pool: Pool, catalogue: Catalogue) -> None:
        self._pool = pool
        self._catalogue = catalogue
        self._cache: OrderedDict[str, Offer] = OrderedDict()

    async def begin(self, turn: Turn) -> TurnTools:
        """The offer of a turn, chosen now if it has none yet."""
        if turn.offer_id is not None:
            return await self.of(turn)
        conversation = await conversations.get(self._pool, turn.message.conversation)
        available = await self._catalogue.available(turn.message)
        offer = chosen(available, conversation.found_tools)
        pinned = await offers.pin(self._pool, turn.id, offer)
        return TurnTools(await self._get(pinned), available)

    async def of(self, turn: Turn) -> TurnTools:
        """The offer of a turn that has begun; a turn without one may call nothing."""
        offer = await self._get(turn.offer_id) if turn.offer_id else ()
        return TurnTools(offer, await self._catalogue.available(turn.message))

    async def add(self, turn: Turn, tools: Sequence[Tool[Any]]) -> None:
        """Offer more to a turn, from its next step on, and to the turns of the conversation after it."""
        await self._extend(turn, tools)
        await offers.remember_found(self._pool, turn.message.conversation, [tool.name for tool in tools])

    async def renew(self, turn: Turn, tool: Tool[Any]) -> None:
        """Offer a tool again that has changed: the model reads its description before it can call it."""
        await self._extend(turn, [tool])

    async def _extend(self, turn: Turn, tools: Sequence[Tool[Any]]) -> None:
        offer = await self._get(turn.offer_id) if turn.offer_id else ()
        await offers.replace(self._pool, turn.id, extend(offer, [tool.offered for tool in tools]))

    async def _get(self, id: str) -> Offer:
        if id in self._cache:
            self._cache.move_to_end(id)
            return self._cache[id]
        offer = self._cache[id] = await offers.get(self._pool, id)
        if len(self._cache) > CACHED:
            self._cache.popitem(last=False)
        return offer


def chosen(available: Available, found: Sequence[str]) -> Offer:
    """The offer for a new turn; ``find_tools`` is in it only where there is something to be found, or to be missed."""
    candidates = available.candidates()
    offer = choose(candidates, found)
    everything = len(offer) == len(candidates) and not available.missing
    return tuple(tool for tool in offer if tool.name != FIND_TOOLS) if everything else offer
