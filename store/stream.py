"""Frames of running turns through Postgres NOTIFY, beside Temporal's history.

A payload of NOTIFY may have 8,000 bytes, so text is cut to fit. Nothing is stored: whoever does
not listen misses the frames and reads the reply from the store.
"""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress

import psycopg

from clara.messages import TurnStatus
from clara.stream import Frame
from store.database import CONNECT_TIMEOUT_S, Connection, Pool

log = logging.getLogger(__name__)

FLUSH_INTERVAL_S = 0.08
"""Text is collected for so long before it is sent; the first words go at once."""

TEXT_BYTES = 3_000
"""Of one frame: escaped as JSON even control characters then stay below the 8,000 of NOTIFY."""

PREVIEW_LIMIT = 100_000
"""Characters of an answer that are shown while it is made, some 25,000 tokens; the reply has all of them."""

LAST_FLUSH_S = 2.0
"""An answer waits no longer than this for the last of its frames."""

RECONNECT_PAUSE_S = 1.0


def channel(platform: str) -> str:
    return f"clara_frames_{platform.replace('-', '_')}"


def notification(frame: Frame) -> tuple[str, str]:
    """The arguments of ``pg_notify``."""
    return channel(frame.conversation.partition("/")[0]), frame.model_dump_json()


async def notify(connection: Connection, frame: Frame) -> None:
    """Send one frame; within a transaction it leaves with the commit."""
    await connection.execute("select pg_notify(%s, %s)", notification(frame))


def pieces(text: str, limit: int = TEXT_BYTES) -> Iterator[str]:
    """``text`` in pieces of at most ``limit`` bytes of JSON, never inside a character."""
    start, size = 0, 0
    for index, character in enumerate(text):
        width = len(character.encode("utf-8", "replace"))
        if character in '"\\' or character < " ":
            width = 6
        if size + width > limit:
            yield text[start:index]
            start, size = index, 0
        size += width
    if start < len(text):
        yield text[start:]


def end_frame(conversation: str, turn_id: str, status: TurnStatus) -> Frame:
    return Frame(conversation=conversation, turn=turn_id, step=0, attempt=0, seq=0, kind="end", status=status)


def correction_frame(conversation: str, turn_id: str, sentence: str) -> Frame:
    text = next(iter(pieces(sentence)), "")  # the reply in the store has all of it
    return Frame(conversation=conversation, turn=turn_id, step=0, attempt=0, seq=0, kind="correction", text=text)


def message_frame(conversation: str, notice_id: str) -> Frame:
    return Frame(conversation=conversation, turn=notice_id, step=0, attempt=0, seq=0, kind="message")


async def tell_waiting(pool: Pool, conversation: str, turn_id: str, step: int, sentence: str) -> None:
    """Say what a turn waits for after its step ``step``, in place of what was said before; best effort, as all frames.

    It belongs to the next step, before the first attempt at it, so that the step's own frames replace it.
    """
    text = next(iter(pieces(sentence)), "")
    frame = Frame(
        conversation=conversation,
        turn=turn_id,
        step=step + 1,
        attempt=0,
        seq=time.time_ns() // 1_000_000,
        kind="notice",
        text=text,
    )
    try:
        async with pool.connection() as connection:
            await notify(connection, frame)
    except psycopg.Error as error:
        log.warning("turn %s: a frame was not sent: %s", turn_id, type(error).__name__)


class TurnStream:
    """The sending end, for one attempt at one step. Use as an async context manager.

    ``text`` and ``tool`` never wait and never fail: an answer is worth more than its preview.
    """

    def __init__(self, pool: Pool, conversation: str, turn_id: str, step: int, attempt: int) -> None:
        self._pool = pool
        self._frame = Frame(conversation=conversation, turn=turn_id, step=step, attempt=attempt, seq=0, kind="text")
        self._channel = channel(conversation.partition("/")[0])
        self._pending: list[tuple[str, list[str]]] = []
        self._shown = 0
        self._wake = asyncio.Event()
        self._ended = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._seq = 0

    def text(self, delta: str) -> None:
        delta = delta[: PREVIEW_LIMIT - self._shown]
        if delta:
            self._shown += len(delta)
            self._put("text", delta)

    def tool(self, label: str) -> None:
        self._put("tool", label)

    def notice(self, sentence: str) -> None:
        self._put("notice", sentence)

    def drop(self) -> None:
        """Send no more: the turn has ended, its listeners were told so, and they read the reply from the store."""
        self._pending.clear()

    def _put(self, kind: str, text: str) -> None:
        if self._pending and kind == "text" and self._pending[-1][0] == "text":
            self._pending[-1][1].append(text)
        else:
            self._pending.append((kind, [text]))
        self._wake.set()

    async def __aenter__(self) -> "TurnStream":
        self._task = asyncio.create_task(self._run())
        return self

    async def __aexit__(self, *_: object) -> None:
        # Told to end and not cancelled: a cancellation that meets a connection on its way out of the
        # pool can be swallowed there, and this would wait for ever.
        self._ended.set()
        self._wake.set()
        assert self._task is not None
        await asyncio.wait([self._task], timeout=LAST_FLUSH_S)

    async def _run(self) -> None:
        while not self._ended.is_set():
            await self._wake.wait()
            await self._flush()
            with suppress(TimeoutError):
                async with asyncio.timeout(FLUSH_INTERVAL_S):
                    await self._ended.wait()
        await self._flush()

    async def _flush(self) -> None:
        pending, self._pending = self._pending, []
        self._wake.clear()
        if not pending:
            return
        payloads = []
        for kind, texts in pending:
            for piece in pieces("".join(texts)):
                frame = self._frame.model_copy(update={"seq": self._seq, "kind": kind, "text": piece})
                self._seq += 1
                payloads.append(frame.model_dump_json())
        try:
            async with self._pool.connection() as connection:
                await connection.execute(
                    "select pg_notify(%s, payload) from unnest(%s::text[]) payload", (self._channel, payloads)
                )
        except psycopg.Error as error:
            log.warning("turn %s: frames were not sent: %s", self._frame.turn, type(error).__name__)


async def listen(database_url: str, platform: str) -> AsyncIterator[Frame | None]:
    """Frames of a platform's turns, for ever; connects again after every break.

    Yields None whenever listening has begun: what was sent before is to be read from the store.
    """
    while True:
        try:
            connection = await psycopg.AsyncConnection.connect(
                database_url, autocommit=True, connect_timeout=CONNECT_TIMEOUT_S, application_name="clara-listen"
            )
            async with connection:
                await connection.execute(f'listen "{channel(platform)}"')
                yield None
                async for notification in connection.notifies():
                    yield Frame.model_validate_json(notification.payload)
        except psycopg.Error as error:
            log.info("listening for frames was interrupted: %s", type(error).__name__)
            await asyncio.sleep(RECONNECT_PAUSE_S)
