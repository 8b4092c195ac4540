"""Showing a turn until it has ended: the same for every way in which it is shown."""

import logging
from typing import Protocol

import psycopg

from adapters.cli.answer import Answer, Piece
from adapters.cli.calls import known_calls
from adapters.cli.follow import Frames, Silence, follow
from adapters.cli.session import Session
from clara.stream import Frame
from store import turns
from store.turns import Turn

log = logging.getLogger(__name__)


class Show(Protocol):
    """Where a turn is shown."""

    async def pieces(self, pieces: list[Piece]) -> None:
        """Print these for good."""

    def state(self, answer: Answer, silence: Silence | None) -> None:
        """The turn is at work, or was silent for a while. May raise ClaraError to wait no longer."""


async def watch(session: Session, frames: Frames, turn_id: str, show: Show) -> Turn:
    """Show the turn until it has ended; returns it, marked as shown."""
    answer = Answer()
    pool = session.door.pool

    async def settle(over: bool) -> None:
        calls = await known_calls(pool, turn_id)
        if calls:
            await show.pieces(answer.settle(calls, over))

    async for news in follow(session.door, frames, turn_id):
        if isinstance(news, Turn):
            await settle(over=True)
            await show.pieces(answer.end(news.status, news.reply or ""))
            await mark_shown(session, news)
            return news
        if isinstance(news, Frame):
            if answer.begins_step(news):
                await settle(over=True)
            await show.pieces(answer.add(news))
        elif answer.calling:
            await settle(over=False)
        show.state(answer, news if isinstance(news, Silence) else None)
    raise AssertionError("following a turn ends with the turn")


async def mark_shown(session: Session, turn: Turn) -> None:
    try:
        await turns.mark_shown(session.door.pool, turn.id)
    except psycopg.Error as error:
        log.warning("turn %s is not marked as shown and will be shown again: %s", turn.id, error)
