"""The chat at a terminal: which of its three shapes is wanted, and what all of them need.

Everything heavy is imported when it is needed, so that a mistake is told at once.
"""

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from logging.handlers import RotatingFileHandler

import click

from adapters.cli.exit import FAILED
from adapters.cli.options import ChatOptions
from adapters.cli.render.printable import as_json, printable
from adapters.cli.tty import draws
from clara.errors import ClaraError, UserError
from clara.settings import Settings

LOG_BYTES = 1_000_000


async def chat(settings: Settings, options: ChatOptions) -> int:
    """Chat with a stack that runs; returns the exit code.

    0: done; 1: the turn failed or the stack does not answer; 130: stopped; 143: told to end, while
    the turn goes on. Errors are told on standard error.
    """
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    with _log_to_file(settings):
        try:
            return await _chat(settings, options)
        except ClaraError as error:
            tell(error, options.json)
            return FAILED


def tell(error: ClaraError, json: bool) -> None:
    """Say what went wrong on standard error; with ``json`` also as the one object on standard output."""
    click.echo(printable(str(error)), err=True)
    if json:
        click.echo(as_json({"error": str(error)}))


async def _chat(settings: Settings, options: ChatOptions) -> int:
    if options.message is None and (options.json or options.attach):
        raise UserError("--json and --attach need a --message.")
    from adapters.cli import connect

    text = await connect.read_message(options.message) if options.message is not None else None
    async with connect.connected(settings, options.conversation, options.user) as (session, frames):
        if options.project:
            await session.set_project(options.project)
        if text is not None:
            from adapters.cli.once.question import once

            return await once(session, frames, text, options)
        if not (sys.stdin.isatty() and draws()):
            from adapters.cli.once.pipe import plain

            return await plain(session, frames)
        from adapters.cli.chat.interactive import interactive

        return await interactive(session, frames)


@contextmanager
def _log_to_file(settings: Settings) -> Iterator[None]:
    """Keep log lines off the screen: they go to ``chat.log`` among the logs of CLARA_HOME."""
    folder = settings.runtime.home / "logs"
    handler: logging.Handler = logging.NullHandler()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        handler = RotatingFileHandler(folder / "chat.log", maxBytes=LOG_BYTES, backupCount=1, delay=True)
    except OSError as error:
        click.echo(f"No log of this chat is kept: {error}", err=True)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.raiseExceptions = False  # a log that cannot be written would tell the screen of it
    root = logging.getLogger()
    before, root.handlers = root.handlers, [handler]
    try:
        yield
    finally:
        root.handlers = before
        with suppress(OSError):  # a full disk: the last lines are lost, and nothing else
            handler.close()
