"""What the scripted stand-in understands of a prompt."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from clara.llm.models import Prompt, ToolSchema
from clara.messages import ImagePart, Message, TextPart, ToolResultPart

# The line with time and author before a message, and the blocks around other people's words.
_HEADING = re.compile(r"^\[\d{4}-\d\d-\d\d \d\d:\d\d[^\]\n]*\]\s*", re.MULTILINE)
_MATERIAL = re.compile(r"<(quoted|attachment)\b.*?</\1>", re.DOTALL)


_FILE = re.compile(
    r"<attachment name=\"([^\"]+)\">|^\[The file '([^']+)' came|^\[attached: ([^\]\n]+)\]$", re.MULTILINE
)


@dataclass(frozen=True)
class Heard:
    text: str
    """What the person wants now."""
    before: tuple[str, ...]
    """What they said earlier in the conversation, oldest first."""
    first: bool
    """Nobody has answered in this conversation yet."""
    images: int
    results: tuple[ToolResultPart, ...]
    """What tools answered just now: with these it is time to answer."""
    tools: dict[str, ToolSchema]
    files: tuple[str, ...] = ()
    """The names of what came with the message."""
    files_before: tuple[str, ...] = ()
    """And with those before it, as far as they can be seen."""


def hear(prompt: Prompt) -> Heard:
    said = [(i, text) for i, m in enumerate(prompt.messages) if m.role == "user" and (text := _words(m))]
    position, text = said[-1] if said else (0, "")
    now = prompt.messages[position:]
    last = prompt.messages[-1] if prompt.messages else None
    return Heard(
        text=text,
        before=tuple(earlier for _, earlier in said[:-1]),
        first=not any(message.text for message in prompt.messages if message.role == "assistant"),
        images=sum(isinstance(part, ImagePart) for message in now for part in message.parts),
        results=tuple(part for part in last.parts if isinstance(part, ToolResultPart)) if last else (),
        tools={tool.name: tool for tool in prompt.tools} if prompt.may_call_tools else {},
        files=_files(prompt.messages[position : position + 1]),
        files_before=_files(prompt.messages[:position]),
    )


def _files(messages: Sequence[Message]) -> tuple[str, ...]:
    texts = (part.text for message in messages for part in message.parts if isinstance(part, TextPart))
    return tuple(next(filter(None, found.groups())) for text in texts for found in _FILE.finditer(text))


def _words(message: Message) -> str:
    joined = "\n".join(part.text for part in message.parts if isinstance(part, TextPart))
    return _HEADING.sub("", _FILE.sub("", _MATERIAL.sub("", joined))).strip()
