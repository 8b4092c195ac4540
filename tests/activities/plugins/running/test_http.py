"""Servers at an address: bounded and guarded as the web is, and told apart by what they refuse."""

import asyncio
import gzip
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from activities.plugins.running import CallResult, ElicitAnswer, Elicitation, NotAsked, ServerFault
from clara.errors import ToolFailed, Unavailable
from clara.plugins.plugin import Launch
from store import plugins
from tests.activities.plugins.running.conftest import Bench
from tests.loopback.http import Respond, Server, answer, redirect, silence
from tests.loopback.plugins.addressed import Misbehave, said, server
from tests.loopback.plugins.modern import modern
from tests.patience import PATIENCE_S

OLGA = "terminal:olga"
SOON = timedelta(seconds=20)

Opened = Callable[..., Bench]


async def call(
    opened: Opened, served: Server, *, values: dict[str, str] | None = None, timeout: timedelta = SOON, **launch: Any
) -> CallResult:
    bench = opened(MCP_TRUSTED_URLS=served.url)
    bench.values.update(values or {})
    plugin = await bench.plugin(Launch(url=f"{served.url}/mcp", **launch), name="addressed-one")
    try:
        return await bench.servers.call(plugin, OLGA, "echo", {}, timeout=timeout)
    finally:
        await plugins.remove(bench.pool, plugin.id)


def only(method: str, respond: Callable[[Any], Respond]) -> Misbehave:
    return lambda message: respond(message.get("id")) if message["method"] == method else None


async def test_secrets_are_headers_and_go_nowhere_else(opened: Opened) -> None:
    async with server() as served:
        values = {"Authorization": "Bearer s3cret", "Other": "not for it"}
        result = await call(opened, served, values=values, secrets=("Authorization",), environment={"X-Plain": "yes"})
    assert result.text == "hello"
    posts = [asked for asked in served.asked if asked.line.startswith("POST")]
    assert {asked.headers["authorization"] for asked in posts} == {"Bearer s3cret"}
    assert {asked.headers["x-plain"] for asked in posts} == {"yes"}
    assert "other" not in posts[0].headers


async def test_headers_that_cannot_be_sent_are_told(opened: Opened) -> None:
    async with server() as served:
        with pytest.raises(ToolFailed, match="headers of the plugin addressed-one cannot be sent") as told:
            await call(opened, served, values={"Key": "s3cret\r\nHost: other"}, secrets=("Key",))
    assert "s3cret" not in str(told.value)


@pytest.mark.parametrize("status", ["401 Unauthorized", "403 Forbidden"])
async def test_who_is_not_known_is_told_to_sign_in(opened: Opened, status: str) -> None:
    async with server(lambda message: answer(b"{}", status)) as served:
        with pytest.raises(ToolFailed, match="does not know who you are"):
            await call(opened, served)


async def test_a_key_that_is_withdrawn_in_between_is_told(opened: Opened) -> None:
    async with server(only("tools/call", lambda id: answer(b"", "401 Unauthorized"))) as served:
        with pytest.raises(ToolFailed, match="does not know who you are"):
            await call(opened, served)


async def test_a_limit_of_the_rate_is_waited_for(opened: Opened) -> None:
    limited = only("tools/call", lambda id: answer(b"", "429 Too Many Requests", retry_after="7"))
    async with server(limited) as served:
        with pytest.raises(Unavailable) as told:
            await call(opened, served)
    assert told.value.retry_after == timedelta(seconds=7)


async def test_a_fault_of_the_server_passes(opened: Opened) -> None:
    async with server(only("tools/call", lambda id: answer(b"", "500 Internal Server Error"))) as served:
        with pytest.raises(Unavailable):
            await call(opened, served)


async def test_a_redirect_to_another_host_is_not_followed(opened: Opened) -> None:
    async with Server() as other, server(lambda message: redirect(f"{other.url}/mcp", "307 Moved")) as served:
        with pytest.raises((ToolFailed, Unavailable)):
            await call(opened, served, values={"Key": "s3cret"}, secrets=("Key",))
    assert other.asked == []


async def test_an_answer_without_measure_is_refused(opened: Opened) -> None:
    def much(id: Any) -> Respond:
        return answer(said(id, "x" * 5_000_000), content_type="application/json")

    async with server(only("tools/call", much)) as served:
        with pytest.raises(ToolFailed, match=r"sent more than 1\.9 MiB"):
            await call(opened, served)


async def test_an_event_without_measure_is_refused(opened: Opened) -> None:
    def events(id: Any) -> Respond:
        return answer(b"data: " + said(id, "x" * 5_000_000) + b"\n\n", content_type="text/event-stream")

    async with server(only("tools/call", events)) as served:
        with pytest.raises((ToolFailed, Unavailable)):
            await call(opened, served)


async def test_what_is_packed_is_refused(opened: Opened) -> None:
    def packed(id: Any) -> Respond:
        body = gzip.compress(said(id, "x" * 100_000_000))
        return answer(body, content_type="application/json", content_encoding="gzip")

    async with server(only("tools/call", packed)) as served:
        with pytest.raises(Unavailable):
            await call(opened, served)


async def test_what_is_not_mcp_is_told(opened: Opened) -> None:
    async with server(lambda message: answer(b"<html>", content_type="text/html")) as served:
        with pytest.raises((ToolFailed, Unavailable)):
            await call(opened, served)


async def test_who_is_not_there_was_not_asked(opened: Opened) -> None:
    async with server() as served:
        pass
    with pytest.raises(NotAsked, match="addressed-one"):
        await call(opened, served)


async def test_who_never_answers_is_told(opened: Opened) -> None:
    async with server(only("tools/call", lambda id: silence)) as served:
        with pytest.raises(ServerFault, match=r"did not answer within 0\.5 s"):
            await call(opened, served, timeout=timedelta(seconds=0.5))


async def test_a_session_that_was_forgotten_is_begun_again(opened: Opened) -> None:
    answers = [answer(b"", "404 Not Found")]

    def misbehave(message: dict[str, Any]) -> Respond | None:
        return answers.pop() if message["method"] == "tools/call" and answers else None

    async with server(misbehave) as served:
        bench = opened(MCP_TRUSTED_URLS=served.url)
        plugin = await bench.plugin(Launch(url=f"{served.url}/mcp"))
        with pytest.raises(NotAsked, match="has forgotten the session"):
            await bench.servers.call(plugin, OLGA, "echo", {}, timeout=SOON)
        assert (await bench.servers.call(plugin, OLGA, "echo", {}, timeout=SOON)).text == "hello"


async def test_the_newest_protocol(opened: Opened) -> None:
    async with modern() as url:
        bench = opened(MCP_TRUSTED_URLS=url)
        plugin = await bench.plugin(Launch(url=url))
        lines: list[str] = []
        asked: list[Elicitation] = []

        async def show(line: str) -> None:
            lines.append(line)

        async def ask(question: Elicitation) -> ElicitAnswer:
            asked.append(question)
            return ElicitAnswer("accept", {"colour": "blue"})

        said = await bench.servers.call(plugin, OLGA, "echo", {"message": "hi"}, timeout=SOON)
        assert said.text == "echo: hi"
        await bench.servers.call(plugin, OLGA, "count", {}, timeout=SOON, progress=show)
        assert lines[0] == "step 0, 0 of 3"
        answered = await bench.servers.call(plugin, OLGA, "ask", {}, timeout=SOON, ask=ask)
        assert "blue" in answered.text
        assert [question.message for question in asked] == ["Which colour?"]
        wrong = await bench.servers.call(plugin, OLGA, "nothing", {}, timeout=SOON)
        assert wrong.is_error
        await bench.servers.call(plugin, OLGA, "more", {}, timeout=SOON)
        async with asyncio.timeout(PATIENCE_S):
            while "another" not in {tool.name for tool in await plugins.tools_of(bench.pool, [plugin.id])}:
                await asyncio.sleep(0.05)
