"""What all HTTP providers share: timeouts, Cloudflare's headers, bodies, and answers that are no stream."""

import json
from typing import Any

import httpx2

from activities.http.client import ERROR_BYTES
from activities.llm.faults import Caller, classify_body, unavailable
from clara.settings.llm import LlmSettings


def timeouts(settings: LlmSettings) -> httpx2.Timeout:
    """Ten minutes for anything, five seconds to connect; silence in a stream is the read timeout."""
    return httpx2.Timeout(600, connect=5, read=settings.read_timeout)


def access_headers(settings: LlmSettings) -> dict[str, str]:
    """The headers that open a service behind Cloudflare Access, where they are configured."""
    if not (settings.cf_access_id and settings.cf_access_secret):
        return {}
    return {
        "CF-Access-Client-Id": settings.cf_access_id,
        "CF-Access-Client-Secret": settings.cf_access_secret.get_secret_value(),
    }


def as_json(body: dict[str, Any]) -> bytes:
    """The body of a request, as the SDKs would write it. ValueError where JSON has no word for a value."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


async def check_stream(response: httpx2.Response, caller: Caller) -> None:
    """Raise for a web page or an error object that came with a status of 200.

    The SDKs see no events in them and take them for answers that are empty.
    """
    media_type = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type == "application/json":
        raise classify_body(
            _object(text := await _beginning(response)),
            status=None,
            words=text,
            headers=response.headers,
            caller=caller,
        )
    if media_type == "text/html":
        raise unavailable("server", caller)


async def _beginning(response: httpx2.Response) -> str:
    data = b""
    async for chunk in response.aiter_bytes():
        data += chunk
        if len(data) > ERROR_BYTES:
            break
    return data[:ERROR_BYTES].decode(errors="replace")


def _object(text: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
