"""One message, one reply: ``chat --message``."""

import asyncio
from collections.abc import Sequence

import click

from adapters.cli import attachments
from adapters.cli.exit import FAILED, STOPPED, interruptible
from adapters.cli.once.output import Quiet, Vivid
from adapters.cli.options import ChatOptions
from adapters.cli.render.printable import as_json, printable
from adapters.cli.session import face
from adapters.cli.session.session import Session
from adapters.cli.session.typed import TypedCommand, TypedMistake, read_line
from adapters.cli.tty import draws
from adapters.cli.turns.calls import ShownCall, calls_of
from adapters.cli.turns.downloads import Download, receive
from adapters.cli.turns.follow import Frames
from adapters.cli.turns.outages import Patience
from adapters.cli.turns.watch import watch_to_the_end
from clara import phrases
from clara.errors import ClaraError, UserError
from clara.messages import TurnStatus
from store.turns import turns
from store.turns.turns import Totals, Turn

EXIT_CODES: dict[TurnStatus, int] = {"completed": 0, "failed": FAILED, "stopped": STOPPED}


async def once(session: Session, frames: Frames, text: str, options: ChatOptions) -> int:
    """Say ``text``, print the reply and return the exit code."""
    asking = _Asking(session, frames, options)
    return await interruptible(asking.run(text), asking.interrupt)


class _Asking:
    def __init__(self, session: Session, frames: Frames, options: ChatOptions) -> None:
        self._session = session
        self._frames = frames
        self._options = options
        self._turn_id: str | None = None
        self._stopping: asyncio.Task[None] | None = None

    async def run(self, text: str) -> int:
        command = self._command(text)
        if command is not None:
            return await self._obey(command)
        text = text[1:] if text.startswith("//") and self._options.message != "-" else text
        turn_id = await self._running_turn(text) or await self._say(text)
        self._turn_id = turn_id
        if self._options.json or not draws():
            turn = await watch_to_the_end(self._session, self._frames, turn_id, Quiet())
            await self._print(turn)
        else:
            vivid = Vivid()
            with vivid.running():
                turn = await watch_to_the_end(self._session, self._frames, turn_id, vivid)
        return EXIT_CODES[turn.status]

    def _command(self, text: str) -> TypedCommand | None:
        """The command that ``text`` is, as a typed line would be; what standard input holds is always a message."""
        if self._options.message == "-":
            return None
        match read_line(text, busy=False):
            case TypedCommand() as command:
                return command
            case TypedMistake(reason):
                raise UserError(reason)
        return None

    async def _obey(self, command: TypedCommand) -> int:
        if self._options.attach:
            raise UserError("A command takes no files.")
        words = (
            "" if command.name == face.QUIT else (await face.run(self._session, command.name, command.argument)).text
        )
        if self._options.json:
            click.echo(as_json({"command": f"/{command.name}", "text": words}))
        elif words:
            click.echo(words.expandtabs(face.TAB))
        return 0

    def interrupt(self) -> bool:
        """Ctrl-C: stop the turn, and leave if that was asked for before."""
        if self._turn_id is None:
            sentence = "It was not confirmed that the message was accepted."
            click.echo(sentence, err=True)
            if self._options.json:
                click.echo(as_json({"error": sentence}))
            return False
        if self._stopping is not None:
            click.echo("Left; the answer is shown when the conversation is opened again.", err=True)
            return False
        self._stopping = asyncio.create_task(self._stop(self._turn_id))
        return True

    async def _stop(self, turn_id: str) -> None:
        try:
            await self._session.stop(turn_id)
        except ClaraError as error:
            click.echo(str(error), err=True)

    async def _running_turn(self, text: str) -> str | None:
        """The turn that a stop phrase has stopped; None if ``text`` is none or nothing runs."""
        if not phrases.is_stop(text) or self._options.attach:
            return None
        status = await self._session.status()
        if status is None or status.running is None:
            return None
        await self._session.stop(status.running)
        return status.running

    async def _say(self, text: str) -> str:
        session = self._session
        files = await session.door.store(attachments.keep, session.user.id, self._options.attach)
        message = session.message(text, files)
        self._frames.expect(message.turn_id)
        await session.hand_over(message, Patience().not_accepted)
        return message.turn_id

    async def _print(self, turn: Turn) -> None:
        if self._options.json:
            store = self._session.door.store
            totals, calls = await store(turns.totals, turn.id), await store(calls_of, turn.id)
            click.echo(as_json(outcome(turn, totals, calls, await receive(self._session, turn.id))))
        else:
            click.echo(printable(turn.reply or ""))


def outcome(
    turn: Turn, totals: Totals, calls: Sequence[ShownCall], files: Sequence[Download] = ()
) -> dict[str, object]:
    """What ``--json`` prints. ``cost_usd`` is null where no price is known, ``model`` where none was asked, and the
    ``path`` of a file where it could not be saved.
    """
    return {
        "reply": turn.reply or "",
        "status": turn.status,
        "turn": turn.id,
        "conversation": turn.message.conversation.id,
        "steps": totals.steps,
        "tools": [{"name": call.name, "outcome": call.outcome} for call in calls],
        "files": [
            {"name": each.name, "path": each.path and str(each.path), "media_type": each.media_type, "size": each.size}
            for each in files
        ],
        "usage": {
            "input_tokens": totals.input_tokens,
            "output_tokens": totals.output_tokens,
            "cached_tokens": totals.cached_tokens,
            "cost_usd": None if totals.cost_usd is None else float(totals.cost_usd),
        },
        "model": totals.model,
    }
