"""The activity that carries out what tools ask for: as far as the person who asks may, and each once.

Messages go through the outbox, which sends none twice. A thread begins from a message, and Discord lets one message
have one thread. Edits and reactions are the same done twice. What is not confirmed in time is left open: whoever
asked then says that its outcome is unknown.
"""

import asyncio
import json
import logging
from datetime import timedelta

import discord
from temporalio import activity
from temporalio.exceptions import ApplicationError

from adapters.discord.access.place import Place
from adapters.discord.access.places import Places
from adapters.discord.address import Address
from adapters.discord.api.rest import PASSING, Json, Rest
from adapters.discord.chat import buttons, lines
from adapters.discord.outbound.outbox import Outbox
from adapters.discord.outbound.undelivered import passes
from adapters.door import Door
from clara import chat
from clara.chat import ACTIONS, ChatRequest, action_id
from clara.errors import UserError
from clara.messages import Incoming
from store import chat as store
from store.chat import KeptAction
from temporal.contracts.chat import Chat

log = logging.getLogger(__name__)

SEARCHED_PAGES = 5
"""Of 100 messages, the newest first, that are looked through in a channel."""

THREAD_EXISTS = 160004


class ChatActions(Chat):
    def __init__(self, door: Door, rest: Rest, outbox: Outbox, places: Places, myself: int) -> None:
        self._door = door
        self._rest = rest
        self._outbox = outbox
        self._places = places
        self._myself = myself

    @activity.defn(name="chat.act")
    async def act(self, request: ChatRequest) -> None:
        action = await self._door.store(store.get, request.key)
        if action is None or action.state is not None or action.remaining <= timedelta():
            return
        try:
            async with asyncio.timeout(action.remaining.total_seconds()):
                outcome = await self._do(action)
        except (UserError, discord.HTTPException) as error:
            if isinstance(error, discord.HTTPException) and passes(error):
                raise ApplicationError(f"Discord: {error.status}", type="unavailable") from error
            if action.begun:
                # An attempt before this one may have done it, whatever is forbidden now.
                raise ApplicationError("what an earlier attempt did is not known", non_retryable=True) from error
            await self._door.store(store.settle, action.key, "refused", _refusal(error))
        except PASSING as error:
            raise ApplicationError(f"Discord cannot be reached: {type(error).__name__}", type="connection") from error
        else:
            await self._door.store(store.settle, action.key, "done", outcome)

    async def _do(self, action: KeptAction) -> str:
        message, asked = action.turn.message, ACTIONS[action.kind].model_validate(action.arguments)
        match asked:
            case chat.SendMessage():
                place = await self._writable(message, asked.channel)
                return await self._send(action, place, asked.text)
            case chat.SendButtons():
                place = await self._writable(message, asked.channel)
                return await self._send(action, place, asked.text, buttons.row(asked.choices))
            case chat.SendEmbed():
                place = await self._writable(message, asked.channel, "embed_links")
                return await self._send(action, place, embed=_embed(asked))
            case chat.CreateThread():
                return await self._open_thread(action, asked)
            case chat.EditMessage():
                return await self._edit(action, asked)
            case chat.AddReaction():
                return await self._react(action, asked)
            case chat.GetHistory():
                return await self._history(message, asked)
            case chat.SearchHistory():
                return await self._search(message, asked)
            case chat.FindReadable():
                found = await self._places.readable(message, [int(id) for id in asked.channels if id.isdecimal()])
                return json.dumps({str(id): name for id, name in found.items()})
        raise ApplicationError(f"there is no action {action.kind}", non_retryable=True)

    async def _writable(self, message: Incoming, channel: str, *more: str) -> Place:
        place = await self._places.find(message, channel)
        place.require("send_messages", *more)
        return place

    async def _begin(self, action: KeptAction) -> None:
        """From here on the world may have been changed."""
        if not await self._door.store(store.begin, action.key):
            raise ApplicationError("its time is over", non_retryable=True)

    async def _put(
        self, action: KeptAction, place: Place, text: str = "", row: Json | None = None, embed: Json | None = None
    ) -> int:
        await self._begin(action)
        rows, embeds = [row] if row else [], [embed] if embed else []
        return await self._outbox.put(Address(action_id(action.key), place.id, None), 0, text, rows, embeds=embeds)

    async def _send(
        self, action: KeptAction, place: Place, text: str = "", row: Json | None = None, embed: Json | None = None
    ) -> str:
        sent = await self._put(action, place, text, row, embed)
        return f"Sent in {place.name}: message {sent}."

    async def _open_thread(self, action: KeptAction, asked: chat.CreateThread) -> str:
        place = await self._places.find(action.turn.message, asked.channel)
        if place.is_direct or place.is_thread:
            raise UserError("A thread can be opened in a channel of a server only.")
        place.require("create_public_threads", "read_message_history" if asked.message else "send_messages")
        if asked.message:
            first = int((await self._rest.message(place.id, int(asked.message)))["id"])
            await self._begin(action)
        else:
            first = await self._put(action, place, asked.text)
        try:
            thread = await self._rest.open_thread(place.id, first, asked.name)
        except discord.HTTPException as error:
            if error.code != THREAD_EXISTS:
                if asked.message or passes(error):
                    raise
                words = f"The first message was sent ({first}), but no thread could be opened from it"
                raise UserError(f"{words}: {_refusal(error)}") from error
            thread = await self._rest.channel(first)  # a thread has the id of the message that it begins from
            if int(thread.get("owner_id") or 0) != self._myself:
                raise UserError(f"That message has a thread already: {thread['id']}.") from error
        return f"The thread {thread['name']!r} is open in {place.name}: {thread['id']}."

    async def _edit(self, action: KeptAction, asked: chat.EditMessage) -> str:
        person, number = action.turn.message.user.id, int(asked.message)
        place = await self._writable(action.turn.message, asked.channel)
        message = await self._rest.message(place.id, number)
        if int(message["author"]["id"]) != self._myself:
            raise UserError("Only messages of your own can be edited, and that one is somebody else's.")
        written = await self._door.store(store.written, number)
        if written is not None and written.is_growing:
            raise UserError("That answer is still being written.")
        is_theirs = place.is_direct or (written is not None and written.user_id == person)
        if not is_theirs and not place.person.manage_messages:
            raise UserError("That message was not for this person, so only those who moderate the channel may do that.")
        await self._begin(action)
        await self._rest.edit(place.id, number, {"content": asked.text})
        return f"Message {number} was edited."

    async def _react(self, action: KeptAction, asked: chat.AddReaction) -> str:
        message = action.turn.message
        number = asked.message or message.id
        if not number.isdecimal():
            raise UserError("Say which message, by its id.")
        place = await self._places.here(message)
        place.require("read_message_history", "add_reactions")
        await self._begin(action)
        await self._rest.react(place.id, int(number), asked.emoji.strip("<>").removeprefix("a:").removeprefix(":"))
        return f"Message {number} has the reaction."

    async def _history(self, message: Incoming, asked: chat.GetHistory) -> str:
        before = asked.before
        if before and not before.isdecimal():
            raise UserError("before must be the id of a message.")
        place = await self._places.find_readable(message, asked.channel)
        found = await self._rest.before(place.id, int(before) if before else None, asked.limit)
        return f"{place.name}:\n{lines.told(found, self._myself)}" if found else f"Nothing was said in {place.name}."

    async def _search(self, message: Incoming, asked: chat.SearchHistory) -> str:
        place = await self._places.find_readable(message, asked.channel)
        words, found, seen, before = asked.query.split(), list[Json](), 0, None
        for _ in range(SEARCHED_PAGES):
            page = await self._rest.before(place.id, before, chat.HISTORY_PAGE)
            seen += len(page)
            found += [each for each in page if lines.holds(each, words) and each["id"] != message.id]
            if len(page) < chat.HISTORY_PAGE or len(found) >= asked.limit:
                break
            before = min(int(each["id"]) for each in page)
        if not found:
            return f"None of the last {seen} messages in {place.name} contains all of these words."
        newest = sorted(found, key=lambda each: int(each["id"]))[-asked.limit :]
        return f"{place.name}, among its last {seen} messages:\n{lines.told(newest, self._myself)}"


def _embed(asked: chat.SendEmbed) -> Json:
    made: Json = {"title": asked.title, "fields": [each.model_dump() for each in asked.fields]}
    if asked.description:
        made["description"] = asked.description
    if asked.footer:
        made["footer"] = {"text": asked.footer}
    if asked.url:
        made["url"] = asked.url
    if asked.color:
        made["color"] = int(asked.color.removeprefix("#"), 16)
    return made


_REFUSALS = {
    10003: "That channel does not exist any more.",
    10008: "There is no such message there.",
    10014: "Discord does not know that emoji.",
    30010: "That message has as many reactions as it may have.",
    30046: "That message is too old to be edited so often.",
    50001: "I am not let in there.",
    50013: "I may not do that there.",
    200000: "The server's rules block that text.",
    200001: "The server's rules block that title.",
}


def _refusal(error: Exception) -> str:
    """Why something was not done, in words for the model."""
    if isinstance(error, discord.HTTPException):
        return _REFUSALS.get(error.code, f"Discord refused it: {error.text[:200]} (code {error.code}).")
    return str(error)
