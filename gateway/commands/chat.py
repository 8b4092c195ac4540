"""chat: talk to Clara in this terminal."""

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib import import_module
from pathlib import Path
from types import FrameType

import click

from clara.errors import Misconfigured
from clara.invocation import call


@click.command()
@click.option("-m", "--message", help="Ask this one thing, print the answer and leave; - reads it from standard input.")
@click.option("-c", "--conversation", default="main", show_default=True, help="Which conversation to go on with.")
@click.option("-u", "--user", help="Who is speaking; CLI_USER_ID if not given.")
@click.option("-p", "--project", help="What the conversation is about from now on; none ends it.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of the answer's text.")
@click.option(
    *("-a", "--attach"),
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A file to send with the message; may be given several times.",
)
def chat(
    message: str | None,
    conversation: str,
    user: str | None,
    project: str | None,
    as_json: bool,
    attach: tuple[Path, ...],
) -> None:
    """Talk to Clara. If she is not running, she runs for as long as you talk."""
    if message is None and (as_json or attach):
        raise click.UsageError("--json and --attach need a --message.")
    if message in (None, "-") and sys.stdin is None:
        raise Misconfigured(f"Standard input is closed, so I cannot hear you. Ask with: {call('chat -m TEXT')}")
    from adapters.cli.guard import go_on_in_a_child

    go_on_in_a_child()
    import asyncio
    import threading

    from clara.settings import load
    from gateway.console.progress import shown
    from gateway.inspection.notices import notices
    from gateway.stack.lifetime import ensure_running

    with _told(as_json):
        settings = load()
    # The terminal was closed, or this process is told to end: what was started for it is stopped too.
    for number in (signal.SIGHUP, signal.SIGTERM):
        signal.signal(number, _leave)
    # The screen's modules take half a second to import; mostly that is while servers are waited for.
    threading.Thread(target=_import_screen, daemon=True).start()
    with _told(as_json), ensure_running(settings, shown):
        from adapters.cli.app import chat as converse
        from adapters.cli.options import ChatOptions

        for notice in notices(settings):
            click.echo(notice, err=True)
        options = ChatOptions(message, conversation, user, project, as_json, attach)
        code = asyncio.run(converse(settings, options))
    raise SystemExit(code)


def _import_screen() -> None:
    # Where Ctrl-C ends the same imports elsewhere, they fail here too; whoever needs them will hear of it.
    with suppress(ImportError):
        import_module("adapters.cli.chat.interactive")


@contextmanager
def _told(as_json: bool) -> Iterator[None]:
    """Programs that wait for one JSON object get one, whatever goes wrong before the chat has begun."""
    from adapters.cli.render.printable import as_json as to_json
    from clara.errors import ClaraError

    try:
        yield
    except ClaraError as error:
        if as_json:
            click.echo(to_json({"error": str(error)}))
        raise


def _leave(number: int, _: FrameType | None) -> None:
    for each in (signal.SIGHUP, signal.SIGTERM):
        signal.signal(each, lambda *_: None)  # a second one would interrupt the tidying up
    raise SystemExit(128 + number)
