"""A server of models on loopback that speaks both providers' APIs, refuses what they refuse, and keeps a log.

It knows nothing of conversations: each answer follows from its request alone, by a script or by the
scenario that the model's name stands for. It runs in a thread of its own, so that it keeps its pace
whatever the test's loop does, or as a process of its own: ``python -m tests.loopback.models``.
"""

import asyncio
import hashlib
import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, Self

from aiohttp import web

from tests.loopback.models import anthropic_api, floods, openai_api
from tests.loopback.models.log import Exchange, shown
from tests.loopback.models.plan import Flood, Plan, Refusal, Refused, Reply, Script
from tests.loopback.models.request import Request
from tests.loopback.models.scenarios import plan_for

KEY = "test-key-0123456789abcdef"
BODY_LIMIT = 64 * 1024 * 1024
START_S = 10.0


class ModelServer:
    """``async with ModelServer() as server``; ``script`` runs in the server's thread."""

    def __init__(self, script: Script | None = None, key: str = KEY, port: int = 0):
        self.script = script
        self.key = key
        self.log: list[Exchange] = []
        self._port = port
        self._cached: set[str] = set()
        self._ready = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), name="model-server", daemon=True)

    @property
    def url(self) -> str:
        """For ANTHROPIC_BASE_URL."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def openai_url(self) -> str:
        """For CUSTOM_OPENAI_BASE_URL, OPENROUTER_BASE_URL and NANOGPT_BASE_URL."""
        return f"{self.url}/v1"

    def start(self) -> None:
        self._thread.start()
        if not self._ready.wait(START_S):
            raise RuntimeError("the model server did not start")

    def stop(self) -> None:
        assert self._loop is not None
        assert self._stop is not None
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(START_S)

    async def __aenter__(self) -> Self:
        await asyncio.to_thread(self.start)
        return self

    async def __aexit__(self, *_: object) -> None:
        await asyncio.to_thread(self.stop)

    async def wait_until(self, met: Callable[[list[Exchange]], object], timeout_s: float = 5.0) -> None:
        """Return once ``met`` holds for the log; raise TimeoutError if it does not in time."""
        async with asyncio.timeout(timeout_s):
            while not met(self.log):
                await asyncio.sleep(0.002)

    async def _serve(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        app = web.Application(client_max_size=BODY_LIMIT)
        app.router.add_post("/v1/messages", self._anthropic)
        app.router.add_post("/v1/chat/completions", self._openai)
        app.router.add_get("/_log", self._show_log)
        app.router.add_delete("/_log", self._clear_log)
        # A client that hangs up cancels its handler, also one that waits; aiohttp sets TCP_NODELAY.
        runner = web.AppRunner(app, handler_cancellation=True, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", self._port)
        await site.start()
        self._port = runner.addresses[0][1]
        self._ready.set()
        await self._stop.wait()
        await runner.cleanup()

    async def _show_log(self, request: web.Request) -> web.Response:
        bodies = request.query.get("bodies", "1") != "0"
        return web.json_response([exchange.as_json(bodies) for exchange in self.log])

    async def _clear_log(self, request: web.Request) -> web.Response:
        self.log.clear()
        return web.Response(status=204)

    async def _anthropic(self, http: web.Request) -> web.StreamResponse:
        exchange, headers = await self._received(http, "anthropic")
        try:
            if not anthropic_api.authorised(headers, self.key):
                raise Refused(401, "authentication_error", f"invalid x-api-key: {headers.get('x-api-key')}")
            request = anthropic_api.read(exchange.body, headers)
            plan = self._plan(request)
        except Refused as refused:
            plan = refused.refusal
        if isinstance(plan, Refusal):
            return self._refuse(exchange, plan, anthropic_api.error_body(plan))
        reply = floods.reply_to_repeat(plan) if isinstance(plan, Flood) else plan
        request = replace(request, model=reply.model or request.model)
        events = anthropic_api.events(request, reply, _pieces(reply), self._counts(request, reply))
        frames = (_event(name, data) for name, data in events)
        if isinstance(plan, Flood):
            return await self._flood(http, exchange, plan, floods.blocks(plan, frames, anthropic_api.PREAMBLE))
        error = _event(*anthropic_api.error_event(plan.error))
        return await self._stream(http, exchange, plan, frames, anthropic_api.PREAMBLE, error)

    async def _openai(self, http: web.Request) -> web.StreamResponse:
        exchange, headers = await self._received(http, "openai")
        try:
            if not openai_api.authorised(headers, self.key):
                key = headers.get("authorization", "").removeprefix("Bearer ")
                masked = f"{key[:8]}********{key[-4:]}"
                raise Refused(401, "invalid_api_key", f"Incorrect API key provided: {masked}.")
            request = openai_api.read(exchange.body)
            plan = self._plan(request)
        except Refused as refused:
            plan = refused.refusal
        if isinstance(plan, Refusal):
            return self._refuse(exchange, plan, openai_api.error_body(plan))
        reply = floods.reply_to_repeat(plan) if isinstance(plan, Flood) else plan
        request = replace(request, model=reply.model or request.model)
        chunks = openai_api.chunks(request, reply, _pieces(reply), self._counts(request, reply))
        frames = _with_done(_data(chunk) for chunk in chunks)
        if isinstance(plan, Flood):
            return await self._flood(http, exchange, plan, floods.blocks(plan, frames, openai_api.PREAMBLE))
        error = _data(openai_api.error_chunk(plan.error))
        return await self._stream(http, exchange, plan, frames, openai_api.PREAMBLE, error)

    async def _received(self, http: web.Request, api: str) -> tuple[Exchange, dict[str, str]]:
        headers = {name.lower(): value for name, value in http.headers.items()}
        exchange = Exchange(len(self.log), api, shown(headers), await http.json())
        self.log.append(exchange)
        return exchange, headers

    def _plan(self, request: Request) -> Plan:
        scripted = self.script(request) if self.script else None
        return scripted if scripted is not None else plan_for(request)

    def _counts(self, request: Request, reply: Reply) -> dict[str, int]:
        """Tokens, four characters each. What stands before the dialogue is cached where that was asked for."""
        total = len(json.dumps(request.body)) // 4
        output = sum(len(piece) for piece in _pieces(reply)) // 4 + 10 * len(reply.calls) + 1
        if "cache_control" not in json.dumps(request.body):
            return {"fresh": total, "cached": 0, "written": 0, "output": output}
        prefix = len(request.system) // 4
        digest = hashlib.sha256(repr((request.model, request.system, request.tools)).encode()).hexdigest()
        known = digest in self._cached
        self._cached.add(digest)
        return {
            "fresh": total - prefix,
            "cached": prefix if known else 0,
            "written": 0 if known else prefix,
            "output": output,
        }

    def _refuse(self, exchange: Exchange, refusal: Refusal, body: dict[str, Any]) -> web.Response:
        exchange.status, exchange.message = refusal.status, refusal.message
        exchange.end("refused")
        if refusal.page is not None:
            return web.Response(status=refusal.status, text=refusal.page, content_type="text/html")
        return web.json_response(body, status=refusal.status, headers=dict(refusal.headers))

    async def _flood(
        self, http: web.Request, exchange: Exchange, flood: Flood, blocks: Iterator[bytes]
    ) -> web.StreamResponse:
        exchange.status = 500 if flood.shape == "error" else 200
        response = web.StreamResponse(status=exchange.status, headers=floods.HEADERS)
        if flood.shape == "bomb":
            response.headers["content-encoding"] = "gzip"
            blocks = floods.compressed(blocks)
        left = flood.megabytes * 2**20
        try:
            await response.prepare(http)
            for block in blocks:
                if left <= 0:
                    break
                await response.write(block)
                exchange.sent(len(block))
                left -= len(block)
        except (asyncio.CancelledError, ConnectionError):
            exchange.end("hung up")
            raise
        exchange.end("complete")
        return response

    async def _stream(
        self,
        http: web.Request,
        exchange: Exchange,
        reply: Reply,
        frames: Iterator[bytes],
        preamble: int,
        error: bytes,
    ) -> web.StreamResponse:
        exchange.status = 200
        response = web.StreamResponse(headers={"content-type": "text/event-stream; charset=utf-8"})
        try:
            await response.prepare(http)
            for number, frame in enumerate(frames):
                if reply.ending != "whole" and number >= reply.after + preamble:
                    return await self._break_off(http, response, exchange, reply, error)
                if reply.pause_s:
                    await asyncio.sleep(reply.pause_s)
                await response.write(frame)
                exchange.sent()
            await response.write_eof()
        except (asyncio.CancelledError, ConnectionError):
            exchange.end("hung up")
            raise
        exchange.end("complete")
        return response

    async def _break_off(
        self, http: web.Request, response: web.StreamResponse, exchange: Exchange, reply: Reply, error: bytes
    ) -> web.StreamResponse:
        match reply.ending:
            case "stall":
                await asyncio.sleep(3600)  # cancelled when the client hangs up
            case "error":
                await response.write(error)
            case "garbage":
                await response.write(b"event: content_block_delta\ndata: {oh dear\n\n")
            case "not-utf-8":
                await response.write(b"event: content_block_delta\ndata: \xff\xfe\n\n")
            case "odd-shapes":
                odd = {"type": "content_block_delta", "index": [0], "delta": "x", "choices": "abc"}
                await response.write(f"event: content_block_delta\ndata: {json.dumps(odd)}\n\n".encode())
        exchange.end("broken")
        if reply.ending == "cut":
            assert http.transport is not None
            await asyncio.sleep(0.01)  # what was written before should arrive
            http.transport.abort()
        else:
            await response.write_eof()
        return response


def _pieces(reply: Reply) -> tuple[str, ...]:
    if isinstance(reply.text, tuple):
        return reply.text
    words = reply.text.split(" ") if reply.text else []
    return tuple(word if n == 0 else f" {word}" for n, word in enumerate(words))


def _event(name: str, data: dict[str, Any]) -> bytes:
    return f"event: {name}\ndata: {json.dumps({'type': name, **data})}\n\n".encode()


def _data(chunk: dict[str, Any]) -> bytes:
    return f"data: {json.dumps(chunk)}\n\n".encode()


def _with_done(frames: Iterator[bytes]) -> Iterator[bytes]:
    yield from frames
    yield b"data: [DONE]\n\n"


def run(script: Script | None, key: str, port: int) -> None:
    """Serve until interrupted, for a process of its own."""
    server = ModelServer(script, key, port)
    server.start()
    try:
        while True:
            time.sleep(3600)
    finally:
        server.stop()
