"""Anthropic's Messages API: what it refuses, how it is read, how it answers."""

import base64
import binascii
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from tests.loopback.models.plan import Refusal, Refused, Reply, ToolUse
from tests.loopback.models.request import Called, Picture, Request, Result, Said

_ID = re.compile(r"[a-zA-Z0-9_-]+")
_NAME = re.compile(r"[a-zA-Z0-9_-]{1,128}")
_MAGIC = {"image/png": b"\x89PNG", "image/jpeg": b"\xff\xd8", "image/gif": b"GIF8", "image/webp": b"RIFF"}
_VERSIONS = ("2023-06-01", "2026-10-21")
IMAGE_LIMIT = 5 * 1024 * 1024

Event = tuple[str, dict[str, Any]]

PREAMBLE = 3
"""Events before the first piece of text."""


def authorised(headers: Mapping[str, str], key: str) -> bool:
    return headers.get("x-api-key") == key or headers.get("authorization") == f"Bearer {key}"


def error_body(refusal: Refusal) -> dict[str, Any]:
    error = {"type": refusal.kind, "message": refusal.message}
    return {"type": "error", "error": error, "request_id": "req_loopback"}


def read(body: dict[str, Any], headers: Mapping[str, str]) -> Request:
    """The request, if the real API would take it; otherwise Refused with what it would say."""
    if headers.get("anthropic-version") not in _VERSIONS:
        raise _bad("anthropic-version: header is required")
    for name in ("model", "messages", "max_tokens"):
        if not body.get(name):
            raise _bad(f"{name}: Field required")
    for name in set(body) - _FIELDS:
        raise _bad(f"{name}: Extra inputs are not permitted")
    tools = body.get("tools", [])
    for tool in tools:
        if not _NAME.fullmatch(tool["name"]) or tool["input_schema"].get("type") != "object":
            raise _bad("tools.0: invalid name or input_schema")
    if "tool_choice" in body and not tools:
        raise _bad("tool_choice: tools are required")
    _check_order(body["messages"])
    messages = tuple(_said(message, n) for n, message in enumerate(body["messages"]))
    _check_tools(messages, bool(tools))
    system = body.get("system", "")
    return Request(
        api="anthropic",
        model=body["model"],
        system=system if isinstance(system, str) else "".join(block["text"] for block in system),
        messages=messages,
        tools=tuple(tool["name"] for tool in tools) if body.get("tool_choice", {}).get("type") != "none" else (),
        max_tokens=body["max_tokens"],
        body=body,
    )


_FIELDS = {"model", "messages", "max_tokens", "system", "tools", "tool_choice", "stream", "cache_control", "thinking"}


def _bad(message: str) -> Refused:
    return Refused(400, "invalid_request_error", message)


def _check_order(messages: list[dict[str, Any]]) -> None:
    """Stricter than the real API, which merges neighbours of one role: nobody should rely on that."""
    for n, message in enumerate(messages):
        if message["role"] != ("user", "assistant")[n % 2]:
            raise _bad(f"messages.{n}: roles must alternate between user and assistant, beginning with user")
    if messages[-1]["role"] != "user":
        raise _bad(
            "This model does not support assistant message prefill. The conversation must end with a user message."
        )


def _said(message: dict[str, Any], n: int) -> Said:
    content = message["content"]
    blocks: list[dict[str, Any]] = [{"type": "text", "text": content}] if isinstance(content, str) else content
    if not blocks:
        raise _bad(f"messages.{n}: content must not be empty")
    of = {kind: [b for b in blocks if b["type"] == kind] for kind in {b["type"] for b in blocks}}
    if odd := set(of) - {"text", "image", "tool_use", "tool_result", "thinking", "redacted_thinking"}:
        raise _bad(f"messages.{n}: unknown content {odd}")
    if any(not block["text"].strip() for block in of.get("text", ())):
        raise _bad(f"messages.{n}: text content blocks must contain non-whitespace text")
    kinds = [block["type"] for block in blocks]
    if "tool_result" in kinds and kinds[: kinds.count("tool_result")].count("tool_result") < kinds.count("tool_result"):
        raise _bad(f"messages.{n}: tool_result blocks must come first")
    if message["role"] == "assistant" and kinds[-1] == "thinking":
        raise _bad(f"messages.{n}: The final block in an assistant message cannot be `thinking`.")
    return Said(
        role=message["role"],
        text="\n".join(block["text"] for block in of.get("text", ())),
        calls=tuple(Called(b["id"], b["name"], b["input"]) for b in of.get("tool_use", ())),
        results=tuple(Result(b["tool_use_id"], _result_text(b)) for b in of.get("tool_result", ())),
        pictures=tuple(_picture(block["source"], n) for block in of.get("image", ())),
        thinking=tuple(block for block in blocks if "thinking" in block["type"]),
    )


def _result_text(block: dict[str, Any]) -> str:
    content = block["content"]
    return content if isinstance(content, str) else "".join(part["text"] for part in content)


def _picture(source: dict[str, Any], n: int) -> Picture:
    if len(source["data"]) > IMAGE_LIMIT:
        raise _bad(f"messages.{n}: image exceeds 5 MB maximum: {len(source['data'])} bytes > {IMAGE_LIMIT} bytes")
    try:
        data = base64.b64decode(source["data"], validate=True)
    except binascii.Error as error:
        raise _bad(f"messages.{n}: invalid base64 data") from error
    if not data.startswith(_MAGIC.get(source["media_type"], b"no such type")):
        raise _bad(f"messages.{n}: the image does not appear to be {source['media_type']}")
    return Picture(source["media_type"], data)


def _check_tools(messages: tuple[Said, ...], declared: bool) -> None:
    seen: set[str] = set()
    for n, (message, following) in enumerate(zip(messages, (*messages[1:], Said("user")), strict=True)):
        ids = [call.id for call in message.calls]
        for call in message.calls:
            if not _ID.fullmatch(call.id):
                raise _bad(f"messages.{n}.tool_use.id: String should match pattern '^[a-zA-Z0-9_-]+$'")
            if not _NAME.fullmatch(call.name) or not isinstance(call.arguments, dict):
                raise _bad(f"messages.{n}.tool_use: invalid name or input")
        if len(ids) != len(set(ids)) or seen & set(ids):
            raise _bad("messages: `tool_use` ids must be unique")
        seen |= set(ids)
        answered = [result.call_id for result in following.results]
        if sorted(answered) != sorted(ids):
            raise _bad(f"messages.{n}: `tool_use` ids {ids} and the `tool_result` blocks after them {answered} differ")
        if ids and not declared:
            raise _bad("Requests which include `tool_use` or `tool_result` blocks must define tools")
    if messages[0].results:
        raise _bad("messages.0: unexpected `tool_use_id` found in `tool_result` blocks")


def events(request: Request, reply: Reply, pieces: tuple[str, ...], counts: Mapping[str, int]) -> Iterator[Event]:
    """The events of a whole answer; text comes in ``pieces``, arguments in two."""
    usage = {
        "input_tokens": counts["fresh"],
        "cache_read_input_tokens": counts["cached"],
        "cache_creation_input_tokens": counts["written"],
        "output_tokens": 1,
    }
    message = {"id": "msg_loopback", "type": "message", "role": "assistant", "model": request.model, "content": []}
    yield "message_start", {"message": {**message, "stop_reason": None, "stop_sequence": None, "usage": usage}}
    yield "ping", {}
    index = 0
    if reply.thinking:
        yield from _block(index, {"type": "thinking", "thinking": "", "signature": ""}, _thoughts(reply.thinking))
        index += 1
    if pieces:
        deltas = [{"type": "text_delta", "text": piece} for piece in pieces]
        yield from _block(index, {"type": "text", "text": ""}, deltas)
        index += 1
    for n, call in enumerate(reply.calls):
        start = {"type": "tool_use", "id": _call_id(call, request, n), "name": call.name, "input": {}}
        raw = call.arguments if isinstance(call.arguments, str) else json.dumps(call.arguments)
        halves = (raw[: len(raw) // 2], raw[len(raw) // 2 :])
        deltas = [{"type": "input_json_delta", "partial_json": half} for half in halves]
        yield from _block(index + n, start, deltas, ended=reply.stop != "length")
    stops = {"length": "max_tokens", "refusal": "refusal", "error": "refusal"}
    stop = stops.get(reply.stop) or ("tool_use" if reply.calls else "end_turn")
    ending = {"stop_reason": stop, "stop_sequence": None}
    yield "message_delta", {"delta": ending, "usage": {"output_tokens": counts["output"]}}
    yield "message_stop", {}


def error_event(kind: str) -> Event:
    return "error", {"error": {"type": kind, "message": "Something happened in the middle of the stream."}}


def _block(index: int, start: dict[str, Any], deltas: list[dict[str, Any]], ended: bool = True) -> Iterator[Event]:
    yield "content_block_start", {"index": index, "content_block": start}
    for delta in deltas:
        yield "content_block_delta", {"index": index, "delta": delta}
    if ended:
        yield "content_block_stop", {"index": index}


def _thoughts(text: str) -> list[dict[str, Any]]:
    half = len(text) // 2
    thoughts = [{"type": "thinking_delta", "thinking": piece} for piece in (text[:half], text[half:])]
    return [*thoughts, {"type": "signature_delta", "signature": f"signed({len(text)})"}]


def _call_id(call: ToolUse, request: Request, n: int) -> str:
    return call.id if call.id is not None else f"toolu_{len(request.messages)}_{n}"
