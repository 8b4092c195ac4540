"""An embedding service on loopback that speaks OpenAI's API, refuses what it refuses, and keeps a log.

Its vectors are hashed words of the length that was asked for; ``mode`` makes it fail as real ones do.
"""

import asyncio
from collections.abc import Callable
from typing import Any, Literal, Self

from aiohttp import web

from tests.loopback import feature_hash

Mode = Literal["ok", "hang", "429", "500", "401", "404", "empty", "short", "shuffled", "nan", "prose", "redirect"]

KEY = "test-embedding-key"


class EmbeddingServer:
    """``async with EmbeddingServer() as server``, then use ``server.url`` as EMBEDDINGS_BASE_URL."""

    def __init__(
        self,
        dimensions: int = 384,
        key: str | None = KEY,
        vector_of: Callable[[str], list[float]] = feature_hash.embed,
    ) -> None:
        self.mode: Mode = "ok"
        self.delay_s = 0.0
        self.requests: list[dict[str, Any]] = []
        self._dimensions = dimensions
        self._key = key
        self._vector_of = vector_of
        self._runner: web.AppRunner | None = None
        self.url = ""

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_post("/v1/embeddings", self._embeddings)
        self._runner = web.AppRunner(app, handler_cancellation=True, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}/v1"
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._runner is not None
        await self._runner.cleanup()

    async def _embeddings(self, http: web.Request) -> web.StreamResponse:
        body = await http.json()
        self.requests.append(body)
        if self._key and http.headers.get("authorization") != f"Bearer {self._key}":
            return self._error(401, "invalid_api_key")
        match self.mode:
            case "hang":
                await asyncio.sleep(3_600)
            case "429" | "500" | "401" | "404":
                return self._error(int(self.mode), "error")
            case "prose":
                return web.Response(text="<html>All is well</html>", content_type="text/html")
            case "redirect":
                return web.Response(status=307, headers={"location": "http://127.0.0.1:1/"})
        await asyncio.sleep(self.delay_s)
        texts = body["input"] if isinstance(body["input"], list) else [body["input"]]
        length = body.get("dimensions", self._dimensions)
        data = [
            {"object": "embedding", "index": index, "embedding": self._vector(text, length)}
            for index, text in enumerate(texts)
        ]
        if self.mode == "short":
            data = data[:-1]
        if self.mode == "empty":
            data = []
        if self.mode == "shuffled":
            data.reverse()
        usage = {"prompt_tokens": len(texts), "total_tokens": len(texts)}
        return web.json_response({"object": "list", "data": data, "model": body["model"], "usage": usage})

    def _vector(self, text: str, length: int) -> list[float]:
        vector = (self._vector_of(text) * (length // feature_hash.DIMENSIONS + 1))[:length]
        return [float("nan")] * length if self.mode == "nan" else vector

    @staticmethod
    def _error(status: int, code: str) -> web.Response:
        error = {"message": "This is an error.", "type": code, "param": None, "code": code}
        return web.json_response({"error": error}, status=status)
