"""``python -m adapters.cli``: the chat, with a stack that runs already."""

import asyncio
from pathlib import Path

import click

from adapters.cli.app import chat, tell
from adapters.cli.guard import go_on_in_a_child
from adapters.cli.options import ChatOptions
from clara.errors import Misconfigured
from clara.settings import load
from temporal.processes.leaving import leave


@click.command()
@click.option("--message", help="Ask this and leave; - reads it from standard input.")
@click.option("--attach", multiple=True, type=click.Path(path_type=Path), help="A file to send along; may be repeated.")
@click.option("--conversation", default="main", show_default=True, help="The conversation's name.")
@click.option("--user", help="Who speaks; CLI_USER_ID by default.")
@click.option("--json", is_flag=True, help="Print one JSON object instead of the reply.")
def main(message: str | None, attach: tuple[Path, ...], conversation: str, user: str | None, json: bool) -> None:
    """Talk to Clara."""
    go_on_in_a_child()
    try:
        settings = load()
    except Misconfigured as error:
        tell(error, json)
        leave(2)
    leave(asyncio.run(chat(settings, ChatOptions(message, conversation, user, json=json, attach=attach))))


if __name__ == "__main__":
    main()
