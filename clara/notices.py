"""Messages that Clara begins and no turn brings: an alert, a result, a question that somebody must see."""

from pydantic import Field

from clara.messages import MESSAGE_LIMIT, ConversationKey, Text, Value

READ_THE_STORE = frozenset({"cli"})
"""Platforms whose adapters find by themselves what is to be shown; the others must be told."""

_KEY = r"^[A-Za-z0-9_.:@/-]{1,200}$"


class Notice(Value):
    """Kept in the store before it is sent, and sent once by its key, however often it is asked for."""

    key: str = Field(pattern=_KEY, description="names what it tells: the same news has the same key")
    user_id: str = Field(pattern=r"^[a-z][a-z0-9-]*:[A-Za-z0-9_.@-]{1,100}$", description="whose matter it is")
    to: ConversationKey
    reply_to: str | None = Field(None, pattern=r"^[A-Za-z0-9_.-]{1,100}$", description="the platform's message id")
    text: Text = Field(min_length=1, max_length=MESSAGE_LIMIT)


class NoticeRequest(Value):
    """Asks to send a notice; its text is in the store."""

    key: str = Field(pattern=_KEY)
    to: ConversationKey
    reply_to: str | None = None

    @classmethod
    def of(cls, notice: Notice) -> "NoticeRequest":
        return cls(key=notice.key, to=notice.to, reply_to=notice.reply_to)


def notice_id(key: str) -> str:
    """The id of a notice's workflow, and of its frames and messages where those of turns have theirs."""
    return f"notice/{key}"
