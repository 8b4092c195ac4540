"""Telling the person at the terminal what is being waited for."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

Progress = Callable[[str], None]
"""Called with a short phrase whenever something new begins."""


@contextmanager
def shown() -> Iterator[Progress]:
    """One line that changes, in a terminal; a line for each phrase, elsewhere. On stderr, as it is no result."""
    if not sys.stderr.isatty():
        yield lambda phrase: click.echo(f"{phrase} ...", err=True)
        return
    from rich.console import Console

    with Console(stderr=True).status("") as status:
        yield lambda phrase: status.update(f"{phrase} ...")
