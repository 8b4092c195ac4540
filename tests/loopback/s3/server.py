"""moto's S3 as a thread, and the front that spoils its answers."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

import aiohttp
from aiohttp import web

Lie = Literal["etag", "cut", "other", "403", "503", "hangs", "aborts"]
"""A wrong ETag; a body that ends early though its length says so; another body of the same length; and so on."""

NAME = "clara-files"
KEY, SECRET = "AKIATESTKEY", "secret-of-the-test"


@dataclass
class LyingS3:
    """``url`` is for S3_ENDPOINT_URL; ``lie`` spoils what comes next, for requests of ``method``."""

    behind: str
    url: str = ""
    lie: Lie | None = None
    method: str = ""
    requests: list[tuple[str, str]] = field(default_factory=list)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.requests.append((request.method, request.path))
        lie = self.lie if request.method == self.method else None
        if lie in ("403", "503"):
            code = "AccessDenied" if lie == "403" else "SlowDown"
            body = f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>no</Message></Error>"
            return web.Response(status=int(lie), text=body, content_type="application/xml")
        if lie == "hangs":
            await asyncio.sleep(3600)
        answer, body = await self._ask(request)
        if lie == "aborts":
            assert request.transport is not None
            request.transport.abort()
        headers = {name.lower(): value for name, value in answer.items()}
        headers = {name: value for name, value in headers.items() if name in KEPT or name.startswith("x-amz")}
        if lie == "etag":
            headers["etag"] = '"00000000000000000000000000000000"'
        if lie == "cut":
            body = body[: len(body) // 2]
        if lie == "other":
            body = bytes(len(body))
        if request.method == "HEAD":
            return web.Response(status=int(answer["status"]), headers={**headers, "Content-Length": answer["length"]})
        return web.Response(status=int(answer["status"]), headers=headers, body=body)

    async def _ask(self, request: web.Request) -> tuple[dict[str, str], bytes]:
        headers = {k: v for k, v in request.headers.items() if k.lower() not in ("host", "content-length")}
        async with (
            aiohttp.ClientSession(auto_decompress=False) as http,
            http.request(
                request.method, f"{self.behind}{request.path_qs}", headers=headers, data=await request.read()
            ) as answer,
        ):
            body = await answer.read()
            told = dict(answer.headers)
            return {**told, "status": str(answer.status), "length": told.get("Content-Length", "0")}, body


KEPT = ("etag", "content-type", "last-modified")


class Bucket:
    """The bucket as it is, whatever the front says of it."""

    def __init__(self, url: str) -> None:
        import boto3
        from botocore.config import Config

        self._client: Any = boto3.client(
            "s3",
            endpoint_url=url,
            region_name="us-east-1",
            aws_access_key_id=KEY,
            aws_secret_access_key=SECRET,
            config=Config(s3={"addressing_style": "path"}, retries={"total_max_attempts": 1}),
        )

    def make(self) -> None:
        self._client.create_bucket(Bucket=NAME)

    def objects(self) -> dict[str, bytes]:
        listed = self._client.list_objects_v2(Bucket=NAME).get("Contents", [])
        return {each["Key"]: self._client.get_object(Bucket=NAME, Key=each["Key"])["Body"].read() for each in listed}

    def clear(self) -> None:
        for name in self.objects():
            self._client.delete_object(Bucket=NAME, Key=name)


@asynccontextmanager
async def lying(behind: str) -> AsyncIterator[LyingS3]:
    """The front of the server at ``behind``."""
    front = LyingS3(behind)
    app = web.Application(client_max_size=2**30)
    app.router.add_route("*", "/{path:.*}", front.handle)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    front.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield front
    await runner.cleanup()


def quiet() -> None:
    """moto logs every request."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
