"""Whether an address can be reached, without telling it anything; and small questions by HTTP."""

import asyncio
import json
import socket
import ssl
import urllib.request
from typing import Any
from urllib.parse import urlsplit

CONNECT_S = 5
ANSWER_BYTES = 1_000_000


async def unreachable(url: str) -> str:
    """Why no connection to ``url`` can be made, empty if one can. A proxy of the environment is asked instead."""
    parts = urlsplit(url)
    host, scheme = parts.hostname or "", parts.scheme
    proxy = urllib.request.getproxies().get(scheme)
    if proxy and not urllib.request.proxy_bypass(host):
        why = await unreachable_port(urlsplit(proxy).hostname or "", urlsplit(proxy).port or 80, tls=False)
        return f"the proxy of {scheme.upper()}_PROXY: {why}" if why else ""
    return await unreachable_port(host, parts.port or (443 if scheme == "https" else 80), scheme == "https")


async def unreachable_port(host: str, port: int, tls: bool) -> str:
    try:
        async with asyncio.timeout(CONNECT_S):
            _, writer = await asyncio.open_connection(host, port, ssl=tls or None)
    except TimeoutError:
        return f"{host}:{port} does not answer within {CONNECT_S} seconds"
    except socket.gaierror:
        return f"there is no host {host}, or the name server does not answer"
    except ssl.SSLCertVerificationError as error:
        return f"the certificate of {host} is not accepted: {error.verify_message}"
    except ssl.SSLError:
        return f"{host}:{port} does not speak TLS: is it http:// and not https://?"
    except OSError as error:
        return f"{host}:{port}: {error.strerror or 'no connection'}"
    writer.close()
    return ""


class Response:
    """What came back: the HTTP status and, where the body is one, its JSON object."""

    def __init__(self, status: int, body: dict[str, Any]) -> None:
        self.status = status
        self.body = body


async def get(url: str, headers: dict[str, str] | None = None) -> Response:
    """Ask; TimeoutError or OSError where nobody answers. Redirects are not followed: they would take keys along."""
    import httpx2

    try:
        async with (
            asyncio.timeout(CONNECT_S * 2),
            httpx2.AsyncClient(timeout=CONNECT_S, follow_redirects=False) as client,
            client.stream("GET", url, headers=headers) as response,
        ):
            data = b""
            async for chunk in response.aiter_bytes():
                data += chunk
                if len(data) > ANSWER_BYTES:
                    break
            return Response(response.status_code, _object(data))
    except httpx2.TimeoutException as error:
        raise TimeoutError(f"no answer within {CONNECT_S} seconds") from error
    except httpx2.HTTPError as error:
        parts = urlsplit(url)
        raise ConnectionError(f"no connection to {parts.hostname}:{parts.port or parts.scheme}") from error


def _object(data: bytes) -> dict[str, Any]:
    try:
        found = json.loads(data)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
