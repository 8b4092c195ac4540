"""What a turn may call: chosen when it begins, and pinned, so that nothing can be swapped under a model.

The offer is small. Schemas are read by the model at every step, so of hundreds of tools it is shown those
that fit a budget of tokens; ``find_tools`` adds others. The order of an offer never depends on what was found
since: providers cache a prompt from its start, and tools stand at the start.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from pydantic import Field

from clara.llm import history
from clara.llm.models import ToolSchema
from clara.messages import Value
from clara.tools.tool import Effect, Risk

BUDGET = 8_000
"""Tokens of tool schemas in a prompt."""

FOUND_BUDGET = 3_000
"""Of these, for tools that were found by searching. A fixed part, so that finding one displaces no other."""

FOUND_KEPT = 40
"""Found tools that a conversation remembers, the newest ones."""


class OfferedTool(Value):
    """A tool as it was offered. Whatever runs must be the same in every field."""

    name: str
    hash: str = Field(description="of what the model was told: description and schema of the arguments")
    effect: Effect
    risk: Risk
    timeout_s: float
    queue: str


Offer = tuple[OfferedTool, ...]


@dataclass(frozen=True)
class Candidate:
    """A tool that could be offered."""

    tool: OfferedTool
    toolset: str
    core: bool
    """Always offered: without these Clara is not Clara."""
    tokens: int


def schema_hash(schema: ToolSchema) -> str:
    return hashlib.sha256(_text(schema).encode("utf-8", "replace")).hexdigest()[:16]


def schema_tokens(schema: ToolSchema) -> int:
    return history.tokens_of(_text(schema))


def _text(schema: ToolSchema) -> str:
    return json.dumps([schema.name, schema.description, schema.parameters], sort_keys=True, ensure_ascii=False)


def offer_id(offer: Offer) -> str:
    """The same for the same tools in the same order."""
    text = json.dumps([tool.model_dump(mode="json") for tool in offer], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def choose(candidates: Sequence[Candidate], found: Sequence[str]) -> tuple[OfferedTool, ...]:
    """The offer of a turn: core tools, whole toolsets while they fit, and what the conversation has ``found``.

    The smallest toolsets come first, so that one plugin with hundreds of tools does not displace all others.
    """
    core = sorted((each for each in candidates if each.core), key=lambda each: each.tool.name)
    chosen = list(core)
    room = BUDGET - FOUND_BUDGET - _tokens(core)
    toolsets: dict[str, list[Candidate]] = {}
    for each in candidates:
        if not each.core:
            toolsets.setdefault(each.toolset, []).append(each)
    if sum(map(_tokens, toolsets.values())) <= room + FOUND_BUDGET:
        room += FOUND_BUDGET  # everything fits, so nothing has to be found
    for _, tools in sorted(toolsets.items(), key=lambda item: (_tokens(item[1]), item[0])):
        if _tokens(tools) <= room:
            chosen += sorted(tools, key=lambda each: each.tool.name)
            room -= _tokens(tools)
    taken = {each.tool.name for each in chosen}
    by_name = {each.tool.name: each for each in candidates if each.tool.name not in taken}
    chosen += _newest([by_name[name] for name in dict.fromkeys(found) if name in by_name])
    return tuple(each.tool for each in chosen)


def _newest(found: Sequence[Candidate]) -> list[Candidate]:
    """Those that fit, in the order in which they were found."""
    kept: list[Candidate] = []
    room = FOUND_BUDGET
    for each in reversed(found):
        if each.tokens > room:
            break
        room -= each.tokens
        kept.insert(0, each)
    return kept


def _tokens(tools: Iterable[Candidate]) -> int:
    return sum(each.tokens for each in tools)


def extend(offer: Offer, found: Iterable[OfferedTool]) -> Offer:
    """The offer with ``found`` at its end; a tool that has changed since takes the place of what it was."""
    fresh: Mapping[str, OfferedTool] = {tool.name: tool for tool in found}
    known = {tool.name for tool in offer}
    return (*(fresh.get(tool.name, tool) for tool in offer), *(t for name, t in fresh.items() if name not in known))
