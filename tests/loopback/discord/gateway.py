"""The gateway: sessions, their sequence of events, and everything that may happen to a connection."""

import asyncio
import json
import uuid
import zlib
from dataclasses import dataclass, field
from typing import Any

from aiohttp import WSMsgType, web

from tests.loopback.discord.world import Json, World

MESSAGE_CONTENT = 1 << 15


@dataclass
class Session:
    socket: web.WebSocketResponse | None
    deflate: Any
    id: str = field(default_factory=lambda: uuid.uuid4().hex)
    seq: int = 0
    sent: list[Json] = field(default_factory=list)
    alive: bool = True
    silent: bool = False
    """A zombie: the socket is open and nothing comes out of it."""
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def send(self, payload: Json) -> None:
        async with self.lock:
            if self.socket is None or self.socket.closed or self.silent:
                return
            data = json.dumps(payload, default=lambda _: None).encode()
            try:
                if self.deflate is None:
                    await self.socket.send_str(data.decode())
                else:
                    packed = self.deflate.compress(data) + self.deflate.flush(zlib.Z_SYNC_FLUSH)
                    await self.socket.send_bytes(packed)
            except (ConnectionError, RuntimeError):
                self.socket = None


class Gateway:
    def __init__(self, world: World, token: str, heartbeat_ms: int = 2000) -> None:
        self.world = world
        self.token = token
        self.heartbeat_ms = heartbeat_ms
        self.sessions: dict[str, Session] = {}
        self.refuses = False
        self.allows_message_content = True
        self.identified = 0
        self.resumed = 0
        self.clean_ends = 0

    async def dispatch(self, name: str, data: Json, only: Session | None = None) -> None:
        """An event for every session; those without a connection find it when they resume."""
        for session in [only] if only else list(self.sessions.values()):
            if not session.alive:
                continue
            session.seq += 1
            payload = {"op": 0, "t": name, "s": session.seq, "d": data}
            session.sent.append(payload)
            await session.send(payload)

    async def drop(self, code: int = 4000, abort: bool = False, forget: bool = False) -> None:
        """Close every connection: politely with a code, or by a reset; ``forget`` loses the sessions too."""
        for session in self.sessions.values():
            session.alive = session.alive and not forget
            socket, session.socket = session.socket, None
            if socket is None or socket.closed:
                continue
            if abort:
                transport = socket._req.transport if socket._req else None
                if transport is not None:
                    transport.abort()
            else:
                await socket.close(code=code)

    async def reconnect(self) -> None:
        """Ask every client to come back (op 7)."""
        for session in self.sessions.values():
            await session.send({"op": 7, "d": None, "s": None, "t": None})

    @property
    def connected(self) -> int:
        return sum(s.socket is not None and not s.socket.closed for s in self.sessions.values())

    async def handle(self, request: web.Request) -> web.StreamResponse:
        if self.refuses:
            return web.Response(status=503)
        socket = web.WebSocketResponse(compress=False, timeout=0.05)
        await socket.prepare(request)
        compressed = request.query.get("compress") == "zlib-stream"
        session = Session(socket, zlib.compressobj() if compressed else None)
        await session.send({"op": 10, "d": {"heartbeat_interval": self.heartbeat_ms}, "s": None, "t": None})
        async for message in socket:
            if message.type is not WSMsgType.TEXT:
                continue
            session = await self._receive(json.loads(message.data), session, socket)
        if session.socket is socket:
            session.socket = None
            if socket.close_code in (1000, 1001):
                session.alive = False
                self.clean_ends += 1
        return socket

    async def _receive(self, payload: Json, session: Session, socket: web.WebSocketResponse) -> Session:
        operation, data = payload["op"], payload["d"]
        if operation == 1:
            await session.send({"op": 11, "d": None, "s": None, "t": None})
        elif operation == 2:
            await self._identify(data, session, socket)
        elif operation == 6:
            return await self._resume(data, session)
        return session

    async def _identify(self, data: Json, session: Session, socket: web.WebSocketResponse) -> None:
        if data["token"] != self.token:
            await socket.close(code=4004)
            return
        if data["intents"] & MESSAGE_CONTENT and not self.allows_message_content:
            await socket.close(code=4014)
            return
        self.identified += 1
        self.sessions[session.id] = session
        ready = {
            "v": 10, "user": self.world.clara.json(), "session_id": session.id, "guilds": [],
            "resume_gateway_url": "ws://127.0.0.1:9/", "private_channels": [],
            "application": {"id": str(self.world.application_id), "flags": 0},
        }  # fmt: skip
        ready["guilds"] = [{"id": str(self.world.guild_id), "unavailable": True}]
        await self.dispatch("READY", ready, only=session)
        await self.dispatch("GUILD_CREATE", self.world.guild(), only=session)

    async def _resume(self, data: Json, session: Session) -> Session:
        old = self.sessions.get(data["session_id"])
        if old is None or not old.alive:
            await session.send({"op": 9, "d": False, "s": None, "t": None})
            return session
        self.resumed += 1
        position = data["seq"] or 0
        while position < old.seq:  # events may come while these are sent
            await session.send(old.sent[position])
            position += 1
        old.socket, old.deflate, old.silent, old.lock = session.socket, session.deflate, False, session.lock
        await self.dispatch("RESUMED", {"_trace": []}, only=old)
        return old
