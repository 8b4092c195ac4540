"""memory export | import: what a person takes out, and what they bring from mem0 or MyPalClara."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import click

if TYPE_CHECKING:
    from activities.memory.memories import Memories
    from activities.memory.moving import Moved, People, Survey
    from activities.memory.sources.source import Source
    from clara.memory.kinds import Owner

STEP = 1_000
"""Memories between two lines of progress."""

PEOPLE = 20
"""People of a source who are listed."""


@click.command()
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.option("-u", "--user", help="Whose memory; CLI_USER_ID if not given. platform:id for other platforms.")
@click.option("--mem0", "for_mem0", is_flag=True, help="In the form that mem0 and MyPalClara take in.")
def export(file: Path | None, user: str | None, for_mem0: bool) -> None:
    """Print everything that is remembered as JSON, or write it to a new FILE."""
    from gateway.inspection.people import whom
    from gateway.servers.memories import use

    owner = whom(user)
    with _out(file) as out:
        if not for_mem0:
            use(lambda memories: _everything(memories, owner, out))
            return
        number = use(lambda memories: _for_mem0(memories, owner, out))
    if file is not None:
        click.echo(f"{number:,} memories of {owner} are in {file}.", err=True)


async def _everything(memories: "Memories", owner: "Owner", out: TextIO) -> None:
    from activities.memory import commands
    from adapters.cli.render.printable import as_json
    from clara.memory.requests import MemoryCommand

    reply = await commands.run(memories, MemoryCommand(user_id=owner, name="export"))
    out.write(as_json(reply.data, indent=2) + "\n")


async def _for_mem0(memories: "Memories", owner: "Owner", out: TextIO) -> int:
    from activities.memory.moving import exported
    from adapters.cli.render.printable import as_json

    number = 0
    out.write('{"memories": [')
    async for each in exported(memories, owner):
        out.write(f"{',' if number else ''}\n{as_json(each)}")
        number += 1
    out.write("\n]}\n")
    return number


@contextmanager
def _out(file: Path | None) -> Iterator[TextIO]:
    """Standard output, or a new file that only its owner may read, and that is not there if it was not finished."""
    from clara.errors import UserError

    if file is None:
        yield sys.stdout
        return
    try:
        opened = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise UserError(f"{file} is there already. Please name another file.") from None
    try:
        with os.fdopen(opened, "w", encoding="utf-8") as out:
            yield out
    except BaseException:
        file.unlink(missing_ok=True)
        raise


@click.command("import")
@click.argument("where", metavar="SOURCE")
@click.option("-u", "--user", "mapping", multiple=True, metavar="FROM=TO", help="Whose memories, and who that is here.")
@click.option("--table", "named", help="The table or collection, if it is not clara_memories.")
@click.option("--apply", is_flag=True, help="Remember them; without it they are only shown.")
def import_(where: str, mapping: tuple[str, ...], named: str | None, apply: bool) -> None:
    """Take over memories from mem0 or MyPalClara.

    SOURCE is a JSON file, the address of a Postgres (postgresql://...), or the address or the folder of a Qdrant.
    Say who is who with --user FROM=TO, as in --user discord-123=discord:123, once for each person; --user TO
    alone is for a file that names nobody. The rest stays where it is. May be ended and run again.
    """
    import asyncio

    from activities.memory import moving
    from activities.memory.sources.source import source
    from clara.errors import UserError
    from clara.memory import mem0
    from clara.settings import load
    from gateway.servers.memories import use

    people = mem0.people(mapping)
    key = load().memory.qdrant_key
    chosen = source(where, named, key.get_secret_value() if key else None)
    seen = asyncio.run(moving.survey(chosen, people))
    _show(seen, people)
    if not seen.people:
        raise UserError(f"There is nothing to take over in {chosen.name}.")
    if missing := seen.missing(people):
        named_there = ", ".join(_name(user) for user in missing)
        raise UserError(f"{chosen.name} has nothing of {named_there}. Nothing was stored.")
    if not people:
        raise UserError("Please say who is who, as in: --user FROM=platform:id. Nothing was stored.")
    if not apply:
        click.echo("Nothing was stored; add --apply to remember them.", err=True)
        return
    moved = use(lambda memories: _bring(memories, chosen, people))
    click.echo(f"{moved.new:,} remembered, {moved.known:,} known already.", err=True)
    if moved.demoted:
        click.echo(f"{moved.demoted:,} were key memories there and are ordinary ones here: there is a limit.", err=True)


async def _bring(memories: "Memories", chosen: "Source", people: "People") -> "Moved":
    from activities.memory import moving

    moved = moving.Moved()
    told = 0
    async for moved in moving.bring(memories, chosen, people):
        if moved.total >= told + STEP:
            told = moved.total
            click.echo(f"{told:,} ...", err=True)
    return moved


def _show(seen: "Survey", people: "People") -> None:
    from adapters.cli.render.printable import one_line
    from clara.memory.mem0 import TELLING

    for user, number in sorted(seen.people.items(), key=lambda pair: pair[0] in people, reverse=True)[:PEOPLE]:
        whose = f"become those of {people[user]}" if user in people else "stay: --user does not say who that is"
        click.echo(f"{number:,} memories of {one_line(_name(user), 80)} {whose}.")
    if (more := len(seen.people) - PEOPLE) > 0:
        click.echo(f"and those of {more:,} others.")
    for why, number in seen.refused.most_common():
        click.echo(f"{number:,} are left out: {TELLING[why]}.")
    for each in seen.first:
        date = f" ({each.created_at:%Y-%m-%d})" if each.created_at else ""
        kind = f"project {each.project}" if each.project else each.kind
        click.echo(f"  {kind}: {one_line(each.text, 100)}{date}")


def _name(user: str | None) -> str:
    return "somebody who is not named" if user is None else user
