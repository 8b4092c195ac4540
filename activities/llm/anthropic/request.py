"""A prompt in the words of Anthropic's Messages API."""

import base64
from collections.abc import Sequence
from typing import Any

from activities.llm.dialogue import Rules, orderly, tools_of
from activities.llm.provider import LoadImage
from clara.files import IMAGES, media_type_of
from clara.llm.models import Prompt, ToolSchema
from clara.messages import ImagePart, Part, TextPart, ThinkingPart, ToolCallPart, ToolResultPart

NAME = "anthropic"
CACHE = {"type": "ephemeral"}
_CALL_ID = r"[a-zA-Z0-9_-]{1,64}"


async def request_body(
    prompt: Prompt, model: str, load_image: LoadImage, *, native: bool, thinking: bool = True
) -> dict[str, Any]:
    """The request. ``native`` is Anthropic's own service, which places the cache's breakpoint itself;
    services that speak its API know breakpoints on blocks, but may refuse the newer top-level field.
    """
    # Without tools the prompt before a thinking block is not what it was, so its signature is void.
    rules = Rules(NAME, _CALL_ID, keep_thinking=thinking and bool(prompt.tools))
    dialogue = orderly(prompt.messages, rules)
    messages = [{"role": m.role, "content": [await _block(p, load_image) for p in m.parts]} for m in dialogue]
    body: dict[str, Any] = {
        "model": model,
        "max_tokens": prompt.max_tokens,
        "messages": messages,
        "stream": True,
    }
    if prompt.system.strip():
        body["system"] = [{"type": "text", "text": prompt.system}]
    if tools := prompt.tools or tools_of(dialogue):
        body["tools"] = _declared(tools)
    if tools and not (prompt.tools and prompt.may_call_tools):
        body["tool_choice"] = {"type": "none"}
    if native:
        body["cache_control"] = CACHE
    else:
        for block in (*body.get("system", ()), messages[-1]["content"][-1]):
            block["cache_control"] = CACHE
    return body


def has_thinking(body: dict[str, Any]) -> bool:
    blocks = (block for message in body["messages"] for block in message["content"])
    return any(block["type"] in ("thinking", "redacted_thinking") for block in blocks)


def _declared(tools: Sequence[ToolSchema]) -> list[dict[str, Any]]:
    return [{"name": t.name, "description": t.description, "input_schema": t.parameters} for t in tools]


async def _block(part: Part, load_image: LoadImage) -> dict[str, Any]:
    match part:
        case TextPart():
            return {"type": "text", "text": part.text}
        case ThinkingPart():
            return part.block
        case ToolCallPart():
            return {"type": "tool_use", "id": part.id, "name": part.name, "input": part.arguments}
        case ToolResultPart():
            return {
                "type": "tool_result",
                "tool_use_id": part.call_id,
                "content": part.text or "(no output)",
                "is_error": part.is_error,
            }
        case ImagePart():
            return await _image(part, load_image)


async def _image(part: ImagePart, load_image: LoadImage) -> dict[str, Any]:
    data = await load_image(part.blob_id)
    media_type = media_type_of(data)
    if media_type not in IMAGES:
        return {"type": "text", "text": f"[An attachment of type {part.media_type} that cannot be shown as an image.]"}
    encoded = base64.b64encode(data).decode("ascii")
    return {"type": "image", "source": {"type": "base64", "media_type": media_type, "data": encoded}}
