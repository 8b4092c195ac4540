"""Where conversations, turns and notices are on Discord."""

import re
from dataclasses import dataclass

from clara.messages import ConversationKey
from clara.notices import notice_id
from clara.turn import Delivery

_CLICK = re.compile(r"click-(\d+)-(\d+)")


def click_id(interaction: int, message: int) -> str:
    """The id of what somebody said by a click on a button of a message."""
    return f"click-{interaction}-{message}"


@dataclass(frozen=True)
class Address:
    """Where the messages of a turn or a notice go: a channel, in reply to a message where there is one."""

    id: str
    """Of the turn or the notice."""
    channel: int
    trigger: int | None
    """The message that is answered; None for what nobody's message began."""

    @classmethod
    def of(cls, turn_id: str) -> "Address":
        """``turn/discord/<channel>/<message>``; the message's id is no number where something else began the turn.

        Where a click began it, the answer goes below the message that has the button.
        """
        conversation, _, message = turn_id.removeprefix("turn/").rpartition("/")
        channel = int(ConversationKey.parse(conversation).channel)
        if click := _CLICK.fullmatch(message):
            return cls(turn_id, channel, int(click[2]))
        return cls(turn_id, channel, int(message) if message.isdecimal() else None)

    @classmethod
    def of_delivery(cls, delivery: Delivery) -> "Address":
        if not delivery.notice:
            return cls.of(delivery.turn_id)
        assert delivery.to is not None, "a notice says where to"
        return cls.of_notice(delivery.notice, delivery.to, delivery.reply_to)

    @classmethod
    def of_notice(cls, key: str, to: ConversationKey, reply_to: str | None) -> "Address":
        return cls(notice_id(key), int(to.channel), int(reply_to) if reply_to and reply_to.isdecimal() else None)

    @property
    def begins_with_a_preview(self) -> bool:
        """Whether the first message grows, so that it is known by what it replies to and not by its words."""
        return self.id.startswith("turn/") and self.id.endswith(f"/{self.trigger}")


def key(channel_id: int) -> ConversationKey:
    """Each channel, thread and direct conversation is a conversation of Clara's."""
    return ConversationKey(platform="discord", channel=str(channel_id))
