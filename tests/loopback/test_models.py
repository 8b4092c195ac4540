"""The model server itself: it refuses what the real ones refuse, and remembers what happened."""

import asyncio
import sys
from typing import Any

import aiohttp
import pytest

from tests.loopback.models import KEY, ModelServer, Reply, ToolUse
from tests.loopback.models.scenarios import orders
from tests.ports import free_port

USER = {"role": "user", "content": "Hi"}
USED = {"role": "assistant", "content": [{"type": "tool_use", "id": "a", "name": "clock", "input": {}}]}
CLOCK = {"name": "clock", "input_schema": {"type": "object"}}
CALLED = {
    "role": "assistant",
    "content": None,
    "tool_calls": [{"id": "a", "type": "function", "function": {"name": "clock", "arguments": "{}"}}],
}


def with_result(id: str) -> dict[str, Any]:
    return {"role": "user", "content": [{"type": "tool_result", "tool_use_id": id, "content": "noon"}]}


async def post(server: ModelServer, path: str, body: dict[str, Any], **headers: str) -> tuple[int, str]:
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{server.url}{path}", json=body, headers=headers) as answer,
    ):
        return answer.status, await answer.text()


ANTHROPIC_FAULTS: list[tuple[dict[str, Any], str]] = [
    ({"max_tokens": None}, "max_tokens"),
    ({"messages": [{"role": "assistant", "content": "Hi"}]}, "alternate"),
    ({"messages": [USER, USER]}, "alternate"),
    ({"messages": [USER, {"role": "assistant", "content": "Hi"}]}, "prefill"),
    ({"messages": [USER, USED, USER], "tools": [CLOCK]}, "differ"),
    ({"messages": [USER, USED, with_result("b")], "tools": [CLOCK]}, "differ"),
    ({"messages": [with_result("a")]}, "unexpected"),
    ({"messages": [USER, USED, with_result("a")]}, "must define tools"),
    ({"messages": [{"role": "user", "content": " "}]}, "non-whitespace"),
    ({"temperature": 1}, "Extra inputs"),
]
OPENAI_FAULTS: list[tuple[dict[str, Any], str]] = [
    ({"messages": []}, "messages"),
    ({"messages": [USER, CALLED, USER]}, "did not have response"),
    ({"messages": [USER, CALLED]}, "did not have response"),
    ({"messages": [USER, {"role": "tool", "tool_call_id": "a", "content": "noon"}]}, "preceding"),
    ({"messages": [USER, {"role": "assistant", "content": None}]}, "null"),
    ({"cache_control": {}}, "Unrecognized"),
]


@pytest.fixture(scope="module")
async def server() -> Any:
    async with ModelServer() as running:
        yield running


@pytest.mark.parametrize(("change", "words"), ANTHROPIC_FAULTS)
async def test_what_anthropic_refuses(server: ModelServer, change: dict[str, Any], words: str) -> None:
    body = {"model": "echo", "max_tokens": 10, "messages": [USER], **change}
    status, text = await post(server, "/v1/messages", body, **{"x-api-key": KEY, "anthropic-version": "2023-06-01"})
    assert status == 400
    assert words in text


@pytest.mark.parametrize(("change", "words"), OPENAI_FAULTS)
async def test_what_openai_refuses(server: ModelServer, change: dict[str, Any], words: str) -> None:
    body = {"model": "echo", "messages": [USER], **change}
    status, text = await post(server, "/v1/chat/completions", body, authorization=f"Bearer {KEY}")
    assert status == 400
    assert words in text


@pytest.mark.parametrize("path", ["/v1/messages", "/v1/chat/completions"])
async def test_a_wrong_key_is_refused(server: ModelServer, path: str) -> None:
    assert (await post(server, path, {"model": "echo"}, authorization="Bearer no"))[0] == 401


def test_orders_are_read_from_text() -> None:
    assert orders('[m-7] use record {"n": {"a": 1}} and then use clock. Useful!') == [
        ToolUse("record", {"n": {"a": 1}}),
        ToolUse("clock"),
    ]
    assert orders("no orders here") == []


async def test_a_script_comes_before_the_scenarios() -> None:
    async with ModelServer(lambda request: Reply("Scripted.") if request.user_text == "Hi" else None) as server:
        headers = {"authorization": f"Bearer {KEY}"}
        body = {"model": "echo", "messages": [USER]}
        assert "Scripted." in (await post(server, "/v1/chat/completions", body, **headers))[1]
        other = {"model": "echo", "messages": [{"role": "user", "content": "Ho"}]}
        assert "Scripted." not in (await post(server, "/v1/chat/completions", other, **headers))[1]
        async with asyncio.timeout(20):  # who has read the answer may be quicker than the server's last line
            while [exchange.outcome for exchange in server.log] != ["complete", "complete"]:
                await asyncio.sleep(0.01)


async def test_as_a_process_of_its_own() -> None:
    port = free_port()
    module = ("-m", "tests.loopback.models", "--port", str(port), "--script", "tests.loopback.models:obey")
    process = await asyncio.create_subprocess_exec(sys.executable, *module)
    try:
        async with aiohttp.ClientSession(f"http://127.0.0.1:{port}") as session, asyncio.timeout(20):
            while True:
                try:
                    await session.get("/_log")
                    break
                except aiohttp.ClientConnectionError:
                    await asyncio.sleep(0.05)
            question = {"role": "user", "content": '[m-1] use clock {"zone": "UTC"}'}
            body = {"model": "any", "messages": [question], "stream": True}
            body["tools"] = [{"type": "function", "function": {"name": "clock"}}]
            headers = {"authorization": f"Bearer {KEY}"}
            answer = await session.post("/v1/chat/completions", json=body, headers=headers)
            assert '\\"zone\\"' in await answer.text()
            log = await (await session.get("/_log?bodies=0")).json()
            assert [entry["outcome"] for entry in log] == ["complete"]
            assert log[0]["body"] == {"model": "any"}
            assert (await session.delete("/_log")).status == 204
            assert await (await session.get("/_log")).json() == []
    finally:
        process.terminate()
        await process.wait()
