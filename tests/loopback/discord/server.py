"""The fake Discord as a whole: one loopback server for REST, gateway and files, and levers for tests."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.loopback.discord.faults import Fault
from tests.loopback.discord.gateway import Gateway
from tests.loopback.discord.limits import Limits
from tests.loopback.discord.rest import Rest
from tests.loopback.discord.world import DIRECT, PUBLIC_THREAD, Channel, Json, User, World, snowflake

TOKEN = "test-token.of.the-bot"


@dataclass(frozen=True)
class File:
    """What the CDN serves at an address, truthful or not."""

    body: bytes
    media_type: str
    declared_size: int | None = None
    redirect: str | None = None
    status: int = 200
    pause_s: float = 0
    """After every byte: a server that drips."""
    let_go: asyncio.Event = field(default_factory=asyncio.Event)
    """When this is set, the rest comes at once."""


@dataclass
class FakeDiscord:
    """Use as an async context manager; ``url`` is for DISCORD_API_BASE."""

    token: str = TOKEN
    port: int = 0
    world: World = field(default_factory=World)
    limits: Limits = field(default_factory=Limits)
    faults: list[Fault] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)
    files: dict[str, File] = field(default_factory=dict)
    requests: list[tuple[str, str]] = field(default_factory=list)
    fetches: list[str] = field(default_factory=list)
    """Files that were asked for, by their paths."""
    fetches_ended: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.gateway = Gateway(self.world, self.token)
        self.rest = Rest(self)
        self.url = ""

    async def __aenter__(self) -> "FakeDiscord":
        app = web.Application(client_max_size=30 * 2**20)
        app.router.add_get("/gateway-socket", self.gateway.handle)
        app.router.add_get("/cdn/{name:.+}", self._file)
        app.router.add_route("*", "/api/v10/{path:.+}", self.rest.handle)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port)
        await site.start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.gateway.drop(code=1001)
        await self._runner.cleanup()

    async def say(self, channel: Channel, author: User, content: str, deliver: bool = True, **more: Any) -> int:
        """Somebody writes; with ``deliver=False`` the gateway keeps it to itself. Returns the message's id."""
        message = self.world.new_message(channel, author, content, **more)
        if deliver:
            await self.gateway.dispatch("MESSAGE_CREATE", self.world.event(message))
        return int(message["id"])

    def attach(self, name: str, body: bytes, media_type: str, declared_type: str | None = None, **how: Any) -> Json:
        """A file on the CDN; returns the attachment for a message. ``size`` may lie."""
        attachment_id = snowflake()
        path = f"{attachment_id}/{name}"
        size = how.pop("size", len(body))
        self.files[path] = File(body, media_type, **how)
        return {
            "id": str(attachment_id), "filename": name, "size": size, "url": f"{self.url}/cdn/{path}?ex=1",
            "proxy_url": f"{self.url}/cdn/{path}?ex=1", "content_type": declared_type or media_type,
        }  # fmt: skip

    def fetched(self, attachment: Json) -> bool:
        """Whether somebody has begun to fetch a file."""
        return any(path.startswith(f"{attachment['id']}/") for path in self.fetches)

    def served(self, attachment: Json) -> bool:
        """Whether a file that drips has come to its end."""
        return any(path.startswith(f"{attachment['id']}/") for path in self.fetches_ended)

    def let_go(self, attachment: Json) -> None:
        """Have the rest of a file that drips come at once, and all of it for who fetches it again."""
        for path, file in self.files.items():
            if path.startswith(f"{attachment['id']}/"):
                file.let_go.set()

    def direct(self, user: User) -> Channel:
        """The direct messages with somebody."""
        return self.world.add_channel("", type=DIRECT, recipient=user)

    async def channel(self, name: str = "general") -> Channel:
        """A new channel, of which the bot is told."""
        made = self.world.add_channel(name)
        await self.gateway.dispatch("CHANNEL_CREATE", self.world.channel(made))
        return made

    async def thread(
        self, parent: Channel, name: str = "a thread", announce: bool = True, owner: User | None = None
    ) -> Channel:
        made = self.world.add_channel(name, type=PUBLIC_THREAD, parent=parent.id, owner=owner)
        if announce:
            await self.gateway.dispatch("THREAD_CREATE", self.world.channel(made))
        return made

    async def command(self, channel: Channel, user: User, *words: str, **options: str) -> "Interaction":
        """Somebody uses ``/clara <words> <options>``."""
        chosen = [{"name": name, "type": 3, "value": value} for name, value in options.items()]
        data = {
            "id": str(snowflake()), "name": "clara", "type": 1,
            "options": [{"name": words[0], "type": 1, "options": chosen}],
        }  # fmt: skip
        return await self._interact(2, channel, user, data)

    async def press(self, channel: Channel, user: User, message_id: int, label: str = "") -> "Interaction":
        """Somebody presses a button of a message: the first, or that of a label."""
        row = channel.messages[message_id]["components"][0]["components"]
        button = next(each for each in row if label in ("", each["label"]))
        return await self.press_forged(channel, user, message_id, button["custom_id"])

    async def press_forged(self, channel: Channel, user: User, message_id: int, custom_id: str) -> "Interaction":
        """What arrives for a button of this id, whether or not the message has or had it."""
        message = channel.messages[message_id]
        data = {"custom_id": custom_id, "component_type": 2}
        return await self._interact(3, channel, user, data, message=message)

    async def fill_in(self, channel: Channel, user: User, dialog: "Interaction", text: str) -> "Interaction":
        """Somebody types into the one field of a dialog that was shown to them, and sends it."""
        assert dialog.acknowledged is not None
        assert dialog.acknowledged["type"] == 9
        shown = dialog.acknowledged["data"]
        field_ = {**shown["components"][0]["components"][0], "value": text}
        data = {"custom_id": shown["custom_id"], "components": [{"type": 1, "components": [field_]}]}
        return await self._interact(5, channel, user, data)

    async def fill_in_forged(self, channel: Channel, user: User, custom_id: str, text: str) -> "Interaction":
        data = {
            "custom_id": custom_id,
            "components": [{"type": 1, "components": [{"custom_id": "secret", "value": text}]}],
        }
        return await self._interact(5, channel, user, data)

    async def permit(self, channel: Channel) -> None:
        """Everything is allowed in the channel again, of which the bot is told."""
        channel.forbids.clear()
        await self.gateway.dispatch("CHANNEL_UPDATE", self.world.channel(channel))

    async def _interact(self, kind: int, channel: Channel, user: User, data: Json, **more: Any) -> "Interaction":
        interaction = Interaction(message=more.get("message"))
        self.rest.interactions[interaction.token] = interaction
        body: Json = {
            "id": str(interaction.id), "application_id": str(self.world.application_id), "type": kind,
            "token": interaction.token, "version": 1, "channel_id": str(channel.id), "data": data, "locale": "en-GB",
            "channel": self.world.channel(channel), "entitlements": [], "authorizing_integration_owners": {},
            "context": 1 if channel.recipient else 0, "app_permissions": "0", "attachment_size_limit": 10 * 2**20,
            **more,
        }  # fmt: skip
        if channel.recipient is None:
            permissions = str(self.world.permissions(user))
            body |= {
                "guild_id": str(self.world.guild_id),
                "member": {**user.member(), "user": user.json(), "permissions": permissions},
            }
        else:
            body["user"] = user.json()
        await self.gateway.dispatch("INTERACTION_CREATE", body)
        return interaction

    def from_clara(self, channel: Channel) -> list[Json]:
        """What she has written in a channel, oldest first."""
        return [m for _, m in sorted(channel.messages.items()) if m["author"]["id"] == str(self.world.clara.id)]

    async def _file(self, request: web.Request) -> web.StreamResponse:
        if "Authorization" in request.headers:
            self.violations.append("the bot's token was sent to the CDN")
        self.fetches.append(request.match_info["name"])
        file = self.files.get(request.match_info["name"])
        if file is None or file.status != 200:
            return web.Response(status=file.status if file else 404)
        if file.redirect:
            return web.Response(status=302, headers={"Location": file.redirect})
        response = web.StreamResponse(headers={"Content-Type": file.media_type})
        if file.declared_size is not None:
            response.content_length = file.declared_size
        else:
            response.enable_chunked_encoding()
        await response.prepare(request)
        if not file.pause_s:
            await response.write(file.body)
            return response
        for byte in file.body:
            try:
                await response.write(bytes([byte]))
            except ConnectionError:
                return response  # nobody wants the rest
            with suppress(TimeoutError):
                await asyncio.wait_for(file.let_go.wait(), file.pause_s)
        self.fetches_ended.append(request.match_info["name"])
        return response


@dataclass
class Interaction:
    """One use of a command or a button, and how it was answered."""

    id: int = field(default_factory=snowflake)
    message: Json | None = None
    """What the button is on."""
    acknowledged: Json | None = None
    content: str | None = None
    answered: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def token(self) -> str:
        return f"token-{self.id}"

    @property
    def ephemeral(self) -> bool:
        assert self.acknowledged is not None
        return bool((self.acknowledged.get("data") or {}).get("flags", 0) & 64)

    async def answer(self, seconds: float = 10) -> str:
        """What the person gets to read."""
        await asyncio.wait_for(self.answered.wait(), seconds)
        return self.content or ""
