"""Whether Clara answers a message of a chat, and who may stop her there, as pure rules."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from clara.llm.tiers import split_prefix
from clara.messages import Tier
from clara.phrases import is_stop

Mode = Literal["active", "mention", "off"]
DEFAULT_MODE: Mode = "mention"


@dataclass(frozen=True)
class Overheard:
    """A message as far as attention depends on it. ``text`` is without the mention of Clara."""

    text: str
    private: bool = False
    mentions_clara: bool = False
    replies_to_clara: bool = False
    from_bot: bool = False
    mode: Mode = DEFAULT_MODE
    """Of the channel; private conversations have none."""
    allowed: bool = True
    """By the operator's lists of servers, channels and roles."""

    @property
    def addressed(self) -> bool:
        return self.private or self.mentions_clara or self.replies_to_clara


@dataclass(frozen=True)
class Ignore:
    pass


@dataclass(frozen=True)
class Halt:
    """The person wants whatever is running to end. Said aloud it counts in a silenced channel too."""


@dataclass(frozen=True)
class Say:
    text: str
    tier: Tier | None
    addressed: bool
    """False: said into an active channel, to nobody in particular."""


def attend(message: Overheard, stop_phrases: Iterable[str]) -> Ignore | Halt | Say:
    """What a message asks of Clara.

    Bots are never answered, so that two of them cannot keep each other talking.
    """
    if message.from_bot or not message.allowed:
        return Ignore()
    if message.addressed and is_stop(message.text, stop_phrases):
        return Halt()
    if not message.private and message.mode == "off":
        return Ignore()
    if not message.addressed and message.mode != "active":
        return Ignore()
    tier, text = split_prefix(message.text)
    return Say(text.strip(), tier, message.addressed)


@dataclass(frozen=True)
class Asker:
    """Somebody who wants Clara to stop, or to work differently in a place. ``id`` is a Person's."""

    id: str
    private: bool = False
    """In direct messages, where nobody else is concerned."""
    moderates: bool = False
    """May manage the messages or the channels there, or has the role of Clara's administrators."""


def may_decide(asker: Asker, owner: str | None) -> bool:
    """Whether somebody may stop an answer to ``owner``, or change how Clara works in a place of ``owner``'s.

    The one rule for the phrase, the button and the commands. ``owner`` None: a place that is
    everybody's, or an answer of which it is not known whose it is.
    """
    return asker.private or asker.moderates or asker.id == owner
