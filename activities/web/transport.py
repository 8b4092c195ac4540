"""A transport for clients of httpx that sends by our own client, so that an SDK is bounded as everything else is."""

from collections.abc import Callable, Collection

import httpx

from activities.http.client import Client, Response


class ThroughClient(httpx.AsyncBaseTransport):
    """``headers`` are the names of those that are sent. ``check`` sees each answer first, and may raise."""

    def __init__(self, client: Client, headers: Collection[str], check: Callable[[Response], Response]) -> None:
        self._client = client
        self._headers = headers
        self._check = check

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        answer = self._check(
            await self._client.request(
                request.method,
                str(request.url),
                headers={name: value for name, value in request.headers.items() if name in self._headers},
                body=await request.aread(),
            )
        )
        # The body is unpacked already, so nothing may be said of how it was packed.
        return httpx.Response(answer.status, headers={"content-type": answer.media_type}, content=answer.body)
