"""A server at an address that answers as a test says, byte by byte."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

from tests.loopback.http import Respond, Server, answer

BEGUN = {
    "protocolVersion": "2025-11-25",
    "capabilities": {"tools": {}},
    "serverInfo": {"name": "addressed", "version": "1"},
}
ECHO = {"name": "echo", "inputSchema": {"type": "object"}}
RESULTS: dict[str, Any] = {"initialize": BEGUN, "tools/list": {"tools": [ECHO]}}

Misbehave = Callable[[dict[str, Any]], Respond | None]
"""Given a message, what to do instead of what is right; None for that."""


def said(id: Any, text: str = "hello") -> bytes:
    result = {"content": [{"type": "text", "text": text}]}
    return json.dumps({"jsonrpc": "2.0", "id": id, "result": result}).encode()


def server(misbehave: Misbehave = lambda message: None) -> Server:
    """At ``/mcp``."""
    made = Server()

    async def respond(writer: asyncio.StreamWriter) -> None:
        asked = made.asked[-1]
        if not asked.line.startswith("POST"):
            await answer(b"", "405 Method Not Allowed")(writer)
            return
        message = json.loads(asked.body)
        await (misbehave(message) or _right(message))(writer)

    made.routes["/mcp"] = respond
    return made


def _right(message: dict[str, Any]) -> Respond:
    method, id = message["method"], message.get("id")
    if id is None:
        return answer(b"", "202 Accepted")
    if method == "tools/call":
        return answer(said(id), content_type="application/json")
    if method not in RESULTS:
        error = {"jsonrpc": "2.0", "id": id, "error": {"code": -32601, "message": "Method not found"}}
        return answer(json.dumps(error).encode(), content_type="application/json")
    body = json.dumps({"jsonrpc": "2.0", "id": id, "result": RESULTS[method]}).encode()
    return answer(body, content_type="application/json", mcp_session_id="session-1")
