"""What a command is, who asks for it, and what it answers."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol
from zoneinfo import ZoneInfo

from adapters.door import Door
from clara.attention import Asker, Mode, may_decide
from clara.errors import UserError
from clara.messages import ConversationKey
from clara.settings import Settings

SHOWN_CHOICES = 5
"""More than these make a line that nobody reads."""

Row = tuple[str, str]

SECRET = "secret"
"""The argument that comes from ``Command.secret``; no option is called so."""

SECRET_LIMIT = 4_000
"""Characters; a Discord dialog takes no more."""

Rights = Literal["anyone", "deciders", "admins"]
"""Deciders: whoever has the place for themselves, moderates it or opened it. Admins: who may manage its channels."""


class Face(Protocol):
    """What a command needs of where it was asked for."""

    prefix: str
    """Before a command's name, where people type or see one: ``/``."""
    local: Sequence[Row]
    """Commands that the face deals with by itself, for the list of all."""
    hints: Sequence[str]
    """What else can be typed here."""
    operator: bool
    """Whether who reads the answer runs Clara, so that ids and the command ``clara`` are of use."""

    async def stop(self, turn_id: str | None) -> bool:
        """Stop that turn, or what is being answered; False if there is nothing. UserError where they may not."""

    def mode(self) -> Mode | None:
        """When she answers here; None where nobody else is."""

    async def set_mode(self, mode: Mode) -> None: ...


@dataclass(frozen=True)
class Request:
    """Who asks, where. ``commands`` are those that can be asked for there."""

    door: Door
    settings: Settings
    face: Face
    commands: Sequence["Command"]
    key: ConversationKey
    asker: Asker
    zone: ZoneInfo
    admin: bool = False
    owner: str | None = None
    """Whose place it is, such as who opened a thread."""


@dataclass(frozen=True)
class CommandResult:
    """Plain text, below a table of two columns where there is one; the face makes it look well."""

    text: str = ""
    table: Sequence[Row] = ()
    is_forgotten: bool = False
    """Who asked is forgotten: a face that keeps something of them lets go of it."""


@dataclass(frozen=True)
class Option:
    name: str
    summary: str
    choices: tuple[str, ...] = ()
    required: bool = False


Arguments = Mapping[str, str]
"""By the option's name; what was not given is not in it."""


@dataclass(frozen=True)
class Command:
    name: str
    summary: str
    handler: Callable[[Request, Arguments], Awaitable[CommandResult]]
    options: tuple[Option, ...] = ()
    rights: Rights = "anyone"
    """Who may change something with it. To look, which is to give a decider's command no option, is for anyone."""
    public: bool = False
    """The answer concerns everybody in the place; others are for the person alone."""
    channels: bool = False
    """Only where several people share a channel, which a terminal is not."""
    secret: Callable[[Arguments], str] | None = None
    """What the person types where nobody else reads it, in a few words; empty where these arguments need nothing.

    It comes as the argument SECRET, and is in no history of lines, no message and no log.
    """

    @property
    def usage(self) -> str:
        """As typed, without what stands before: ``model [high|mid|low|default]``."""
        words = [self.name]
        for option in self.options:
            few = 0 < len(option.choices) <= SHOWN_CHOICES
            word = "|".join(option.choices) if few else option.name.upper()
            words.append(word if option.required else f"[{word}]")
        return " ".join(words)

    def arguments(self, line: str) -> dict[str, str]:
        """What was typed after the name: a word for each option, and for the last one all that is left."""
        words = line.split(None, len(self.options) - 1) if self.options else []
        return {option.name: word.strip() for option, word in zip(self.options, words, strict=False)}

    def permit(self, request: Request, arguments: Arguments) -> None:
        """UserError where this person may not."""
        if self.rights == "admins" and not request.admin:
            raise UserError("For this you need the permission to manage channels here, or the administrators' role.")
        looks = bool(self.options) and not any(arguments.values())
        if self.rights == "deciders" and not looks and not may_decide(request.asker, request.owner):
            raise UserError(
                "This concerns everybody here, so it is for those who moderate this channel, or who opened this thread."
            )

    def asks_for(self, arguments: Arguments) -> str:
        """What is still to be typed where nobody else reads it; empty for nothing."""
        return self.secret(arguments) if self.secret and SECRET not in arguments else ""

    async def run(self, request: Request, arguments: Arguments) -> CommandResult:
        """Do it. UserError where it cannot be done as asked, StackFault where Clara's servers do not take part."""
        self.permit(request, arguments)
        if missing := self.asks_for(arguments):
            raise UserError(
                f"This needs something that nobody else may read: {missing}. It can be typed in a chat on the terminal,"
                f" where {request.face.prefix}{self.name} asks for it."
            )
        return await self.handler(request, self._read(arguments, request.face.prefix))

    def _read(self, given: Arguments, prefix: str) -> dict[str, str]:
        """``given`` with choices as they are spelt here; UserError for one that there is not, or that is missing."""
        values = dict(given)
        if len(values.get(SECRET, "")) > SECRET_LIMIT:
            raise UserError(f"That is too long for a secret; the limit is {SECRET_LIMIT:,} characters.")
        for option in self.options:
            value = values.get(option.name, "")
            if option.choices and value:
                if value.lower() not in option.choices:
                    raise UserError(f"There is no {option.name} {value!r}. Choose one of: {', '.join(option.choices)}.")
                values[option.name] = value.lower()
            if option.required and not value:
                raise UserError(f"Please say more: {prefix}{self.usage}")
        return values
