"""One conversation at the terminal: who speaks, where, and what may be done, whatever shows it."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import uuid4

from pydantic import ValidationError

from adapters.cli.render.printable import printable
from adapters.cli.session.zone import local_zone
from adapters.door import Door
from clara.conversation import ConversationStatus, Stop
from clara.errors import StackFault, Unreachable, UserError
from clara.llm.tiers import split_prefix
from clara.memory.kinds import project_wish
from clara.messages import Attachment, ConversationKey, Incoming, Person, check_length
from clara.settings import Settings, environment
from store import conversations
from store.turns import turns

log = logging.getLogger(__name__)

PLATFORM = "cli"
RETRY_FIRST_S = 0.5
RETRY_LAST_S = 5.0


@dataclass(frozen=True)
class Session:
    settings: Settings
    door: Door
    key: ConversationKey
    user: Person
    zone: str | None

    def message(self, text: str, attachments: tuple[Attachment, ...] = ()) -> Incoming:
        """What was typed, as a message; UserError if it says nothing or too much."""
        tier, said = split_prefix(printable(text))
        said = said.strip()
        if not said and not attachments:
            raise UserError(f"Please write your message after {text.strip()}." if tier else "Please write a message.")
        check_length(said)
        return Incoming(
            id=uuid4().hex,
            conversation=self.key,
            user=self.user,
            text=said,
            attachments=attachments,
            tier=tier,
            sent_at=datetime.now(UTC),
            timezone=self.zone,
            admin=True,  # the terminal belongs to its user
        )

    async def hand_over(self, message: Incoming, on_trouble: Callable[[str], Awaitable[None]]) -> None:
        """Say ``message`` until it is accepted.

        ``on_trouble`` hears after every attempt that failed what does not answer, and raises to give
        up. Repeating is safe: the message keeps its id. Raises StackFault if it is refused for good.
        """
        pause = RETRY_FIRST_S
        while True:
            try:
                await self.door.say(message)
                return
            except Unreachable as error:
                await on_trouble(error.problem)
            await asyncio.sleep(pause)
            pause = min(pause * 2, RETRY_LAST_S)

    async def stop(self, turn_id: str | None = None) -> bool:
        """Stop that turn, or the one at work; False if nothing runs. Raises StackFault."""
        message_id = turn_id.rpartition("/")[2] if turn_id else None
        return await self.door.stop(self.key, Stop(message_id=message_id, by=self.user.id))

    async def set_project(self, words: str) -> None:
        """The conversation is about this from now on, or about nothing for "none". UserError for a wrong name."""
        await self.door.store(conversations.set_project, self.key, project_wish(words))

    async def status(self) -> ConversationStatus | None:
        """What the conversation is doing; None if it does not tell, as without a worker (after 10 s)."""
        try:
            status = await self.door.status(self.key)
            turn = await self.door.store(turns.get, status.running) if status.running else None
        except StackFault as error:
            log.info("the conversation's status is not known: %s", error)
            return None
        # The reply comes before the workflow's last words: for the person such a turn has ended.
        return status.model_copy(update={"running": None}) if turn and turn.status != "running" else status


def open_session(settings: Settings, door: Door, conversation: str, user: str | None) -> Session:
    """The conversation of that name; UserError if it, or the user's, is not a name."""
    user = user or settings.runtime.cli_user
    try:
        person = Person(id=f"{PLATFORM}:{user}", name=user)
    except ValidationError as error:
        raise UserError(f"{user!r} cannot be a user's name: use letters, digits and _ . @ -") from error
    try:
        key = ConversationKey(platform=PLATFORM, channel=f"{user}/{conversation}")
    except ValidationError as error:
        raise UserError(
            f"{conversation!r} cannot be a conversation's name: use letters, digits and _ . @ : -"
        ) from error
    return Session(settings, door, key, person, local_zone(environment().get("TZ")))
