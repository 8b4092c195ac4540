"""Where conversations and turns are on Discord."""

from dataclasses import dataclass

from clara.messages import ConversationKey


@dataclass(frozen=True)
class Address:
    """Where the messages of a turn go: a channel, in reply to the message that asked."""

    turn_id: str
    channel: int
    trigger: int

    @classmethod
    def of(cls, turn_id: str) -> "Address":
        """``turn/discord/<channel>/<message>``."""
        conversation, _, message = turn_id.removeprefix("turn/").rpartition("/")
        return cls(turn_id, int(ConversationKey.parse(conversation).channel), int(message))


def key(channel_id: int) -> ConversationKey:
    """Each channel, thread and direct conversation is a conversation of Clara's."""
    return ConversationKey(platform="discord", channel=str(channel_id))
