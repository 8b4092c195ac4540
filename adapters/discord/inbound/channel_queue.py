"""One queue for each channel: its messages are taken in one after the other, none is lost, none twice.

The cursor of a channel is durable and stands at the last message before which nothing is missing.
Events of the gateway move it only while there is no gap. After every new session there may be one:
then the queue first reads from Discord what came after the cursor, and only then what came by itself.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import discord

from adapters.discord.api.rest import PASSING, patiently
from adapters.door import Door
from store import discord as store
from temporal.processes.ending import end

log = logging.getLogger(__name__)

PAGE = 100
REMEMBERED = 1000
"""Messages of a queue that are known to have been dealt with, live or from Discord's history."""

WAITING = 500
"""Messages of a queue in memory; what comes beyond is read from Discord's history once these are dealt with."""

GAP_RETRY_S = 5.0
GAP_ATTEMPTS = 3

Channel = discord.abc.Messageable
Settle = Callable[[], Awaitable[None]]
Take = Callable[[discord.Message, Settle], Awaitable[None]]


@dataclass
class _ChannelQueue:
    channel_id: int
    guild_id: int | None
    cursor: int | None
    messages: deque[discord.Message | None] = field(default_factory=deque)
    """None only has it look whether something is missing."""
    done: deque[int] = field(default_factory=lambda: deque(maxlen=REMEMBERED))
    session: int = -1
    """The gateway session up to which nothing is missing."""
    overflowed: bool = False
    """Something was left to the history, and so is everything after it until the history is read."""
    task: asyncio.Task[None] | None = None


class ChannelQueues:
    """``take`` deals with one message for good: it returns once the message is accepted or ignored.

    It is given a way to settle the message before that, for what must rather be lost than done twice.
    """

    def __init__(
        self, client: discord.Client, door: Door, known: list[store.Channel], marks: dict[int, int], take: Take
    ) -> None:
        self._client = client
        self._door = door
        self._take = take
        self._marks = marks
        self._session = 0
        self._looked = -1
        """The gateway session for which every channel of every server was looked at."""
        self._queues = {
            channel.id: _ChannelQueue(channel.id, channel.guild_id, channel.cursor)
            for channel in known
            if channel.cursor is not None
        }

    def hear(self, message: discord.Message) -> None:
        """A message came by the gateway. Does not wait, so that order is kept."""
        queue = self._queue_of(message.channel.id, message.guild.id if message.guild else None)
        if len(queue.messages) < WAITING and not queue.overflowed:
            queue.messages.append(message)
        else:
            queue.overflowed = True
        self._run(queue)

    def gap(self) -> None:
        """The gateway's session is new or was resumed: something may be missing in every channel."""
        self._session += 1

    async def catch_up(self) -> None:
        """Look for what is missing in every channel that has news, and begin with those never seen."""
        session = self._session
        for guild in self._client.guilds:
            await self._look_around(guild)
        self._looked = session
        for queue in list(self._queues.values()):
            if queue.guild_id is None and queue.cursor is not None and queue.session != self._session:
                self._wake(queue)  # nobody tells what is new in direct messages
            elif queue.messages:
                self._run(queue)  # it waited for its cursor

    async def _look_around(self, guild: discord.Guild) -> None:
        mark = self._marks.get(guild.id)
        newest = guild.id
        channels: list[discord.TextChannel | discord.VoiceChannel | discord.Thread] = [
            *guild.text_channels,
            *guild.voice_channels,
            *guild.threads,
        ]
        for channel in channels:
            last = channel.last_message_id or 0
            newest = max(newest, last, channel.id)
            queue = self._queue_of(channel.id, guild.id)
            if queue.cursor is None:
                # Made since the last look: all of it is news. Else she was let in later: its past is not hers.
                news = mark is not None and channel.id > mark
                await self._advance(queue, channel.id - 1 if news else max(last, channel.id - 1))
            if last > (queue.cursor or 0):
                self._wake(queue)
            elif not queue.messages and not queue.overflowed:
                queue.session = self._session
        await self._door.store(store.set_mark, guild.id, newest)
        self._marks[guild.id] = newest

    async def close(self) -> None:
        """Stop at once; what was not dealt with lies behind the cursors and is found again."""
        await end(*(queue.task for queue in self._queues.values() if queue.task is not None))

    def _queue_of(self, channel_id: int, guild_id: int | None) -> _ChannelQueue:
        return self._queues.setdefault(channel_id, _ChannelQueue(channel_id, guild_id, None))

    def _wake(self, queue: _ChannelQueue) -> None:
        queue.session = -1
        queue.messages.append(None)
        self._run(queue)

    def _run(self, queue: _ChannelQueue) -> None:
        if queue.task is None or queue.task.done():
            queue.task = asyncio.create_task(self._work(queue))

    async def _work(self, queue: _ChannelQueue) -> None:
        while queue.messages or (queue.overflowed and queue.cursor is not None):
            if queue.cursor is None and queue.guild_id is not None and self._looked != self._session:
                return  # the look around decides where this channel begins, and comes back here
            if queue.cursor is not None and (queue.session != self._session or not queue.messages):
                await self._fill(queue)
            message = queue.messages.popleft() if queue.messages else None
            if message is not None:
                await self._deal(queue, message)

    async def _deal(self, queue: _ChannelQueue, message: discord.Message) -> None:
        # Not by the cursor: on first sight it stands at the newest message there is, which may come by itself too.
        if message.id in queue.done:
            return
        if queue.cursor is None:
            # Nothing before it was meant for her, or it would have been heard. Kept first: now it can be found again.
            await self._advance(queue, message.id - 1)
            queue.session = self._session
        await self._take_in(queue, message)

    async def _take_in(self, queue: _ChannelQueue, message: discord.Message, filling: bool = False) -> None:
        async def settle() -> None:
            queue.done.append(message.id)
            if filling or queue.session == self._session:
                await self._advance(queue, message.id)

        await self._take(message, settle)
        await settle()

    async def _advance(self, queue: _ChannelQueue, message_id: int) -> None:
        """Everything in the channel up to this message is dealt with."""
        while message_id > (queue.cursor or 0):
            try:
                await self._door.store(store.advance, queue.channel_id, queue.guild_id, message_id)
                queue.cursor = message_id
            except Exception as error:  # the database comes back; until then nothing may be skipped
                log.warning("channel %d: the cursor was not kept: %s", queue.channel_id, type(error).__name__)
                await asyncio.sleep(1)

    async def _fill(self, queue: _ChannelQueue) -> None:
        """Deal with everything after the cursor that Discord has; the gap is closed then."""
        session, overflowed = self._session, queue.overflowed
        for attempt in range(GAP_ATTEMPTS):
            try:
                await self._read(queue, await self._channel(queue.channel_id))
                queue.session = session
                return
            except (discord.Forbidden, discord.NotFound, TypeError) as error:
                log.info("channel %d: its history cannot be read: %s", queue.channel_id, type(error).__name__)
                if overflowed:
                    log.error("channel %d: of a flood of messages, not all can be answered", queue.channel_id)
                queue.session, queue.overflowed = session, False
                return
            except (discord.HTTPException, *PASSING) as error:
                log.warning("channel %d: no history yet: %s", queue.channel_id, type(error).__name__)
                queue.overflowed |= overflowed
                if attempt + 1 < GAP_ATTEMPTS:
                    await asyncio.sleep(GAP_RETRY_S)
        # The gap stays open: what comes now is answered, but the cursor waits for the next attempt.

    async def _read(self, queue: _ChannelQueue, channel: Channel) -> None:
        """Deal with the history after the cursor, to its end."""
        met: set[int] = set()
        while True:
            queue.overflowed = False
            page = await self._page(channel, queue.cursor or 0)
            for message in page:
                met.add(message.id)
                if message.id in queue.done:
                    await self._advance(queue, message.id)
                else:
                    await self._take_in(queue, message, filling=True)
            if not page and not queue.overflowed:
                break
        # Those that came by themselves meanwhile may be more than ``done`` remembers.
        queue.messages = deque(message for message in queue.messages if message is None or message.id not in met)

    async def _page(self, channel: Channel, after: int) -> list[discord.Message]:
        history = discord.Object(after)
        return await patiently(
            lambda: channel.history(after=history, limit=PAGE, oldest_first=True).flatten(), attempts=3
        )

    async def _channel(self, channel_id: int) -> Channel:
        known = self._client.get_channel(channel_id)
        channel = known or await patiently(lambda: self._client.fetch_channel(channel_id), attempts=3)
        if not isinstance(channel, discord.abc.Messageable):
            raise TypeError(f"channel {channel_id} holds no messages")
        return channel
