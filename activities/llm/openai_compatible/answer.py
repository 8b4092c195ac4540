"""Collects a streamed answer of the Chat Completions API, however loosely a server keeps to it.

Chunks are read as the JSON that they are: models of them, made for each word, cost more than all else here.

Seen in the wild: tool calls without an index, without an id, all with the index 0, with the id
repeated in each piece; arguments as objects; content as a list; ``finish_reason`` "stop" after a
tool call.
"""

import json
from dataclasses import dataclass, field
from typing import Any

from activities.llm.deltas import Room, TextDeltas, parse_arguments
from activities.llm.provider import OnText, OnTool
from clara.llm.models import Completion, StopReason, Usage
from clara.llm.prices import cost
from clara.messages import Part, TextPart, ThinkingPart, ToolCallPart
from clara.text import storable


@dataclass
class _Call:
    id: str | None
    index: int | None
    name: str = ""
    pieces: list[str] = field(default_factory=list)


_GROWING = ("text", "summary", "data")
"""Fields of a reasoning detail that come in pieces."""


@dataclass
class _Detail:
    fields: dict[str, Any]
    pieces: dict[str, list[str]]

    def joined(self) -> dict[str, Any]:
        return {**self.fields, **{name: "".join(pieces) for name, pieces in self.pieces.items()}}


@dataclass
class _Reasoning:
    """What a model thought, in one of the forms in which its server wants it back."""

    room: Room
    texts: list[str] = field(default_factory=list)
    details: list[_Detail] = field(default_factory=list)

    def add(self, delta: dict[str, Any]) -> None:
        text = delta.get("reasoning_content") or ""
        self.room.take(text)
        self.texts.append(text)
        for detail in delta.get("reasoning_details") or ():
            self.room.take(str(detail))
            self._add_detail(dict(detail))

    def _add_detail(self, detail: dict[str, Any]) -> None:
        growing = {name: detail.pop(name) for name in _GROWING if isinstance(detail.get(name), str)}
        last = self.details[-1] if self.details else None
        if last is None or any(last.fields.get(key) != detail.get(key) for key in ("type", "index")):
            self.room.take(overhead=Room.OVERHEAD)
            last = _Detail({}, {})
            self.details.append(last)
        last.fields |= {name: value for name, value in detail.items() if value is not None or name not in last.fields}
        for name, piece in growing.items():
            last.pieces.setdefault(name, []).append(piece)

    def block(self) -> dict[str, Any]:
        if self.details:
            return {"reasoning_details": [detail.joined() for detail in self.details]}
        text = storable("".join(self.texts))
        return {"reasoning_content": text} if text else {}


class Answer:
    """``feed`` it every chunk; ``finish_reason`` stays None until the model has come to its end.

    ``feed`` raises Full once there is more than an answer may have; set ``cut`` then.
    """

    def __init__(self, provider: str, on_text: OnText, on_tool: OnTool, limit: int):
        self._provider = provider
        self._on_tool = on_tool
        self._text = TextDeltas(on_text)
        self._room = Room(limit)
        self._reasoning = _Reasoning(self._room)
        self._calls: list[_Call] = []
        self._by_id: dict[str, _Call] = {}
        self._by_index: dict[int, _Call] = {}
        self._usage: dict[str, Any] | None = None
        self._model: str | None = None
        self.finish_reason: str | None = None
        self.cut = False

    def feed(self, chunk: dict[str, Any]) -> None:
        self._model = self._model or chunk.get("model")
        self._usage = chunk.get("usage") or self._usage
        # Only the first choice: asked for one, some servers send empty ones beside it.
        for choice in (chunk.get("choices") or [])[:1]:
            self._feed_choice(choice)

    def _feed_choice(self, choice: dict[str, Any]) -> None:
        self.finish_reason = choice.get("finish_reason") or self.finish_reason
        delta = choice.get("delta")
        if not delta:
            return
        self._reasoning.add(delta)
        text = _text_of(delta.get("content"))
        self._room.take(text)
        self._text.add(text)
        for piece in delta.get("tool_calls") or ():
            self._feed_call(piece)

    def _feed_call(self, piece: dict[str, Any]) -> None:
        function = piece.get("function") or {}
        name = function.get("name") or ""
        call = self._call(piece.get("index"), piece.get("id"), name)
        if name and not call.name:
            call.name = name
            self._on_tool(name)
        arguments: Any = function.get("arguments") or ""
        raw = arguments if isinstance(arguments, str) else json.dumps(arguments)
        self._room.take(raw)
        call.pieces.append(raw)

    def _call(self, index: int | None, id: str | None, name: str) -> _Call:
        """The call that a piece belongs to, a new one if it begins one."""
        named = self._by_id.get(id or "")
        if named and (index is None or named.index == index):
            return named
        last = self._calls[-1] if self._calls else None
        same = last if index is None else self._by_index.get(index)
        # Another id with a name begins a call even under a known index; a piece without a name goes on.
        if same and not (name and same.name and (index is None or (id and same.id))):
            return same
        self._room.take(f"{id}{name}", overhead=Room.OVERHEAD)
        call = _Call(id, index)
        self._calls.append(call)
        if id:
            self._by_id[id] = call
        if index is not None:
            self._by_index[index] = call
        return call

    def completion(self, model: str) -> Completion:
        parts: list[Part] = []
        if block := self._reasoning.block():
            parts.append(ThinkingPart(provider=self._provider, block=block))
        if text := self._text.end():
            parts.append(TextPart(text=text))
        calls = self._finished_calls()
        at_limit = self.finish_reason == "length"
        stop: StopReason = "tools" if calls else "size" if self.cut else "length" if at_limit else "end"
        return Completion(parts=(*parts, *calls), stop=stop, usage=self._counted(model), model=self._model or model)

    def _finished_calls(self) -> list[ToolCallPart]:
        parts = []
        for call in self._calls:
            cut_off = (self.cut or self.finish_reason == "length") and call is self._calls[-1]
            arguments, malformed = parse_arguments("".join(call.pieces), cut_off)
            parts.append(ToolCallPart(id=call.id or "", name=call.name, arguments=arguments, malformed=malformed))
        return parts

    def _counted(self, model: str) -> Usage:
        if self._usage is None:
            return Usage()
        details = self._usage.get("prompt_tokens_details") or {}
        usage = Usage(
            input_tokens=self._usage.get("prompt_tokens") or 0,
            output_tokens=self._usage.get("completion_tokens") or 0,
            cached_tokens=details.get("cached_tokens") or 0,
            cache_write_tokens=details.get("cache_write_tokens") or 0,
        )
        said = self._usage.get("cost")
        dollars = float(said) if isinstance(said, int | float) else cost(self._model or model, usage)
        return usage.model_copy(update={"cost_usd": dollars})


def _text_of(content: Any) -> str:
    if isinstance(content, list):
        return "".join(part.get("text") or "" for part in content if part.get("type") == "text")
    return content or ""
