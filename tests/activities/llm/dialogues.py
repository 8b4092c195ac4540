"""Dialogues in few words, and what a call of a provider brought."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from activities.llm.provider import Provider
from clara.llm.models import Completion, Prompt, ToolSchema
from clara.messages import ImagePart, Message, Part, TextPart, ToolCallPart, ToolResultPart

CITY = {"type": "object", "properties": {"city": {"type": "string"}}}
WEATHER = ToolSchema(name="weather", description="The weather of a city.", parameters=CITY)

SECRET_WORDS = "my neighbour's cat is called Alibaba"


def user(*parts: Part | str) -> Message:
    return _message("user", parts)


def clara(*parts: Part | str) -> Message:
    return _message("assistant", parts)


def _message(role: Any, parts: tuple[Part | str, ...]) -> Message:
    return Message(role=role, parts=tuple(TextPart(text=p) if isinstance(p, str) else p for p in parts))


def call(id: str, name: str = "weather", **arguments: Any) -> ToolCallPart:
    return ToolCallPart(id=id, name=name, arguments=arguments)


def result(call_id: str, text: str = "sunny", name: str = "weather", is_error: bool = False) -> ToolResultPart:
    return ToolResultPart(call_id=call_id, name=name, text=text, is_error=is_error)


def image(blob_id: str) -> ImagePart:
    return ImagePart(blob_id=blob_id, media_type="image/png")


def prompt(*messages: Message, system: str = "Be kind.", **fields: Any) -> Prompt:
    return Prompt(system=system, messages=messages, **fields)


async def no_images(blob_id: str) -> bytes:
    raise LookupError(blob_id)


@dataclass
class Heard:
    """What came while the answer was streamed, in its order."""

    pieces: list[str] = field(default_factory=list)
    tools: list[str] = field(default_factory=list)
    first: asyncio.Event = field(default_factory=asyncio.Event)

    def text(self, piece: str) -> None:
        self.pieces.append(piece)
        self.first.set()

    def tool(self, name: str) -> None:
        self.tools.append(name)


async def ask(
    provider: Provider,
    model: str,
    asked: Prompt | str = "Hello there",
    heard: Heard | None = None,
    load_image: Callable[[str], Awaitable[bytes]] = no_images,
) -> Completion:
    heard = heard or Heard()
    whole = prompt(user(asked)) if isinstance(asked, str) else asked
    return await provider.complete(whole, model, load_image, heard.text, heard.tool)


def calls_of(completion: Completion) -> list[ToolCallPart]:
    return [part for part in completion.parts if isinstance(part, ToolCallPart)]


def text_of(completion: Completion) -> str:
    return Message(role="assistant", parts=completion.parts).text


def answered(messages: tuple[Message, ...], completion: Completion, *texts: str) -> tuple[Message, ...]:
    """The dialogue with the answer, and with one result for each of its calls."""
    results = [result(part.id, text, part.name) for part, text in zip(calls_of(completion), texts, strict=bool(texts))]
    said = Message(role="assistant", parts=completion.parts)
    return (*messages, said, user(*results)) if results else (*messages, said)
