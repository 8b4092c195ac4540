"""The commands at the terminal, ``/name``: run, and shown as text."""

from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from adapters.cli.render.printable import printable
from adapters.cli.session.session import Session
from adapters.commands.command import SECRET, CommandResult, Request, Row
from adapters.commands.registry import offered
from clara.attention import Asker, Mode

COMMANDS = offered(channels=False)
QUIT = "quit"
"""Done by whatever shows the session, because it ends it."""

LOCAL: tuple[Row, ...] = ((f"/{QUIT}", "Leave; whatever is running goes on"),)
NAMES = (*COMMANDS, QUIT)

TAB = 32
"""Columns of the first one of a table, where words are printed as they are."""


class TerminalFace:
    prefix = "/"
    local: Sequence[Row] = LOCAL
    hints: Sequence[str] = (
        "A first word !high, !mid or !low chooses the model for one message.",
        "stop, cancel or never mind, typed alone, stops what is running; so does Ctrl-C.",
        "A text that begins with a slash is sent when it begins with two.",
    )
    operator = True

    def __init__(self, session: Session) -> None:
        self._session = session

    async def stop(self, turn_id: str | None) -> bool:
        if turn_id is None:
            status = await self._session.status()
            if status is not None and status.is_idle:
                return False
        return await self._session.stop(turn_id)

    def mode(self) -> Mode | None:
        return None

    async def set_mode(self, mode: Mode) -> None:
        raise NotImplementedError("a terminal has no modes")


@dataclass(frozen=True)
class Done:
    """What a command came to: the words for the person, a tab between columns."""

    text: str
    is_forgotten: bool = False
    """The person was forgotten, and so are the lines that they typed here."""


def secret_of(name: str, argument: str) -> str:
    """What a command has to be told that nobody else may read, in a few words; empty for nothing. Not for ``quit``."""
    command = COMMANDS[name]
    return command.asks_for(command.arguments(argument))


async def run(session: Session, name: str, argument: str, secret: str = "") -> Done:
    """Do what a command asks. Not for ``quit``.

    ``secret`` is what ``secret_of`` named. Raises UserError and StackFault.
    """
    command = COMMANDS[name]
    arguments = command.arguments(argument) | ({SECRET: secret} if secret else {})
    request = Request(
        door=session.door,
        settings=session.settings,
        face=TerminalFace(session),
        commands=tuple(COMMANDS.values()),
        key=session.key,
        asker=Asker(session.user.id, private=True),
        zone=ZoneInfo(session.zone or session.settings.runtime.timezone),
        admin=True,  # the terminal belongs to its user
    )
    result = await command.run(request, arguments)
    return Done(printable(as_text(result)), result.is_forgotten)


def as_text(result: CommandResult) -> str:
    table = "\n".join("\t".join(row) for row in result.table)
    return "\n\n".join(part for part in (table, result.text) if part)
