"""The model's tools for what was said before: here, and in other conversations that the person may read."""

import json
from typing import Any

from activities.chat.asking import TIMEOUT, Chats
from activities.tools.tool import Context, Tool, ToolOutput
from activities.tools.toolset import Toolset, fixed
from clara.chat import PLATFORMS, FindReadable, GetHistory, SearchHistory
from clara.errors import ToolFailed
from clara.memory.kinds import scope
from clara.messages import ConversationKey, Incoming
from clara.tools.provenance import Provenance
from store.database import Pool
from store.memory import preferences
from store.turns import taint, transcript, turns
from store.turns.transcript import Reader
from store.turns.turns import Turn

EXCERPT = 600
SHOWN = 2_000
"""Characters of one message or answer, where nothing is searched for in it."""

CANDIDATES = 20
"""Channels, the newest first, of which the platform is asked whether the person may read them."""

EVERYTHING = 2**31 - 1


class _History:
    def __init__(self, pool: Pool, chats: Chats) -> None:
        self._pool = pool
        self._chats = chats

    async def get(self, arguments: GetHistory, context: Context) -> ToolOutput:
        message = context.message
        if message.conversation.platform in PLATFORMS:
            return ToolOutput(await self._chats.act("get_chat_history", arguments, context))
        key = await self._named(message, arguments.channel)
        before = await self._position(message) if key == message.conversation else None
        if arguments.before:
            before = await transcript.position(self._pool, key, arguments.before)
            if before is None:
                raise ToolFailed(f"There is no message {arguments.before!r} in that conversation.")
        found = await turns.recent(self._pool, key, arguments.limit, before=before)
        return await self._output(message, [_shown(turn) for turn in found], found, "Nothing was said there before.")

    async def search(self, arguments: SearchHistory, context: Context) -> ToolOutput:
        message, words = context.message, arguments.query.split()
        if not words:
            raise ToolFailed("Give at least one word to search for.")
        asks_platform = message.conversation.platform in PLATFORMS
        if arguments.channel and asks_platform:
            return ToolOutput(await self._chats.act("search_chat_history", arguments, context))
        sees_private = message.private or await preferences.shares_private(self._pool, scope(message.user.id))
        here, remark = message.conversation, ""
        channels: dict[str, str] = {}
        if arguments.channel:
            here, sees_private = await self._named(message, arguments.channel), False
        elif asks_platform:
            channels, remark = await self._readable(words, context)
        before = await self._position(message) if here == message.conversation else EVERYTHING
        reader = Reader(message.user.id, here, before, sees_private)
        found = await transcript.search(self._pool, reader, words, list(channels), arguments.limit)
        lines = [_excerpt(turn, words[0], channels.get(turn.message.conversation.id, "")) for turn in found]
        nothing = "Nothing that the person may read here contains all of these words."
        return await self._output(message, [*lines, remark] if remark else lines, found, f"{nothing} {remark}".strip())

    async def _output(self, message: Incoming, lines: list[str], found: list[Turn], nothing: str) -> ToolOutput:
        if not found:
            return ToolOutput(nothing, provenance=Provenance.CLARA)
        own = all(turn.message.user.id == message.user.id and turn.message.origin == "person" for turn in found)
        is_clean = own and not await taint.is_any_touched(self._pool, [turn.id for turn in found])
        return ToolOutput("\n\n".join(lines), provenance=Provenance.PERSON if is_clean else Provenance.OTHERS)

    async def _readable(self, words: list[str], context: Context) -> tuple[dict[str, str], str]:
        """Other channels in which something is found, as the platform lets the person read them, with their names."""
        here = context.message.conversation
        candidates = await transcript.shared_with(self._pool, here.platform, words, here, CANDIDATES)
        if not candidates:
            return {}, ""
        asked = FindReadable(channels=tuple(key.channel for key in candidates))
        try:
            names = json.loads(await self._chats.act("find_readable", asked, context))
        except ToolFailed:
            return {}, "(Other channels could not be looked at just now.)"
        return {ConversationKey(platform=here.platform, channel=id).id: name for id, name in names.items()}, ""

    async def _named(self, message: Incoming, name: str) -> ConversationKey:
        """A private conversation of the person's, where the platform has no channels."""
        if not name:
            return message.conversation
        found = await transcript.private_of(self._pool, message.user.id, message.conversation.platform, name)
        if found is None or not message.private:
            raise ToolFailed(f"There is no conversation {name!r} that the person may read here.")
        return found

    async def _position(self, message: Incoming) -> int:
        current = await turns.get(self._pool, message.turn_id)
        return current.position if current else EVERYTHING


def _shown(turn: Turn) -> str:
    message, reply = turn.message, turn.reply or f"({turn.status})"
    heading = f"[{message.id}] {message.sent_at:%Y-%m-%d %H:%M} UTC"
    return f"{heading}\n{message.user.name}: {_cut(message.text)}\nYou: {_cut(reply)}"


def _excerpt(turn: Turn, word: str, channel: str) -> str:
    message = turn.message
    where = f", {channel}" if channel else ""
    return (
        f"{message.sent_at:%Y-%m-%d %H:%M} UTC{where}\n"
        f"{message.user.name}: {_around(message.text, word)}\n"
        f"You: {_around(turn.reply or f'({turn.status})', word)}"
    )


def _cut(text: str) -> str:
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"


def _around(text: str, word: str) -> str:
    """The part of a long text in which the word stands."""
    if len(text) <= EXCERPT:
        return text
    at = max(0, text.lower().find(word.lower()) - EXCERPT // 3)
    return ("…" if at else "") + text[at : at + EXCERPT] + "…"


def toolset(pool: Pool, chats: Chats) -> Toolset:
    """Offered everywhere and always."""
    history = _History(pool, chats)
    tools: tuple[Tool[Any], ...] = (
        Tool(
            name="search_chat_history",
            description=(
                "Search everything that was said to you before, here and in other conversations that the person may "
                "read, however long ago. Use it when they refer to something that you cannot see."
            ),
            arguments=SearchHistory,
            run=history.search,
            timeout=TIMEOUT,
            view=lambda asked: f"{asked.query} in {asked.channel}" if asked.channel else asked.query,
            provenance=Provenance.OTHERS,
        ),
        Tool(
            name="get_chat_history",
            description="Read earlier messages of this conversation, or of another one that the person may read.",
            arguments=GetHistory,
            run=history.get,
            timeout=TIMEOUT,
            view=lambda asked: asked.channel or "this conversation",
            provenance=Provenance.OTHERS,
        ),
    )
    return fixed("history", tools, core=True)
