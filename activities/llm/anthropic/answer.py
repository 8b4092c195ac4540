"""Collects a streamed answer of Anthropic's Messages API.

Events are read as the JSON that they are: models of them, made for each word, cost more than all else here.

The SDK's own collector is not used: it gives up the whole stream where a model writes arguments
that are no JSON, and that is a mistake for the model to correct.
"""

from dataclasses import dataclass, field
from typing import Any

from activities.llm.anthropic.request import NAME
from activities.llm.deltas import Room, TextDeltas, parse_arguments
from activities.llm.provider import OnText, OnTool
from clara.llm.models import Completion, StopReason, Usage
from clara.llm.prices import cost
from clara.messages import Part, TextPart, ThinkingPart, ToolCallPart

_CUT = ("max_tokens", "model_context_window_exceeded")


@dataclass
class _Text:
    deltas: TextDeltas


@dataclass
class _Thinking:
    block: dict[str, Any]
    pieces: list[str] = field(default_factory=list)


@dataclass
class _Call:
    id: str
    name: str
    given: dict[str, Any]
    """Arguments that came whole with the start of the block, as some proxies send them."""
    pieces: list[str] = field(default_factory=list)
    ended: bool = False


_Block = _Text | _Thinking | _Call


class Answer:
    """``feed`` it every event; ``stop_reason`` stays None until the model has come to its end.

    ``feed`` raises Full once there is more than an answer may have; set ``cut`` then.
    """

    def __init__(self, on_text: OnText, on_tool: OnTool, limit: int):
        self._on_text = on_text
        self._on_tool = on_tool
        self._room = Room(limit)
        self._blocks: list[_Block] = []
        self._open: dict[int, _Block] = {}
        """By the number that a block has in the events; some proxies use one twice."""
        self._counts: dict[str, int] = {}
        self._model: str | None = None
        self.stop_reason: str | None = None
        self.cut = False

    def feed(self, event: dict[str, Any]) -> None:
        match event["type"]:
            case "message_start":
                self._model = event["message"].get("model")
                self._count(event["message"].get("usage"))
            case "content_block_start":
                self._start(event["index"], event["content_block"])
            case "content_block_delta":
                self._add(self._open.get(event["index"]), event["delta"])
            case "content_block_stop":
                block = self._open.get(event["index"])
                if isinstance(block, _Call):
                    block.ended = True
            case "message_delta":
                self.stop_reason = event["delta"].get("stop_reason") or self.stop_reason
                self._count(event.get("usage"))

    def _start(self, index: int, start: dict[str, Any]) -> None:
        block: _Block
        match start["type"]:
            case "text":
                block = _Text(TextDeltas(self._on_text))
            case "thinking" | "redacted_thinking":
                block = _Thinking({name: value for name, value in start.items() if value is not None})
                self._room.take(str(block.block))
            case "tool_use":
                block = _Call(start["id"], start["name"], start.get("input") or {})
                self._room.take(f"{block.id}{block.name}{block.given}")
                self._on_tool(block.name)
            case _:
                return
        self._room.take(overhead=Room.OVERHEAD)
        self._blocks.append(block)
        self._open[index] = block
        self._add_text(block, start.get("text") or "")

    def _add(self, block: _Block | None, delta: dict[str, Any]) -> None:
        match delta["type"]:
            case "text_delta":
                self._add_text(block, delta["text"])
            case "input_json_delta" if isinstance(block, _Call):
                self._room.take(delta["partial_json"])
                block.pieces.append(delta["partial_json"])
            case "thinking_delta" if isinstance(block, _Thinking):
                self._room.take(delta["thinking"])
                block.pieces.append(delta["thinking"])
            case "signature_delta" if isinstance(block, _Thinking):
                self._room.take(delta["signature"])
                block.block["signature"] = delta["signature"]

    def _add_text(self, block: _Block | None, text: str) -> None:
        if isinstance(block, _Text):
            self._room.take(text)
            block.deltas.add(text)

    def _count(self, usage: Any) -> None:
        # Counts are totals so far; the last event may leave out what the first one said.
        for name in ("input_tokens", "output_tokens", "cache_read_input_tokens", "cache_creation_input_tokens"):
            value = usage.get(name) if isinstance(usage, dict) else None
            if value is not None:
                self._counts[name] = value

    def completion(self, model: str) -> Completion:
        parts = [part for block in self._blocks if (part := self._part(block))]
        called = any(isinstance(part, ToolCallPart) for part in parts)
        stop: StopReason = (
            "tools" if called else "size" if self.cut else "length" if self.stop_reason in _CUT else "end"
        )
        return Completion(parts=tuple(parts), stop=stop, usage=self._usage(model), model=self._model or model)

    def _part(self, block: _Block) -> Part | None:
        match block:
            case _Text(deltas):
                text = deltas.end()
                return TextPart(text=text) if text else None
            case _Thinking(content, pieces):
                if pieces:
                    content["thinking"] = content.get("thinking", "") + "".join(pieces)
                return ThinkingPart(provider=NAME, block=content)
            case _Call(id, name, given, pieces, ended):
                raw = "".join(pieces)
                arguments, malformed = (given, None) if given and not raw else parse_arguments(raw, not ended)
                return ToolCallPart(id=id, name=name, arguments=arguments, malformed=malformed)

    def _usage(self, model: str) -> Usage:
        cached = self._counts.get("cache_read_input_tokens", 0)
        written = self._counts.get("cache_creation_input_tokens", 0)
        usage = Usage(
            input_tokens=self._counts.get("input_tokens", 0) + cached + written,
            output_tokens=self._counts.get("output_tokens", 0),
            cached_tokens=cached,
            cache_write_tokens=written,
        )
        return usage.model_copy(update={"cost_usd": cost(self._model or model, usage)})
