"""What happened in a conversation while nobody looked."""

from dataclasses import dataclass

from adapters.cli.session.session import Session
from clara.conversation import ConversationStatus
from store import conversations
from store.turns import inspection, turns
from store.turns.turns import Turn

PAST = 3
"""Turns shown again, so that the person remembers what it was about."""


@dataclass(frozen=True)
class Backlog:
    past: list[Turn]
    """The last turns that were shown before, since the last fresh start."""
    unshown: list[Turn]
    """Ended, and their replies were not shown as they are now."""
    corrections: dict[str, str]
    """What was added to some of those replies after their turns had ended."""


async def read_backlog(session: Session) -> Backlog:
    store = session.door.store
    conversation = await store(conversations.get, session.key)
    recent = await store(turns.recent, session.key, PAST, after=conversation.fresh_after)
    unshown = await store(turns.unshown, session.key)
    corrections = await store(inspection.corrections, [turn.id for turn in unshown])
    return Backlog([turn for turn in recent if turn.shown_at is not None], unshown, corrections)


def unfinished(status: ConversationStatus) -> list[str]:
    """The ids of the turns that run or wait, in order.

    Temporal tells, not the store: a turn whose workflow somebody terminated looks alive there.
    """
    return [turn_id for turn_id in (status.running, *status.waiting) if turn_id]
