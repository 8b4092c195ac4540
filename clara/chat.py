"""What Clara may do in chats beside answering: the arguments of each action, within the limits of the platform.

The numbers are Discord's, which counts in UTF-16 units. An action is kept with the tool call that asks for it, and
carried out by the adapter of its platform; a workflow's history has its key alone.
"""

from collections.abc import Mapping
from typing import Annotated

from pydantic import AfterValidator, ConfigDict, Field, model_validator

from clara.messages import Text, Value
from clara.splitting import MESSAGE_LIMIT, length

PLATFORMS = frozenset({"discord"})
"""Those whose adapters carry out actions."""

LABEL_LIMIT = 80
CHOICES = 5
EMBED_LIMIT = 6_000
"""Of all texts of an embed together."""

HISTORY_PAGE = 100


def _units(limit: int) -> AfterValidator:
    def check(text: str) -> str:
        if length(text) > limit:
            raise ValueError(f"has {length(text):,} characters as the platform counts them; {limit:,} are the most")
        if text and not text.strip():
            raise ValueError("must not be blank")
        return text

    return AfterValidator(check)


_LINE = AfterValidator(lambda text: " ".join(text.split()))

MessageText = Annotated[Text, Field(max_length=MESSAGE_LIMIT), _units(MESSAGE_LIMIT)]
Label = Annotated[Text, Field(min_length=1, max_length=LABEL_LIMIT), _units(LABEL_LIMIT), _LINE]
ThreadName = Annotated[Text, Field(min_length=1, max_length=100), _units(100), _LINE]
Heading = Annotated[Text, Field(min_length=1, max_length=256), _units(256)]
FieldText = Annotated[Text, Field(min_length=1, max_length=1_024), _units(1_024)]
Description = Annotated[Text, Field(max_length=4_096), _units(4_096)]
Footer = Annotated[Text, Field(max_length=2_048), _units(2_048)]
Channel = Annotated[str, Field(max_length=120)]
ELSEWHERE = "name or id; leave out for this conversation"
MessageId = Annotated[str, Field(pattern=r"^\d{0,20}$")]
# A custom emoji as the platform writes it, or characters that are not ASCII: keycaps begin with one that is.
Emoji = Annotated[str, Field(pattern=r"^(<a?:\w{2,32}:\d{15,21}>|[#*0-9]?[^\x00-\x7f\s]{1,20})$")]


class Action(Value):
    """What a model asks for. Unknown names are refused, so that it notices its mistake."""

    model_config = ConfigDict(extra="forbid")


class SendMessage(Action):
    channel: Channel = Field(min_length=1, description="name or id")
    text: MessageText = Field(min_length=1)


class AddReaction(Action):
    emoji: Emoji
    message: MessageId = Field("", description="id; leave out for the one that you answer")


class CreateThread(Action):
    name: ThreadName
    text: MessageText = Field("", description="the message that opens it")
    message: MessageId = Field("", description="or the id of a message that it begins from")
    channel: Channel = Field("", description=ELSEWHERE)

    @model_validator(mode="after")
    def _one_beginning(self) -> "CreateThread":
        if bool(self.text.strip()) == bool(self.message):
            raise ValueError("give either text or message")
        return self


class EmbedField(Action):
    name: Heading
    value: FieldText
    inline: bool = False


class SendEmbed(Action):
    title: Heading
    description: Description = ""
    fields: tuple[EmbedField, ...] = Field((), max_length=25)
    footer: Footer = ""
    url: str = Field("", pattern=r"^(https?://\S{1,2000})?$")
    color: str = Field("", pattern=r"^(#[0-9a-fA-F]{6})?$", description="as in #00ff7f")
    channel: Channel = Field("", description=ELSEWHERE)

    @model_validator(mode="after")
    def _within_the_whole(self) -> "SendEmbed":
        texts = [self.title, self.description, self.footer]
        texts += [text for field in self.fields for text in (field.name, field.value)]
        if (size := sum(map(length, texts))) > EMBED_LIMIT:
            raise ValueError(f"all texts together have {size:,} characters; an embed may have {EMBED_LIMIT:,}")
        return self


class SendButtons(Action):
    text: MessageText = Field(min_length=1)
    choices: tuple[Label, ...] = Field(min_length=1, max_length=CHOICES)
    channel: Channel = Field("", description=ELSEWHERE)

    @model_validator(mode="after")
    def _different(self) -> "SendButtons":
        if len(set(self.choices)) < len(self.choices):
            raise ValueError("each choice must be another one")
        return self


class EditMessage(Action):
    message: MessageId = Field(min_length=1, description="id of a message of yours")
    text: MessageText = Field(min_length=1)
    channel: Channel = Field("", description=ELSEWHERE)


class GetHistory(Action):
    channel: Channel = Field("", description="name or id of another conversation; leave out for this one")
    limit: int = Field(30, ge=1, le=HISTORY_PAGE)
    before: str = Field("", max_length=100, description="id of a message: only what came before it")


class SearchHistory(Action):
    query: str = Field(min_length=1, max_length=200, description="words that must all occur")
    channel: Channel = Field("", description="one channel, by name or id; leave out for all")
    limit: int = Field(10, ge=1, le=20)


class FindReadable(Action):
    """Which of these conversations the person may read from where they are."""

    channels: tuple[str, ...] = Field(max_length=50)


ACTIONS: Mapping[str, type[Action]] = {
    "send_message_to_channel": SendMessage,
    "add_reaction": AddReaction,
    "create_thread": CreateThread,
    "send_embed": SendEmbed,
    "send_buttons": SendButtons,
    "edit_message": EditMessage,
    "get_chat_history": GetHistory,
    "search_chat_history": SearchHistory,
    "find_readable": FindReadable,
}
"""By kind, which for all but the last is the name of the tool."""


class ChatRequest(Value):
    """Asks the adapter of a platform to carry out an action that is in the store."""

    key: str = Field(description="of the tool call: the same for every attempt")
    platform: str
    kind: str


def action_id(key: str) -> str:
    """The id of an action's workflow, and of its messages where those of turns have theirs."""
    return f"chat/{key}"
