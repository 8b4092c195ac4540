"""Collects a streamed answer of the Chat Completions API, however loosely a server keeps to it.

Seen in the wild: tool calls without an index, without an id, all with the index 0, with the id
repeated in each piece; arguments as objects; content as a list; ``finish_reason`` "stop" after a
tool call.
"""

import json
from dataclasses import dataclass, field
from typing import Any

from openai.types import CompletionUsage
from openai.types.chat import ChatCompletionChunk
from openai.types.chat.chat_completion_chunk import Choice, ChoiceDelta, ChoiceDeltaToolCall

from activities.llm.deltas import TextDeltas, parse_arguments
from activities.llm.prices import cost
from activities.llm.provider import OnText, OnTool
from clara.messages import Part, TextPart, ThinkingPart, ToolCallPart
from clara.models import Completion, Stop, Usage
from clara.text import storable


@dataclass
class _Call:
    id: str | None
    index: int | None
    name: str = ""
    raw: str = ""


@dataclass
class _Reasoning:
    """What a model thought, in one of the forms in which its server wants it back."""

    text: str = ""
    details: list[dict[str, Any]] = field(default_factory=list)

    def add(self, delta: ChoiceDelta) -> None:
        extra = delta.model_extra or {}
        self.text += storable(extra.get("reasoning_content") or "")
        for detail in extra.get("reasoning_details") or ():
            self._add_detail(dict(detail))

    def _add_detail(self, detail: dict[str, Any]) -> None:
        last = self.details[-1] if self.details else None
        if last is None or any(last.get(key) != detail.get(key) for key in ("type", "index")):
            self.details.append(detail)
            return
        for key, value in detail.items():
            grows = key in ("text", "summary", "data") and isinstance(last.get(key), str)
            if value is not None:
                last[key] = last[key] + value if grows else value

    def block(self) -> dict[str, Any]:
        if self.details:
            return {"reasoning_details": self.details}
        return {"reasoning_content": self.text} if self.text else {}


class Answer:
    """``feed`` it every chunk; ``finish_reason`` stays None until the model has come to its end."""

    def __init__(self, provider: str, on_text: OnText, on_tool: OnTool):
        self._provider = provider
        self._on_tool = on_tool
        self._text = TextDeltas(on_text)
        self._reasoning = _Reasoning()
        self._calls: list[_Call] = []
        self._usage: CompletionUsage | None = None
        self._model: str | None = None
        self.finish_reason: str | None = None

    def feed(self, chunk: ChatCompletionChunk) -> None:
        self._model = self._model or chunk.model
        self._usage = chunk.usage or self._usage
        # Only the first choice: asked for one, some servers send empty ones beside it.
        for choice in (chunk.choices or [])[:1]:
            self._feed_choice(choice)

    def _feed_choice(self, choice: Choice) -> None:
        self.finish_reason = choice.finish_reason or self.finish_reason
        if not choice.delta:
            return
        self._reasoning.add(choice.delta)
        self._text.add(_text_of(choice.delta.content))
        for piece in choice.delta.tool_calls or ():
            self._feed_call(piece)

    def _feed_call(self, piece: ChoiceDeltaToolCall) -> None:
        name = (piece.function and piece.function.name) or ""
        call = self._call(getattr(piece, "index", None), piece.id, name)
        if name and not call.name:
            call.name = name
            self._on_tool(name)
        arguments: Any = (piece.function and piece.function.arguments) or ""
        call.raw += arguments if isinstance(arguments, str) else json.dumps(arguments)

    def _call(self, index: int | None, id: str | None, name: str) -> _Call:
        """The call that a piece belongs to, a new one if it begins one."""
        for call in self._calls:
            if id and call.id == id:
                return call
        same = [c for c in self._calls if c.index == index] if index is not None else self._calls[-1:]
        # Another id with a name begins a call even under a known index; a piece without a name goes on.
        if same and not (name and same[-1].name and (index is None or (id and same[-1].id))):
            return same[-1]
        self._calls.append(_Call(id, index))
        return self._calls[-1]

    def completion(self, model: str) -> Completion:
        parts: list[Part] = []
        if block := self._reasoning.block():
            parts.append(ThinkingPart(provider=self._provider, block=block))
        if text := self._text.end():
            parts.append(TextPart(text=text))
        calls = self._finished_calls()
        cut = self.finish_reason == "length"
        stop: Stop = "tools" if calls else "length" if cut else "end"
        return Completion(parts=(*parts, *calls), stop=stop, usage=self._counted(model), model=self._model or model)

    def _finished_calls(self) -> list[ToolCallPart]:
        taken: set[str] = set()
        parts = []
        for number, call in enumerate(self._calls):
            id = call.id if call.id and call.id not in taken else f"call_{number}"
            taken.add(id)
            cut_off = self.finish_reason == "length" and call is self._calls[-1]
            arguments, malformed = parse_arguments(call.raw, cut_off)
            parts.append(ToolCallPart(id=id, name=call.name, arguments=arguments, malformed=malformed))
        return parts

    def _counted(self, model: str) -> Usage:
        if self._usage is None:
            return Usage()
        details = self._usage.prompt_tokens_details
        usage = Usage(
            input_tokens=self._usage.prompt_tokens or 0,
            output_tokens=self._usage.completion_tokens or 0,
            cached_tokens=(details and details.cached_tokens) or 0,
            cache_write_tokens=(details and details.cache_write_tokens) or 0,
        )
        said = (self._usage.model_extra or {}).get("cost")
        dollars = float(said) if isinstance(said, int | float) else cost(self._model or model, usage)
        return usage.model_copy(update={"cost_usd": dollars})


def _text_of(content: Any) -> str:
    if isinstance(content, list):
        return "".join(part.get("text") or "" for part in content if part.get("type") == "text")
    return content or ""
