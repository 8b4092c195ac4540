"""A prompt in the words of the Chat Completions API, as everybody but Anthropic speaks it."""

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from activities.llm.dialogue import Rules, orderly, tools_of
from activities.llm.provider import LoadImage
from clara.files import IMAGES, media_type_of
from clara.llm.models import Prompt, ToolSchema
from clara.messages import ImagePart, Message, TextPart

CACHE = {"type": "ephemeral"}
REASONING = ("reasoning_details", "reasoning_content")
"""What a model thought, as OpenRouter and DeepSeek want it back."""

_CALL_ID = r"\S{1,40}"
_CLAUDE_CALL_ID = r"[a-zA-Z0-9_-]{1,40}"


@dataclass(frozen=True)
class Dialect:
    """Where services that speak this API differ."""

    limit_field: str = "max_tokens"
    marks_cache: bool = False
    """Takes Anthropic's breakpoints on blocks, for the models that cache only on demand."""
    extra: tuple[tuple[str, Any], ...] = ()
    """Fields of the body that only this service knows."""


async def request_body(
    prompt: Prompt, provider: str, model: str, dialect: Dialect, load_image: LoadImage
) -> dict[str, Any]:
    claude = "claude" in model.lower()
    rules = Rules(provider, _CLAUDE_CALL_ID if claude else _CALL_ID, keep_thinking=bool(prompt.tools))
    dialogue = orderly(prompt.messages, rules)
    messages: list[dict[str, Any]] = []
    if prompt.system.strip():
        messages.append({"role": "system", "content": prompt.system})
    for message in dialogue:
        messages += [_assistant(message)] if message.role == "assistant" else await _user(message, load_image)
    if claude and dialect.marks_cache:
        for message_body in (messages[0], messages[-1]):
            _mark(message_body)
    body: dict[str, Any] = {
        "model": model,
        "messages": messages,
        dialect.limit_field: prompt.max_tokens,
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    if tools := prompt.tools or tools_of(dialogue):
        body["tools"] = [_declared(tool) for tool in tools]
    if tools and not (prompt.tools and prompt.may_call_tools):
        body["tool_choice"] = "none"
    return body | dict(dialect.extra)


def _declared(tool: ToolSchema) -> dict[str, Any]:
    function = {"name": tool.name, "description": tool.description, "parameters": tool.parameters}
    return {"type": "function", "function": function}


def _assistant(message: Message) -> dict[str, Any]:
    calls = [
        {
            "id": part.id,
            "type": "function",
            "function": {"name": part.name, "arguments": json.dumps(part.arguments, ensure_ascii=False)},
        }
        for part in message.parts
        if part.type == "tool_call"
    ]
    body: dict[str, Any] = {"role": "assistant", "content": message.text or None}
    for part in message.parts:
        if part.type == "thinking":
            body |= {name: part.block[name] for name in REASONING if name in part.block}
    if calls:
        body["tool_calls"] = calls
    return body


async def _user(message: Message, load_image: LoadImage) -> list[dict[str, Any]]:
    """Results of tools are messages of their own, in front of what the person says."""
    results = [
        {
            "role": "tool",
            "tool_call_id": part.call_id,
            "content": f"Error: {part.text}" if part.is_error else part.text or "(no output)",
        }
        for part in message.parts
        if part.type == "tool_result"
    ]
    said = [await _content(part, load_image) for part in message.parts if part.type in ("text", "image")]
    if not said:
        return results
    return [*results, {"role": "user", "content": _plain(said)}]


def _plain(said: Sequence[dict[str, Any]]) -> Any:
    """A single text as a string: small servers know nothing else."""
    return said[0]["text"] if len(said) == 1 and said[0]["type"] == "text" else list(said)


async def _content(part: TextPart | ImagePart, load_image: LoadImage) -> dict[str, Any]:
    if part.type == "text":
        return {"type": "text", "text": part.text}
    data = await load_image(part.blob_id)
    media_type = media_type_of(data)
    if media_type not in IMAGES:
        return {"type": "text", "text": f"[An attachment of type {part.media_type} that cannot be shown as an image.]"}
    encoded = base64.b64encode(data).decode("ascii")
    return {"type": "image_url", "image_url": {"url": f"data:{media_type};base64,{encoded}"}}


def _mark(message: dict[str, Any]) -> None:
    if isinstance(message["content"], str):
        message["content"] = [{"type": "text", "text": message["content"]}]
    message["content"][-1]["cache_control"] = CACHE
