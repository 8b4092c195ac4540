"""The nouns that every layer shares: who said what, where, with which files attached."""

import re
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from clara.errors import UserError
from clara.text import storable

MESSAGE_LIMIT = 100_000
"""Characters of one accepted message, about 25,000 tokens: what every configured model can read."""

_NAME = re.compile(r"[A-Za-z0-9_.@:-]{1,120}(/[A-Za-z0-9_.@:-]{1,120}){0,3}")

Tier = Literal["high", "mid", "low"]
TurnStatus = Literal["running", "completed", "stopped", "failed"]
TurnOrigin = Literal["person", "schedule", "mail", "hook", "task"]
"""Who began a turn."""

BEGUN_BY: dict[TurnOrigin, str] = {
    "person": "a person",
    "schedule": "a schedule",
    "mail": "a mail rule",
    "hook": "a hook",
    "task": "a task",
}


def _storable(text: object) -> object:
    return storable(text) if isinstance(text, str) else text


Text = Annotated[str, BeforeValidator(_storable)]  # before: pydantic itself refuses halves of surrogate pairs
"""What somebody wrote, or how somebody or something is called."""


class Value(BaseModel):
    """An immutable value that goes into histories and tables as plain JSON.

    What it does not know it ignores: a newer release, beside this one or before a way back, may have written more.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")


class ConversationKey(Value):
    """Where a conversation takes place; its id is part of workflow ids."""

    platform: str = Field(pattern=r"^[a-z][a-z0-9-]{0,30}$")
    channel: str = Field(pattern=f"^{_NAME.pattern}$")

    @property
    def id(self) -> str:
        return f"{self.platform}/{self.channel}"

    @classmethod
    def parse(cls, conversation_id: str) -> "ConversationKey":
        platform, _, channel = conversation_id.partition("/")
        return cls(platform=platform, channel=channel)


class Person(Value):
    """Who speaks. ``id`` is ``<platform>:<the platform's own id>`` and never comes from a model."""

    id: str = Field(pattern=r"^[a-z][a-z0-9-]*:[A-Za-z0-9_.@-]{1,100}$")
    name: Text = Field(max_length=200)


class Attachment(Value):
    """A file that came with a message; its bytes are a blob in the store."""

    blob_id: str
    name: Text
    media_type: str
    size: int


class Quoted(Value):
    """Somebody's words that came with a message as context, not as a request."""

    author: Text
    text: Text
    relation: Literal["reply", "channel"]
    is_clara: bool = False


class Incoming(Value):
    """One message to Clara, as an adapter heard it."""

    id: str = Field(pattern=r"^[A-Za-z0-9_.-]{1,100}$", description="the platform's message id")
    conversation: ConversationKey
    user: Person
    text: Text
    attachments: tuple[Attachment, ...] = ()
    quoted: tuple[Quoted, ...] = ()
    tier: Tier | None = None
    sent_at: datetime
    timezone: str | None = Field(None, description="the person's IANA zone, where the platform tells")
    private: bool = Field(True, description="nobody but this person reads the conversation")
    admin: bool = Field(False, description="may use the tools for administrators, as the platform vouches")
    project: str | None = None
    memory: bool = Field(True, description="recall before the answer and learn after it")
    deliver_to: str | None = Field(None, description="task queue of the adapter that sends the reply")
    origin: TurnOrigin = Field("person", description="who began this; the text is the person's own only if they did")

    vouched: bool = Field(
        False,
        description="where something began this: its words are what the person had said to be asked, and no others'",
    )

    @model_validator(mode="after")
    def _id_tells_the_origin(self) -> "Incoming":
        # An id that no platform gives: nothing may take it for a message that can be replied to.
        if self.origin != "person" and not self.id.startswith(f"{self.origin}-"):
            raise ValueError(f"the id of what {BEGUN_BY[self.origin]} began must begin with '{self.origin}-'")
        return self

    @property
    def own_words(self) -> str:
        """What the person said themselves; nothing where something else began the turn."""
        return self.text if self.origin == "person" else ""

    @property
    def reply_to(self) -> str | None:
        """The message that a reply answers, where there is one."""
        return self.id if self.origin == "person" else None

    @property
    def turn_id(self) -> str:
        """The id of the workflow that answers this message, the same for every redelivery."""
        return f"turn/{self.conversation.id}/{self.id}"


def check_length(text: str) -> None:
    """Raise UserError, naming the limit, if ``text`` is too long to be accepted."""
    if len(text) > MESSAGE_LIMIT:
        raise UserError(
            f"That message has {len(text):,} characters and I can take {MESSAGE_LIMIT:,} at once. "
            "Please shorten it, split it, or attach it as a file."
        )


class TextPart(Value):
    type: Literal["text"] = "text"
    text: str


class ImagePart(Value):
    """An image by reference; whoever talks to a provider loads the bytes."""

    type: Literal["image"] = "image"
    blob_id: str
    media_type: str


class ThinkingPart(Value):
    """A provider's own reasoning block, returned verbatim to that provider and to no other."""

    type: Literal["thinking"] = "thinking"
    provider: str
    block: dict[str, Any]


class ToolCallPart(Value):
    type: Literal["tool_call"] = "tool_call"
    id: str
    name: str
    arguments: dict[str, Any]
    malformed: str | None = Field(None, description="the raw text, where the arguments were no JSON object")


class ToolResultPart(Value):
    type: Literal["tool_result"] = "tool_result"
    call_id: str
    name: str
    text: str
    is_error: bool = False


Part = Annotated[TextPart | ImagePart | ThinkingPart | ToolCallPart | ToolResultPart, Field(discriminator="type")]


class Message(Value):
    """One entry of what a model reads: results of tools are parts of a ``user`` message."""

    role: Literal["user", "assistant"]
    parts: tuple[Part, ...]

    @property
    def text(self) -> str:
        return "".join([part.text for part in self.parts if part.type == "text"])
