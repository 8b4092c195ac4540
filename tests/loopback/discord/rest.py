"""The REST API: what Discord does with a request, and what it refuses."""

import asyncio
import json
import re
import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from aiohttp import web

from tests.loopback.discord import checks
from tests.loopback.discord.faults import VIA, Fault
from tests.loopback.discord.world import (
    NEEDED,
    PUBLIC_THREAD,
    SEND,
    SEND_IN_THREADS,
    TEXT,
    THREADS,
    VIEW,
    Channel,
    Json,
    User,
    snowflake,
)

if TYPE_CHECKING:
    from tests.loopback.discord.server import FakeDiscord, Interaction

Handler = Callable[..., Awaitable[web.Response]]


def reply(body: Any, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    # Exactly this content type: py-cord compares it as a whole.
    return web.Response(
        body=json.dumps(body, default=lambda _: None).encode(),
        status=status,
        headers={"Content-Type": "application/json", **(headers or {})},
    )


class Rest:
    def __init__(self, fake: "FakeDiscord") -> None:
        self.fake = fake
        self.world = fake.world
        self.interactions: dict[str, Interaction] = {}
        self.commands: list[Json] = []
        self.registrations = 0
        self.nonce_window = 120.0
        """Seconds for which a nonce is remembered; Discord says "the past few minutes"."""
        self.unauthorised = 0
        self._nonces: dict[tuple[int, str], tuple[float, int]] = {}
        channel, message = r"channels/(?P<channel>\d+)", r"messages/(?P<message>\d+)"
        self._routes: list[tuple[str, str, Handler]] = [
            ("GET", r"users/@me", self._me),
            ("GET", r"gateway", self._gateway),
            ("GET", r"soundboard-default-sounds", self._empty),
            ("GET", channel, self._channel),
            ("POST", f"{channel}/typing", self._typing),
            ("GET", f"{channel}/messages", self._history),
            ("GET", f"{channel}/{message}", self._message),
            ("POST", f"{channel}/messages", self._create),
            ("PATCH", f"{channel}/{message}", self._edit),
            ("DELETE", f"{channel}/{message}", self._delete),
            ("PUT", f"{channel}/{message}/reactions/(?P<emoji>[^/]+)/@me", self._react),
            ("DELETE", f"{channel}/{message}/reactions/(?P<emoji>[^/]+)/@me", self._unreact),
            ("POST", f"{channel}/{message}/threads", self._open_thread),
            ("GET", channel + r"/thread-members/(?P<user>\d+)", self._thread_member),
            ("GET", r"guilds/(?P<guild>\d+)", self._guild),
            ("GET", r"guilds/(?P<guild>\d+)/channels", self._channels),
            ("GET", r"guilds/(?P<guild>\d+)/threads/active", self._threads),
            ("GET", r"guilds/(?P<guild>\d+)/members/(?P<user>\d+)", self._member),
            ("PUT", r"applications/(?P<application>\d+)/commands", self._register),
            ("POST", r"interactions/(?P<id>\d+)/(?P<token>[^/]+)/callback", self._callback),
            ("PATCH", r"webhooks/\d+/(?P<token>[^/]+)/messages/@original", self._answer),
            ("POST", r"webhooks/\d+/(?P<token>[^/]+)", self._answer),
        ]

    async def handle(self, request: web.Request) -> web.Response:
        path = request.match_info["path"]
        self.fake.requests.append((request.method, path))
        fault = next((f for f in self.fake.faults if f.matches(request.method, path)), None)
        if fault is not None:
            fault.met += 1
            await asyncio.sleep(fault.delay)
            if not fault.after and not fault.slow:
                return self._fail(request, fault)
        response = await self._serve(request, path)
        if fault is not None and fault.slow:
            await asyncio.sleep(fault.slow)
            return response
        return response if fault is None else self._fail(request, fault)

    def _fail(self, request: web.Request, fault: Fault) -> web.Response:
        if fault.status == 0 and request.transport is not None:
            request.transport.abort()
        return reply(fault.body, fault.status or 500, fault.headers)

    async def _serve(self, request: web.Request, path: str) -> web.Response:
        if not path.startswith(("interactions/", "webhooks/")):
            if request.headers.get("Authorization") != f"Bot {self.fake.token}":
                self.unauthorised += 1
                return reply({"message": "401: Unauthorized", "code": 0}, 401)
            named = next((name for name in ("reactions", "threads") if f"/{name}" in path), None)
            route = named or (path.split("/")[2] if path.count("/") >= 2 else path)
            headers, pause = self.fake.limits.check(request.method, route, path.split("/")[1] if "/" in path else "")
            if pause is not None:
                body = {"message": "You are being rate limited.", "retry_after": pause, "global": False}
                return reply(body, 429, {**headers, **VIA})
        else:
            headers = {}
        for method, pattern, handler in self._routes:
            found = re.fullmatch(pattern, path)
            if method == request.method and found:
                response = await handler(request, **found.groupdict())
                response.headers.update(headers)
                return response
        self.fake.violations.append(f"unknown route: {request.method} {path}")
        return reply({"message": "404: Not Found", "code": 0}, 404)

    async def _me(self, _: web.Request) -> web.Response:
        return reply(self.world.clara.json())

    async def _gateway(self, _: web.Request) -> web.Response:
        return reply({"url": self.fake.url.replace("http", "ws") + "/gateway-socket"})

    async def _empty(self, _: web.Request) -> web.Response:
        return reply([])

    def _find(self, channel: str, action: str) -> Channel | web.Response:
        found = self.world.channels.get(int(channel))
        if found is None or not found.exists:
            return reply({"message": "Unknown Channel", "code": 10003}, 404)
        if action in found.forbids or not self._may(found, action):
            return reply({"message": "Missing Permissions", "code": 50013}, 403)
        if not self._may(found, "view"):
            return reply({"message": "Missing Access", "code": 50001}, 403)
        return found

    def _may(self, channel: Channel, action: str) -> bool:
        """Whether roles and overwrites let the bot do that."""
        if channel.recipient is not None:
            return True
        needed = VIEW | NEEDED.get(action, 0)
        if channel.type in THREADS and needed & SEND:
            needed = needed & ~SEND | SEND_IN_THREADS
        return self.world.permissions(self.world.clara, channel) & needed == needed

    async def _channel(self, _: web.Request, channel: str) -> web.Response:
        found = self._find(channel, "view")
        return found if isinstance(found, web.Response) else reply(self.world.channel(found))

    async def _typing(self, _: web.Request, channel: str) -> web.Response:
        found = self._find(channel, "typing")
        return found if isinstance(found, web.Response) else web.Response(status=204)

    async def _history(self, request: web.Request, channel: str) -> web.Response:
        found = self._find(channel, "history")
        if isinstance(found, web.Response):
            return found
        limit = int(request.query.get("limit", 50))
        ids = sorted(found.messages)
        if "after" in request.query:
            ids = [i for i in ids if i > int(request.query["after"])][:limit]
        else:
            ids = [i for i in ids if i < int(request.query.get("before", 1 << 63))][-limit:]
        return reply([found.messages[i] for i in reversed(ids)])

    async def _message(self, _: web.Request, channel: str, message: str) -> web.Response:
        found = self._find(channel, "history")
        if isinstance(found, web.Response):
            return found
        body = found.messages.get(int(message))
        return reply(body) if body else reply({"message": "Unknown Message", "code": 10008}, 404)

    async def _payload(self, request: web.Request) -> tuple[Json, list[Json]]:
        """The body of a request and the files that it uploads."""
        if not request.content_type.startswith(("multipart/", "application/x-www-form")):
            return json.loads(await request.read() or "{}"), []
        form = await request.post()
        files = [
            {"id": str(snowflake()), "filename": part.filename, "size": len(data), "url": self.fake.url, "_data": data}
            for name, part in form.items()
            if name.startswith("files[") and isinstance(part, web.FileField)
            for data in [part.file.read()]
        ]
        return json.loads(str(form["payload_json"])), files

    async def _create(self, request: web.Request, channel: str) -> web.Response:
        found = self._find(channel, "send")
        if isinstance(found, web.Response):
            return found
        body, files = await self._payload(request)
        if files and "attach" in found.forbids:
            return reply({"message": "Missing Permissions", "code": 50013}, 403)
        refused = checks.refusal(body, files, self.fake.violations, new=True)
        if refused:
            return reply(*refused)
        nonce = body.get("nonce")
        if nonce is not None and body.get("enforce_nonce"):
            at, known = self._nonces.get((found.id, nonce), (0.0, 0))
            if known and time.monotonic() - at < self.nonce_window and known in found.messages:
                return reply(found.messages[known])
        message = self._write(found, self.world.clara, body, files)
        if nonce is not None:
            self._nonces[found.id, nonce] = (time.monotonic(), int(message["id"]))
        await self.fake.gateway.dispatch("MESSAGE_CREATE", {**self.world.event(message), "nonce": nonce})
        return reply(message)

    def _write(self, channel: Channel, author: User, body: Json, files: list[Json]) -> Json:
        message = self.world.new_message(channel, author, str(body.get("content") or "").strip())
        message["components"] = body.get("components") or []
        message["embeds"] = body.get("embeds") or []
        message["attachments"] = files
        message["_edits"] = []
        message["_written"] = time.monotonic()
        reference = body.get("message_reference")
        if reference:
            message["type"] = 19
            message["message_reference"] = {k: v for k, v in reference.items() if k != "fail_if_not_exists"}
        return message

    async def _edit(self, request: web.Request, channel: str, message: str) -> web.Response:
        found = self._find(channel, "edit")
        if isinstance(found, web.Response):
            return found
        written = found.messages.get(int(message))
        if written is None:
            return reply({"message": "Unknown Message", "code": 10008}, 404)
        if written["author"]["id"] != str(self.world.clara.id):
            return reply({"message": "Cannot edit a message authored by another user", "code": 50005}, 403)
        body, files = await self._payload(request)
        if files and "attach" in found.forbids:
            return reply({"message": "Missing Permissions", "code": 50013}, 403)
        refused = checks.refusal({**written, **body}, files, self.fake.violations, new=False)
        if refused:
            return reply(*refused)
        written["_edits"].append((time.monotonic(), body.get("content")))
        written["content"] = str(body.get("content", written["content"])).strip()
        written["components"] = body.get("components", written["components"])
        written["embeds"] = body.get("embeds", written["embeds"])
        if files or "attachments" in body:
            written["attachments"] = files
        return reply(written)

    async def _delete(self, _: web.Request, channel: str, message: str) -> web.Response:
        found = self._find(channel, "delete")
        if isinstance(found, web.Response):
            return found
        found.messages.pop(int(message), None)
        return web.Response(status=204)

    async def _react(self, _: web.Request, channel: str, message: str, emoji: str) -> web.Response:
        found = self._find(channel, "react")
        if isinstance(found, web.Response):
            return found
        reactions = found.messages[int(message)].setdefault("_reactions", [])
        reactions += [] if emoji in reactions else [emoji]
        self._show_reactions(found.messages[int(message)])
        return web.Response(status=204)

    async def _unreact(self, _: web.Request, channel: str, message: str, emoji: str) -> web.Response:
        found = self._find(channel, "history")
        if isinstance(found, web.Response):
            return found
        written = found.messages[int(message)]
        if emoji not in written.get("_reactions", []):
            return reply({"message": "Unknown Message", "code": 10008}, 404)
        written["_reactions"].remove(emoji)
        self._show_reactions(written)
        return web.Response(status=204)

    def _show_reactions(self, message: Json) -> None:
        message["reactions"] = [
            {"emoji": {"id": None, "name": emoji}, "count": 1, "me": True, "me_burst": False, "burst_colors": []}
            for emoji in message["_reactions"]
        ]

    async def _open_thread(self, request: web.Request, channel: str, message: str) -> web.Response:
        found = self._find(channel, "open")
        if isinstance(found, web.Response):
            return found
        if int(message) not in found.messages:
            return reply({"message": "Unknown Message", "code": 10008}, 404)
        if int(message) in self.world.channels:
            return reply({"message": "A thread has already been created for this message", "code": 160004}, 400)
        name = json.loads(await request.read())["name"]
        made = self.world.add_channel(
            name, type=PUBLIC_THREAD, parent=found.id, owner=self.world.clara, id=int(message)
        )
        await self.fake.gateway.dispatch("THREAD_CREATE", self.world.channel(made))
        return reply(self.world.channel(made), 201)

    async def _thread_member(self, _: web.Request, channel: str, user: str) -> web.Response:
        found = self.world.channels.get(int(channel))
        if found is None or int(user) not in found.members:
            return reply({"message": "Unknown Member", "code": 10007}, 404)
        return reply({"id": channel, "user_id": user, "join_timestamp": "2026-01-01T00:00:00+00:00", "flags": 0})

    async def _guild(self, _: web.Request, guild: str) -> web.Response:
        if int(guild) != self.world.guild_id:
            return reply({"message": "Unknown Guild", "code": 10004}, 404)
        return reply(self.world.guild())

    async def _channels(self, _: web.Request, guild: str) -> web.Response:
        # All of them, also those that the bot may not see.
        return reply([self.world.channel(c) for c in self.world.channels.values() if c.exists and c.type == TEXT])

    async def _threads(self, _: web.Request, guild: str) -> web.Response:
        threads = [c for c in self.world.channels.values() if c.exists and c.type in THREADS and self._may(c, "view")]
        return reply({"threads": [self.world.channel(c) for c in threads], "members": []})

    async def _member(self, _: web.Request, guild: str, user: str) -> web.Response:
        found = self.world.users.get(int(user))
        if found is None or int(guild) != self.world.guild_id:
            return reply({"message": "Unknown Member", "code": 10007}, 404)
        return reply({**found.member(), "user": found.json()})

    async def _register(self, request: web.Request, application: str) -> web.Response:
        self.commands = json.loads(await request.read())
        self.registrations += 1
        return reply([{**command, "id": str(snowflake()), "type": 1} for command in self.commands])

    async def _callback(self, request: web.Request, id: str, token: str) -> web.Response:
        interaction = self.interactions[token]
        body, _ = await self._payload(request)
        if interaction.acknowledged is not None:
            return reply({"message": "Interaction has already been acknowledged.", "code": 40060}, 400)
        interaction.acknowledged = body
        if body["type"] == 9 and (fault := checks.fault_of_dialog(body["data"])):
            self.fake.violations.append(fault)
            return reply({"message": "Invalid Form Body", "code": 50035}, 400)
        if body["type"] == 9:
            interaction.answered.set()
        if body["type"] == 4:
            self._show(interaction, body["data"])
        told = {"id": str(interaction.id), "type": 2, "response_message_loading": body["type"] == 5}
        return reply({"interaction": told, "resource": {"type": body["type"]}})

    async def _answer(self, request: web.Request, token: str) -> web.Response:
        interaction = self.interactions[token]
        body, files = await self._payload(request)
        before = interaction.message if request.method == "PATCH" and interaction.message else {}
        refused = checks.refusal({**before, **body}, files, self.fake.violations, new=False)
        if refused:
            return reply(*refused)
        if request.method == "PATCH" and interaction.message is not None:
            interaction.message.update({k: v for k, v in body.items() if k in ("content", "components")})
            return reply(interaction.message)
        self._show(interaction, body)
        return reply(self.world.new_message(Channel("nowhere"), self.world.clara, interaction.content or ""))

    def _show(self, interaction: "Interaction", body: Json) -> None:
        interaction.content = body.get("content")
        interaction.answered.set()
