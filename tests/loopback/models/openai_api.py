"""OpenAI's Chat Completions API: what it refuses, how it is read, how it answers."""

import base64
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from tests.loopback.models.plan import Refusal, Refused, Reply, ToolUse
from tests.loopback.models.request import Called, Picture, Request, Result, Said

_NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")
_ROLES = ("system", "user", "assistant", "tool")
_FIELDS = {
    *("model", "messages", "max_tokens", "max_completion_tokens", "tools", "tool_choice", "stream", "stream_options"),
    "usage",  # OpenRouter's
}
ID_LIMIT = 40

PREAMBLE = 1
"""Chunks before the first piece of text."""


def authorised(headers: Mapping[str, str], key: str) -> bool:
    return headers.get("authorization") == f"Bearer {key}"


def error_body(refusal: Refusal) -> dict[str, Any]:
    kind = "invalid_request_error" if refusal.kind in ("context_length_exceeded",) else refusal.kind
    return {"error": {"message": refusal.message, "type": kind, "param": None, "code": refusal.kind}}


def read(body: dict[str, Any]) -> Request:
    """The request, if the real API would take it; otherwise Refused with what it would say."""
    for name in ("model", "messages"):
        if not body.get(name):
            raise _bad(f"you must provide a {name} parameter")
    for name in set(body) - _FIELDS:
        raise _bad(f"Unrecognized request argument supplied: {name}")
    messages = body["messages"]
    _check_order(messages)
    tools = [tool["function"]["name"] for tool in body.get("tools", ())]
    if not all(_NAME.fullmatch(name) for name in tools):
        raise _bad("Invalid 'tools[0].function.name'")
    if "tool_choice" in body and not tools:
        raise _bad("'tool_choice' is only allowed when 'tools' are specified")
    return Request(
        api="openai",
        model=body["model"],
        system="\n".join(_text(m["content"]) for m in messages if m["role"] == "system"),
        messages=tuple(_dialogue(messages)),
        tools=tuple(tools) if body.get("tool_choice") != "none" else (),
        max_tokens=body.get("max_tokens") or body.get("max_completion_tokens") or 0,
        body=body,
    )


def _bad(message: str) -> Refused:
    return Refused(400, "invalid_request_error", message)


def _check_order(messages: list[dict[str, Any]]) -> None:
    open_calls: list[str] = []
    seen: set[str] = set()
    for n, message in enumerate(messages):
        if message["role"] not in _ROLES or (message["role"] == "system" and n):
            raise _bad(f"messages[{n}].role: unexpected {message['role']}")
        if message["role"] == "tool":
            if message["tool_call_id"] not in open_calls:
                raise _bad("messages with role 'tool' must be a response to a preceding message with 'tool_calls'.")
            open_calls.remove(message["tool_call_id"])
            continue
        if open_calls:
            raise _bad(f"tool_call_ids did not have response messages: {', '.join(open_calls)}")
        _check_content(message, n)
        for call in message.get("tool_calls", ()):
            _check_call(call, seen)
            open_calls.append(call["id"])
    if open_calls:
        raise _bad(f"tool_call_ids did not have response messages: {', '.join(open_calls)}")


def _check_content(message: dict[str, Any], n: int) -> None:
    if message["content"] is None and not message.get("tool_calls"):
        raise _bad(f"messages[{n}].content: expected a string, got null")
    odd = set(message) - {"role", "content", "tool_calls", "reasoning_details", "reasoning_content"}
    if odd:
        raise _bad(f"messages[{n}]: unknown field {odd}")


def _check_call(call: dict[str, Any], seen: set[str]) -> None:
    if len(call["id"]) > ID_LIMIT:
        raise _bad(f"Invalid 'tool_calls[0].id': string too long. Expected a maximum length of {ID_LIMIT}.")
    if call["id"] in seen:
        raise _bad("Duplicate value for 'tool_call_id'")
    seen.add(call["id"])
    if not _NAME.fullmatch(call["function"]["name"]) or not isinstance(call["function"]["arguments"], str):
        raise _bad("Invalid 'tool_calls[0].function'")


def _dialogue(messages: list[dict[str, Any]]) -> Iterator[Said]:
    for message in messages:
        match message["role"]:
            case "tool":
                yield Said("user", results=(Result(message["tool_call_id"], _text(message["content"])),))
            case "user":
                yield Said("user", _text(message["content"]), pictures=tuple(_pictures(message["content"])))
            case "assistant":
                yield Said(
                    "assistant",
                    _text(message["content"]),
                    calls=tuple(_called(call) for call in message.get("tool_calls", ())),
                    thinking=tuple(message.get("reasoning_details", ())),
                )


def _called(call: dict[str, Any]) -> Called:
    return Called(call["id"], call["function"]["name"], json.loads(call["function"]["arguments"]))


def _text(content: str | list[dict[str, Any]] | None) -> str:
    if isinstance(content, list):
        return "\n".join(part["text"] for part in content if part["type"] == "text")
    return content or ""


def _pictures(content: str | list[dict[str, Any]]) -> Iterator[Picture]:
    for part in content if isinstance(content, list) else ():
        if part["type"] == "image_url":
            found = re.fullmatch(r"data:(image/\w+);base64,(.*)", part["image_url"]["url"], re.DOTALL)
            if not found:
                raise _bad("Invalid image URL")
            yield Picture(found[1], base64.b64decode(found[2], validate=True))


def chunks(
    request: Request, reply: Reply, pieces: tuple[str, ...], counts: Mapping[str, int]
) -> Iterator[dict[str, Any]]:
    """The chunks of a whole answer; text comes in ``pieces``, arguments in two."""
    yield _chunk(request, {"role": "assistant", "content": ""})
    if reply.thinking:
        half = len(reply.thinking) // 2
        for text in (reply.thinking[:half], reply.thinking[half:]):
            detail = {"type": "reasoning.text", "text": text, "index": 0, "format": "loopback-v1"}
            yield _chunk(request, {"content": "", "reasoning": text, "reasoning_details": [detail]})
    for piece in pieces:
        yield _chunk(request, {"content": piece})
    for n, call in enumerate(reply.calls):
        for delta in _call_deltas(request, reply, call, n):
            yield _chunk(request, {"tool_calls": [delta]})
    stops = {"length": "length", "refusal": "content_filter", "error": "error"}
    finish = stops.get(reply.stop) or ("tool_calls" if reply.calls and reply.sloppy != "stop" else "stop")
    yield _chunk(request, {}, finish)
    if request.body.get("stream_options", {}).get("include_usage"):
        yield {**_chunk(request, {}), "choices": [], "usage": _usage(request, counts)}


def error_chunk(kind: str) -> dict[str, Any]:
    code: str | int = int(kind) if kind.isdigit() else kind
    return {"error": {"message": "Something happened in the middle of the stream.", "code": code}, "choices": []}


def _chunk(request: Request, delta: dict[str, Any], finish: str | None = None) -> dict[str, Any]:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    head = {"id": "chatcmpl-loopback", "object": "chat.completion.chunk", "created": 1, "model": request.model}
    return {**head, "choices": [choice]}


def _usage(request: Request, counts: Mapping[str, int]) -> dict[str, Any]:
    prompt = counts["fresh"] + counts["cached"] + counts["written"]
    usage: dict[str, Any] = {
        "prompt_tokens": prompt,
        "completion_tokens": counts["output"],
        "total_tokens": prompt + counts["output"],
        "prompt_tokens_details": {"cached_tokens": counts["cached"], "cache_write_tokens": counts["written"]},
    }
    if request.body.get("usage", {}).get("include"):
        usage["cost"] = 0.0125
    return usage


def _call_deltas(request: Request, reply: Reply, call: ToolUse, n: int) -> Iterator[dict[str, Any]]:
    raw = call.arguments if isinstance(call.arguments, str) else json.dumps(call.arguments)
    half = len(raw) // 2
    id = call.id if call.id is not None else f"call_{len(request.messages)}_{n}"
    known = {"index": 0 if reply.sloppy == "zero-index" else n}
    if reply.sloppy == "no-index":
        known = {}
    named = {"id": id, "type": "function"} if id else {"type": "function"}
    if reply.sloppy == "object-arguments":
        yield {**known, **named, "function": {"name": call.name, "arguments": call.arguments}}
        return
    yield {**known, **named, "function": {"name": call.name, "arguments": raw[:half]}}
    rest: dict[str, Any] = {"arguments": raw[half:]}
    if reply.sloppy in ("repeated-id", "repeated-name"):
        rest["name"] = call.name
    yield {**known, **({"id": id} if reply.sloppy == "repeated-id" else {}), "function": rest}
