"""A hosted MCP server with an authorization server of its own: OAuth 2.1 as strict as the best of them.

PKCE, dynamic registration, resource indicators, codes that are taken once, refresh tokens that are replaced with each
use. Whoever uses a replaced one has stolen it, so the whole login ends then.
"""

import asyncio
import base64
import hashlib
import secrets
import socket
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import escape
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx2
import uvicorn
from mcp.server import MCPServer
from mcp.server.mcpserver import Context
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.types import Receive, Scope, Send


@dataclass
class Grant:
    """What somebody has allowed to a client, until it ends."""

    account: str
    client_id: str
    resource: str
    access: str = ""
    ends_at: float = 0.0
    refresh: str = ""
    used: dict[str, float] = field(default_factory=dict)
    """Refresh tokens that were replaced, and when."""


@dataclass
class Hosted:
    """``lifetime_s`` is that of access tokens; ``slow_s`` how long a renewal takes.

    ``late_s`` is how long its answer takes once the old token was replaced, ``grace_s`` how long that is taken still.
    """

    lifetime_s: float = 3600
    slow_s: float = 0.0
    late_s: float = 0.0
    grace_s: float = 0.0
    registers: bool = True
    """Whether programs may introduce themselves."""
    closed: bool = False
    """Whether it says no to those that do."""
    revokes: bool = True
    """Whether logins can be ended."""
    auth_methods: tuple[str, ...] = ("none",)
    down: bool = False
    """Whether the authorization server is in trouble."""
    port: int = 0
    asked: Counter[str] = field(default_factory=Counter)
    """Requests by path, and by kind of grant."""
    clients: dict[str, dict[str, Any]] = field(default_factory=dict)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    grants: list[Grant] = field(default_factory=list)

    # The server

    async def __aenter__(self) -> Self:
        self._socket = socket.create_server(("127.0.0.1", self.port))
        self.port = self._socket.getsockname()[1]
        config = uvicorn.Config(self._app(), log_level="warning", lifespan="on", ws="none", timeout_graceful_shutdown=1)
        self._server = _Server(config)
        self._task = asyncio.create_task(self._server.serve(sockets=[self._socket]))
        while not self._server.started:
            assert not self._task.done(), "the hosted server does not start"
            await asyncio.sleep(0.01)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.should_exit = True
        await self._task
        self._socket.close()

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        return f"{self.origin}/mcp"

    def _app(self) -> Starlette:
        server = MCPServer("hosted")

        @server.tool()
        async def whoami(context: Context[Any, Any]) -> str:
            """Whose account this is."""
            grant = self._grant_of(context.headers or {})
            return grant.account if grant else "nobody"

        inner = server.streamable_http_app(stateless_http=True, json_response=True)
        routes = [
            Route("/.well-known/oauth-protected-resource/mcp", self._resource),
            Route("/.well-known/oauth-authorization-server", self._metadata),
            Route("/register", self._register, methods=["POST"]),
            Route("/authorize", self._authorize),
            Route("/token", self._token, methods=["POST"]),
            Route("/revoke", self._revoke, methods=["POST"]),
            Mount("/", self._guarded(inner)),
        ]
        return Starlette(routes=routes, lifespan=inner.router.lifespan_context)

    def _guarded(self, inner: Any) -> Any:
        async def guard(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] == "http" and self._grant_of(Request(scope).headers) is None:
                self.asked["401"] += 1
                where = f"{self.origin}/.well-known/oauth-protected-resource/mcp"
                headers = {"www-authenticate": f'Bearer resource_metadata="{where}"'}
                await JSONResponse({"error": "unauthorized"}, 401, headers)(scope, receive, send)
                return
            await inner(scope, receive, send)

        return guard

    def _grant_of(self, headers: Any) -> Grant | None:
        token = str(headers.get("authorization", "")).removeprefix("Bearer ")
        return next((g for g in self.grants if token and g.access == token and g.ends_at > time.time()), None)

    async def _resource(self, _: Request) -> Response:
        return JSONResponse({"resource": self.url, "authorization_servers": [self.origin], "scopes_supported": ["all"]})

    async def _metadata(self, _: Request) -> Response:
        return JSONResponse(
            {
                "issuer": self.origin,
                "authorization_endpoint": f"{self.origin}/authorize",
                "token_endpoint": f"{self.origin}/token",
                **({"registration_endpoint": f"{self.origin}/register"} if self.registers else {}),
                **({"revocation_endpoint": f"{self.origin}/revoke"} if self.revokes else {}),
                "code_challenge_methods_supported": ["S256"],
                "token_endpoint_auth_methods_supported": list(self.auth_methods),
                "authorization_response_iss_parameter_supported": True,
            }
        )

    async def _register(self, request: Request) -> Response:
        if self.closed:
            return JSONResponse({"error": "access_denied"}, 403)
        client = await request.json()
        client["client_id"] = f"client-{secrets.token_hex(4)}"
        if client["token_endpoint_auth_method"] != "none":
            client["client_secret"] = secrets.token_hex(8)
        self.clients[client["client_id"]] = client
        return JSONResponse(client, 201)

    async def _authorize(self, request: Request) -> Response:
        """A page with the choice; ``account`` in the query is the choice made."""
        asked = dict(request.query_params)
        client = self.clients.get(asked.get("client_id", ""))
        if client is None or asked.get("redirect_uri") not in client["redirect_uris"]:
            return Response("unknown client", 400)
        if asked.get("code_challenge_method") != "S256" or asked.get("resource") != self.url:
            return Response("no PKCE, or another resource", 400)
        account = asked.pop("account", "")
        if not account:
            link = escape(f"?{urlencode({**asked, 'account': 'browser'})}")
            return HTMLResponse(f'<p>Clara wants to use your account.</p><a id="allow" href="{link}">Allow</a>')
        back = {"state": asked["state"], "iss": self.origin}
        if account == "no":
            back["error"] = "access_denied"
        else:
            back["code"] = secrets.token_hex(8)
            self.codes[back["code"]] = {**asked, "account": account}
        return RedirectResponse(f"{asked['redirect_uri']}?{urlencode(back)}", 302)

    async def _token(self, request: Request) -> Response:
        form = {name: values[0] for name, values in parse_qs((await request.body()).decode()).items()}
        self.asked[form.get("grant_type", "")] += 1
        if self.down:
            return JSONResponse({}, 503)
        client_id = self._client(request, form)
        if client_id is None:
            return JSONResponse({"error": "invalid_client"}, 401)
        if form.get("resource") != self.url:
            return JSONResponse({"error": "invalid_target"}, 400)
        grant = self._of_code(form, client_id) if "code" in form else await self._of_refresh(form, client_id)
        if grant is None:
            return JSONResponse({"error": "invalid_grant"}, 400)
        grant.access, grant.ends_at = f"access-{secrets.token_hex(8)}", time.time() + self.lifetime_s
        grant.used[grant.refresh] = time.time()
        grant.refresh = f"refresh-{secrets.token_hex(8)}"
        if self.late_s and form["grant_type"] == "refresh_token":
            self.asked["replaced"] += 1
            await asyncio.sleep(self.late_s)
        given = {"access_token": grant.access, "token_type": "bearer", "expires_in": self.lifetime_s}
        return JSONResponse({**given, "refresh_token": grant.refresh, "scope": "all"})

    def _client(self, request: Request, form: dict[str, str]) -> str | None:
        basic = request.headers.get("authorization", "")
        if basic.startswith("Basic "):
            client_id, _, secret = base64.b64decode(basic[6:]).decode().partition(":")
        else:
            client_id, secret = form.get("client_id", ""), form.get("client_secret", "")
        client = self.clients.get(client_id)
        return client_id if client is not None and client.get("client_secret", "") == secret else None

    def _of_code(self, form: dict[str, str], client_id: str) -> Grant | None:
        asked = self.codes.pop(form["code"], None)
        if asked is None or asked["client_id"] != client_id or asked["redirect_uri"] != form.get("redirect_uri"):
            return None
        digest = base64.urlsafe_b64encode(hashlib.sha256(form.get("code_verifier", "").encode()).digest())
        if digest.decode().rstrip("=") != asked["code_challenge"]:
            return None
        self.grants.append(Grant(asked["account"], client_id, asked["resource"]))
        return self.grants[-1]

    async def _of_refresh(self, form: dict[str, str], client_id: str) -> Grant | None:
        token = form.get("refresh_token", "")
        if self.slow_s:
            await asyncio.sleep(self.slow_s)
        for grant in self.grants:
            if token in grant.used and time.time() - grant.used[token] > self.grace_s:
                self.grants.remove(grant)
                self.asked["stolen"] += 1
                return None
            if (token == grant.refresh or token in grant.used) and grant.client_id == client_id:
                return grant
        return None

    async def _revoke(self, request: Request) -> Response:
        form = parse_qs((await request.body()).decode())
        self.asked["revoked"] += 1
        if self.down:
            return JSONResponse({}, 503)
        token = form["token"][0]
        self.grants = [grant for grant in self.grants if token not in (grant.access, grant.refresh)]
        return Response("", 200)

    # The person, for tests

    def end_tokens(self) -> None:
        for grant in self.grants:
            grant.ends_at = 0


class _Server(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """The signals are pytest's."""
        yield


async def says_yes(url: str, account: str) -> str:
    """Whoever opens the address of a login says yes as the owner of an account: where the browser is sent then."""
    async with httpx2.AsyncClient(trust_env=False) as browser:
        answer = await browser.get(f"{url}&{urlencode({'account': account})}")
    assert answer.status_code == 302, answer.text
    return answer.headers["location"]


def answer_in(address: str) -> dict[str, str]:
    """The query of an address that a browser was sent back to."""
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
