"""The model of all systems: OpenAI's Chat Completions, at once, streamed or whole. Argument: PORT.

Asked to use a tool, it calls the first tool that is offered; given its result, it answers. A process of its own,
so that it is counted to nobody.
"""

import asyncio
import json
import sys
from collections.abc import Iterator
from typing import Any

from aiohttp import web

ANSWER = (
    "It is a fine day in the mountains, with some clouds in the west and a light wind over the lake in the afternoon."
)
TOOL = "Please use a tool."
"""A message that ends so is answered with a call."""

BODY_LIMIT = 64 * 2**20


def main(port: int) -> None:
    app = web.Application(client_max_size=BODY_LIMIT)
    app.router.add_post("/v1/chat/completions", _complete)
    web.run_app(app, host="127.0.0.1", port=port, print=None, access_log=None)


async def _complete(request: web.Request) -> web.StreamResponse:
    body = await request.json()
    message = _message(body)
    if not body.get("stream"):
        choice = {"index": 0, "message": message, "finish_reason": _reason(message)}
        return web.json_response({**_head(body, "chat.completion"), "choices": [choice], "usage": _USAGE})
    response = web.StreamResponse(headers={"content-type": "text/event-stream"})
    await response.prepare(request)
    for chunk in _chunks(body, message):
        await response.write(f"data: {json.dumps(chunk)}\n\n".encode())
        await asyncio.sleep(0)
    await response.write(b"data: [DONE]\n\n")
    await response.write_eof()
    return response


def _message(body: dict[str, Any]) -> dict[str, Any]:
    last = body["messages"][-1]
    content = last.get("content")
    text = content if isinstance(content, str) else "".join(part.get("text", "") for part in content or ())
    if last["role"] == "user" and text.rstrip().endswith(TOOL):
        offered = [tool["function"]["name"] for tool in body["tools"]]
        name = next(name for name in offered if name == "current_time")
        call = {
            "id": f"call_{len(body['messages'])}",
            "type": "function",
            "function": {"name": name, "arguments": "{}"},
        }
        return {"role": "assistant", "content": None, "tool_calls": [call]}
    return {"role": "assistant", "content": ANSWER}


_USAGE = {"prompt_tokens": 100, "completion_tokens": 25, "total_tokens": 125}


def _head(body: dict[str, Any], kind: str) -> dict[str, Any]:
    return {"id": "chatcmpl-1", "object": kind, "created": 1, "model": body["model"]}


def _reason(message: dict[str, Any]) -> str:
    return "tool_calls" if message.get("tool_calls") else "stop"


def _chunks(body: dict[str, Any], message: dict[str, Any]) -> Iterator[dict[str, Any]]:
    head = _head(body, "chat.completion.chunk")

    def choice(delta: dict[str, Any], reason: str | None = None) -> dict[str, Any]:
        return {**head, "choices": [{"index": 0, "delta": delta, "finish_reason": reason}]}

    yield choice({"role": "assistant", "content": ""})
    for number, call in enumerate(message.get("tool_calls") or ()):
        yield choice({"tool_calls": [{"index": number, **call}]})
    for word in (message["content"] or "").split(" ") if message["content"] else ():
        yield choice({"content": f"{word} "})
    yield choice({}, _reason(message))
    yield {**head, "choices": [], "usage": _USAGE}


if __name__ == "__main__":
    main(int(sys.argv[1]))
