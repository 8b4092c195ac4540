"""memory list|search|add|undo|forget|key|why|export|forget-me|status|sharing|import|bootstrap|clear|reindex.

They work on the database directly: neither Temporal nor a worker is needed, but for reindex, which a worker does.
forget-me is "person wipe".
"""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from gateway.commands.memory_moving import export, import_

if TYPE_CHECKING:
    from activities.memory.memories import Memories

T = TypeVar("T")
F = TypeVar("F", bound=Callable[..., Any])

_json = click.option("--json", "as_json", is_flag=True, help="For programs.")
_user = click.option("-u", "--user", help="Whose memory; CLI_USER_ID if not given. platform:id for other platforms.")
_project = click.option("-p", "--project", help="Only of this project.")


@click.group()
def memory() -> None:
    """What Clara remembers of a person: look at it, change it, take it out, have it forgotten."""


memory.add_command(export)
memory.add_command(import_)


def _run(work: "Callable[[Memories], Awaitable[T]]") -> T:
    from gateway.servers.memories import use

    return use(work)


def _owner(user: str | None) -> str:
    from gateway.inspection.people import whom

    return whom(user)


async def _settled(memories: "Memories", retry: bool) -> None:
    from activities.memory.opening import settle
    from clara.settings import load

    await settle(memories, load(), retry=retry)


async def _nothing(memories: "Memories") -> None:
    """Most commands need nothing before."""


def _command(
    name: str,
    user: str | None,
    as_json: bool,
    before: "Callable[[Memories], Awaitable[None]]" = _nothing,
    **options: Any,
) -> None:
    from activities.memory import commands
    from adapters.cli.render.printable import as_json as to_json
    from adapters.cli.render.printable import printable
    from clara.memory.requests import MemoryCommand, MemoryReply
    from gateway.console.window import columns, wrapped

    command = MemoryCommand.model_validate({"user_id": _owner(user), "name": name, **options})

    async def done(memories: "Memories") -> MemoryReply:
        await before(memories)
        return await commands.run(memories, command)

    reply = _run(done)
    click.echo(to_json(reply.data, indent=2) if as_json else wrapped(printable(reply.text), columns()))


@memory.command("list")
@_user
@_project
@_json
def list_(user: str | None, project: str | None, as_json: bool) -> None:
    """Show the memories, newest first."""
    _command("list", user, as_json, project=project)


@memory.command()
@click.argument("words", nargs=-1, required=True)
@_user
@_project
@_json
def search(words: tuple[str, ...], user: str | None, project: str | None, as_json: bool) -> None:
    """Show the memories that are nearest to WORDS."""
    _command("search", user, as_json, argument=" ".join(words), project=project)


@memory.command()
@click.argument("text", nargs=-1, required=True)
@click.option("--key", is_flag=True, help="Have it in mind in every conversation.")
@click.option("--shared", is_flag=True, help="It may surface where others read.")
@_user
@_project
@_json
def add(text: tuple[str, ...], key: bool, shared: bool, user: str | None, project: str | None, as_json: bool) -> None:
    """Remember TEXT."""
    _command("add", user, as_json, argument=" ".join(text), key=key, shared=shared, project=project)


@memory.command()
@_user
@_json
def undo(user: str | None, as_json: bool) -> None:
    """Take back what was remembered last; what it had replaced counts again. May be repeated."""
    _command("undo", user, as_json)


@memory.command()
@click.argument("memory_id", metavar="ID")
@_user
@_json
def forget(memory_id: str, user: str | None, as_json: bool) -> None:
    """Forget one memory, and what it had replaced."""
    _command("forget", user, as_json, argument=memory_id)


@memory.command()
@click.argument("memory_id", metavar="ID")
@_user
@_json
def key(memory_id: str, user: str | None, as_json: bool) -> None:
    """Have a memory in mind in every conversation."""
    _command("key", user, as_json, argument=memory_id)


@memory.command()
@click.argument("memory_id", metavar="ID")
@_user
@_json
def why(memory_id: str, user: str | None, as_json: bool) -> None:
    """Show where a memory comes from: the message, its words, and what it replaced."""
    _command("why", user, as_json, argument=memory_id)


@memory.command("forget-me")
@click.option("--yes", is_flag=True, help="Do not ask.")
@_user
@_json
@click.pass_context
def forget_me(context: click.Context, yes: bool, user: str | None, as_json: bool) -> None:
    """Delete every trace of a person: memories, relations, conversations, notes and files."""
    from gateway.commands.person import wipe

    context.invoke(wipe, yes=yes, user=user, as_json=as_json)


@memory.command()
@click.option("--retry", is_flag=True, help="Ask the providers anew which of them offers embeddings.")
@_user
@_json
def status(retry: bool, user: str | None, as_json: bool) -> None:
    """Show how much is remembered, and how it is searched."""
    _command("status", user, as_json, before=lambda memories: _settled(memories, retry))


@memory.command()
@click.argument("wish", type=click.Choice(["on", "off"]))
@_user
@_json
def sharing(wish: str, user: str | None, as_json: bool) -> None:
    """Whether what was told in private may surface where others read."""
    _command("sharing", user, as_json, argument=wish)


@memory.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--apply", is_flag=True, help="Remember them; without it they are only shown.")
@_user
@_json
def bootstrap(file: Path, apply: bool, user: str | None, as_json: bool) -> None:
    """Turn a profile, a FILE in Markdown or JSON, into memories."""
    from adapters.cli.render.printable import as_json as to_json
    from adapters.cli.render.printable import printable
    from clara.errors import UserError
    from clara.memory import profile
    from clara.memory.kinds import scope

    try:
        entries = profile.parse(file.read_text(encoding="utf-8"))
    except UnicodeDecodeError:
        raise UserError(f"{file} is not a text in UTF-8.") from None
    if as_json:
        click.echo(to_json([entry.model_dump(exclude_none=True) for entry in entries], indent=2))
    else:
        for entry in entries:
            click.echo(printable(f"{f'project {entry.project}' if entry.project else entry.kind}: {entry.text}"))
    if not apply:
        click.echo(f"{len(entries)} memories. Nothing was stored; add --apply to remember them.", err=True)
        return
    from activities.memory.importing import import_profile

    owner = scope(_owner(user))
    new, refused = _run(lambda memories: import_profile(memories, owner, entries))
    known = len(entries) - new - refused
    click.echo(f"{new} remembered, {known} known already, {refused} refused as passwords or keys.", err=True)


@memory.command()
@click.option("-u", "--user", help="Of this person only; without it, of everybody.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@_json
def clear(user: str | None, yes: bool, as_json: bool) -> None:
    """Delete all memories of a person, or of everybody. Conversations stay."""
    import json
    from collections import Counter

    whose = _owner(user) if user else "everybody"
    if not yes:
        click.confirm(f"Delete all memories of {whose}? This cannot be undone.", abort=True, err=True)

    async def cleared(memories: "Memories") -> Counter[str]:
        from activities.memory.forgetting import clear_memories
        from clara.memory.kinds import scope
        from store.people import people

        total: Counter[str] = Counter()
        for owner in [whose] if user else await people.known(memories.pool):
            total.update(await clear_memories(memories, scope(owner)))
        return total

    counted = _run(cleared)
    told = ", ".join(f"{number} {name}" for name, number in counted.items() if number) or "there was nothing"
    click.echo(json.dumps(counted) if as_json else f"Deleted: {told}.")


@memory.command()
def reindex() -> None:
    """Have the vectors made that the current embedding model lacks, and watch it. Ending this does not end that."""
    from gateway.inspection.reindexing import watched
    from gateway.servers.reached import reached

    with reached():
        click.echo(_run(lambda memories: watched(memories, lambda line: click.echo(line, err=True))))
