"""Showing a turn until it has ended: the same for every way in which it is shown."""

import logging
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Protocol

from adapters.cli.render.pieces import Piece
from adapters.cli.render.printable import one_line
from adapters.cli.session.session import Session
from adapters.cli.turns.answer_view import AnswerView
from adapters.cli.turns.calls import known_calls
from adapters.cli.turns.downloads import receive
from adapters.cli.turns.follow import Frames, Silence, follow
from adapters.commands.status import details
from clara.errors import StackFault
from clara.stream import Frame
from store.turns import turns
from store.turns.turns import Turn

log = logging.getLogger(__name__)


class Overtaken(Exception):
    """Another turn is at work, and is to be shown before the one that is watched and has not begun."""


class Show(Protocol):
    """Where a turn is shown."""

    async def pieces(self, pieces: list[Piece]) -> None:
        """Print these for good. Called whenever there is news of the turn since it has begun, also without any piece.

        May raise Overtaken.
        """

    def state(self, answer: AnswerView, silence: Silence | None) -> None:
        """The turn is at work, or was silent for a while. May raise ClaraError or Overtaken to wait no longer."""


async def watch(session: Session, frames: Frames, turn_id: str, show: Show) -> Turn | None:
    """Show the turn until it has ended; returns it, marked as shown. None: it waits for something outside."""
    async with aclosing(_watch(session, frames, turn_id, show)) as seen:
        async for turn in seen:
            return turn
    raise AssertionError("watching ends with the turn")


async def watch_to_the_end(session: Session, frames: Frames, turn_id: str, show: Show) -> Turn:
    """As ``watch``, also where the turn waits for something outside meanwhile."""
    async with aclosing(_watch(session, frames, turn_id, show)) as seen:
        async for turn in seen:
            if turn is not None:
                return turn
    raise AssertionError("watching ends with the turn")


async def _watch(session: Session, frames: Frames, turn_id: str, show: Show) -> AsyncGenerator[Turn | None, None]:
    answer = AnswerView()
    told = ""

    async def settle(over: bool) -> None:
        calls = await known_calls(session.door, turn_id)
        if calls:
            await show.pieces(answer.settle(calls, over))

    async with aclosing(follow(session.door, frames, turn_id)) as all_news:
        async for news in all_news:
            if isinstance(news, Turn):
                await settle(over=True)
                await show.pieces(_end(answer, news))
                await show.pieces([each.piece for each in await receive(session, news.id)])
                await mark_shown(session, news.id)
                yield news
                return
            if isinstance(news, Frame):
                if answer.begins_step(news):
                    await settle(over=True)
                await show.pieces(answer.add(news))
            elif news.turn is not None:
                await show.pieces([])
                if answer.calling:
                    await settle(over=False)
            show.state(answer, news if isinstance(news, Silence) else None)
            wait = _waits_for(news)
            if wait and wait != told:
                told = wait
                await show.pieces([Piece("note", f"Waiting for {one_line(wait, 200)}.")])
                yield None


def _end(answer: AnswerView, turn: Turn) -> list[Piece]:
    pieces = answer.end(turn.status, turn.reply or "")
    if turn.status == "failed":
        pieces.append(Piece("note", f"Details: {details(turn.id)}"))
    return pieces


def _waits_for(news: Frame | Silence) -> str | None:
    if isinstance(news, Silence):
        return news.wait
    return news.text if news.kind == "waiting" else None


async def mark_shown(session: Session, turn_id: str) -> None:
    try:
        await session.door.store(turns.mark_shown, turn_id)
    except StackFault as error:
        log.warning("turn %s is not marked as shown and will be shown again: %s", turn_id, error)
