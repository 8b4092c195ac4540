"""Puts messages into the order that every provider insists on.

A history gathers what no provider accepts: turns stopped between a call and its result, two
messages in a row by one side, a beginning that was trimmed away, ids and names that another
provider made up. Sent as it is, one such place would be refused at each later turn and the
conversation would be stuck for ever; so order is restored here, whatever the history holds.
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from clara.llm.models import ToolSchema
from clara.messages import Message, Part, TextPart, ToolCallPart, ToolResultPart

BEGINNING = "[The beginning of this conversation is left out.]"
GO_ON = "[Please go on.]"
INTERRUPTED = "There is no result: the call was interrupted, and whether it took effect is not known."

_NOT_IN_NAMES = re.compile(r"[^a-zA-Z0-9_-]")
_NAME_LENGTH = 64
_Place = tuple[int, int]


@dataclass(frozen=True)
class Rules:
    """Where providers differ."""

    provider: str
    """Thinking of other providers is dropped."""
    call_id: str
    """What the id of a tool call must match as a whole; other ids are replaced, the same way each time."""
    keep_thinking: bool = True


@dataclass
class _Turn:
    role: Literal["user", "assistant"]
    parts: list[Part]


def orderly(messages: Sequence[Message], rules: Rules) -> list[Message]:
    """The same dialogue, so that: roles alternate, beginning and ending with the user; no text is
    blank; each tool call has its result, and no other, at the start of the next message; ids of
    calls are unique.

    Thinking is kept in the running tool loop only. That is where providers need it back; further
    up it is no longer used, and a signature over anything that has changed since would be refused.
    """
    turns = _merged([_Turn(message.role, list(message.parts)) for message in messages])
    results, orphans = _paired(turns)
    loop = _start_of_tool_loop(turns) if rules.keep_thinking else len(turns)
    ids = _CallIds(rules.call_id)
    ordered: list[_Turn] = []
    due: list[Part] = []
    for number, turn in enumerate(turns):
        if turn.role == "user":
            ordered.append(_Turn("user", due + _said(turn, number, orphans)))
            due = []
            continue
        parts: list[Part] = []
        for place, part in enumerate(turn.parts):
            if part.type == "tool_call":
                call = _renamed(part, ids.new(part.id), valid_name(part.name))
                parts.append(call)
                due.append(_result(results.get((number, place)), call))
            elif part.type == "text" or (part.type == "thinking" and number > loop and part.provider == rules.provider):
                parts.append(part)
        if parts and parts[-1].type == "thinking":  # the rest was lost, and it may not stand last
            parts = [part for part in parts if part.type != "thinking"]
        ordered.append(_Turn("assistant", parts))
    if due:
        ordered.append(_Turn("user", due))
    ended = _with_ends(_merged(ordered))
    # Not validated again: a history is long, and its parts were valid before they were put in order.
    return [Message.model_construct(role=turn.role, parts=tuple(turn.parts)) for turn in ended]


def valid_name(name: str) -> str:
    """A tool's name as all providers accept it."""
    return _NOT_IN_NAMES.sub("_", name)[:_NAME_LENGTH] or "unknown"


def tools_of(messages: Sequence[Message]) -> list[ToolSchema]:
    """Bare declarations of the tools that were called.

    Some providers refuse a dialogue with tool calls in which no tools are declared, although none
    shall be used any more.
    """
    names = {part.name: None for message in messages for part in message.parts if part.type == "tool_call"}
    return [
        ToolSchema(name=name, description="Not available any more.", parameters={"type": "object", "properties": {}})
        for name in names
    ]


class _CallIds:
    """Unique ids that match a pattern, the same ones for the same history."""

    def __init__(self, pattern: str):
        self._pattern = re.compile(pattern)
        self._taken: set[str] = set()

    def new(self, original: str) -> str:
        valid = self._pattern.fullmatch(original) is not None
        stem = original if valid else f"call_{hashlib.sha256(original.encode()).hexdigest()[:24]}"
        candidate, count = stem, 1
        while candidate in self._taken:
            count += 1
            candidate = f"call_{hashlib.sha256(f'{stem} {count}'.encode()).hexdigest()[:24]}"
        self._taken.add(candidate)
        return candidate


def _merged(turns: Sequence[_Turn]) -> list[_Turn]:
    merged: list[_Turn] = []
    for turn in turns:
        # By ``type``: isinstance of another model's class is a slow question to pydantic, and histories are long.
        parts = [part for part in turn.parts if part.type != "text" or (part.text and not part.text.isspace())]
        if not parts or (parts[-1].type == "thinking" and all(part.type == "thinking" for part in parts)):
            continue
        if merged and merged[-1].role == turn.role:
            merged[-1].parts += parts
        else:
            merged.append(_Turn(turn.role, parts))
    return merged


def _paired(turns: Sequence[_Turn]) -> tuple[dict[_Place, ToolResultPart], set[_Place]]:
    """Which result belongs to the call at which place, and where results without a call are.

    Ids may repeat, since some providers count from zero in each answer: a result belongs to the
    latest call of its id that has none yet.
    """
    waiting: dict[str, list[_Place]] = {}
    results: dict[_Place, ToolResultPart] = {}
    orphans: set[_Place] = set()
    for number, turn in enumerate(turns):
        for place, part in enumerate(turn.parts):
            if part.type == "tool_call":
                waiting.setdefault(part.id, []).append((number, place))
            elif part.type == "tool_result":
                if waiting.get(part.call_id):
                    results[waiting[part.call_id].pop()] = part
                else:
                    orphans.add((number, place))
    return results, orphans


def _start_of_tool_loop(turns: Sequence[_Turn]) -> int:
    """The number of the last turn in which somebody said something, and no tool did."""
    for number in reversed(range(len(turns))):
        if turns[number].role == "user" and any(part.type in ("text", "image") for part in turns[number].parts):
            return number
    return -1


def _said(turn: _Turn, number: int, orphans: set[_Place]) -> list[Part]:
    parts: list[Part] = []
    for place, part in enumerate(turn.parts):
        if part.type in ("text", "image"):
            parts.append(part)
        elif part.type == "tool_result" and (number, place) in orphans:
            parts.append(TextPart(text=f"[Result of an earlier call of {part.name}:]\n{part.text}"))
    return parts


def _renamed(call: ToolCallPart, id: str, name: str) -> ToolCallPart:
    if (call.id, call.name) == (id, name):
        return call
    return call.model_copy(update={"id": id, "name": name})


def _result(found: ToolResultPart | None, call: ToolCallPart) -> ToolResultPart:
    if found is None:
        return ToolResultPart(call_id=call.id, name=call.name, text=INTERRUPTED, is_error=True)
    if (found.call_id, found.name) == (call.id, call.name):
        return found
    return found.model_copy(update={"call_id": call.id, "name": call.name})


def _with_ends(turns: list[_Turn]) -> list[_Turn]:
    if not turns or turns[0].role != "user":
        turns.insert(0, _Turn("user", [TextPart(text=BEGINNING)]))
    if turns[-1].role != "user":
        turns.append(_Turn("user", [TextPart(text=GO_ON)]))
    return turns
