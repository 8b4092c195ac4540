"""What waits for something outside in a conversation, for people of every platform."""

from datetime import datetime
from zoneinfo import ZoneInfo

from clara.errors import UserError
from clara.messages import ConversationKey
from store import turns, waits
from store.database import Pool

NOTHING = "No task is waiting."
SHOWN = 80
"""Characters of the message that is answered."""


async def listing(pool: Pool, key: ConversationKey, zone: ZoneInfo) -> str:
    """All of them, numbered, the oldest first."""
    lines = []
    for number, wait in enumerate(await waits.of_conversation(pool, key), 1):
        turn = await turns.get(pool, wait.turn_id)
        asked = f", for {turn.message.user.name}: {_short(turn.message.text)}" if turn else ""
        lines.append(f"{number}. {wait.about}, since {_at(wait.begun_at, zone)}, until {_at(wait.until, zone)}{asked}")
    return "\n".join([*lines, "To stop one: /stop NUMBER"]) if lines else NOTHING


async def turn_of(pool: Pool, key: ConversationKey, number: str) -> str:
    """The id of the turn with a ``number`` of the list; UserError if there is none."""
    found = await waits.of_conversation(pool, key)
    if not number.isdecimal() or not 0 < int(number) <= len(found):
        raise UserError(f"There is no task {number}. /tasks lists them.")
    return found[int(number) - 1].turn_id


def _at(time: datetime, zone: ZoneInfo) -> str:
    return f"{time.astimezone(zone):%Y-%m-%d %H:%M}"


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= SHOWN else f"{line[: SHOWN - 1]}…"
