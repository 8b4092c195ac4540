"""turn list | show ID [--json]."""

import click

STATUSES = ("running", "completed", "stopped", "failed")


@click.group()
def turn() -> None:
    """Look at turns: a turn is one message and all that was done to answer it."""


@turn.command("list")
@click.option("-c", "--conversation", help="Only of this one: its name, or an id such as cli/me/main.")
@click.option("-s", "--status", multiple=True, type=click.Choice(STATUSES), help="Only in this state; may be repeated.")
@click.option("-n", "--limit", default=20, show_default=True, type=click.IntRange(1, 10_000), help="How many.")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def list_(conversation: str | None, status: tuple[str, ...], limit: int, as_json: bool) -> None:
    """Show the newest turns, newest first. A message that still waits is no turn yet."""
    import asyncio

    from adapters.cli.render.printable import as_json as to_json
    from clara.settings import load
    from gateway.console.window import columns
    from gateway.inspection import turn_list
    from gateway.servers.reached import reached

    statuses = [each for each in turn_list.STATUSES if each in status]
    with reached():
        found = asyncio.run(turn_list.listed(load(), limit, conversation, statuses))
    click.echo(to_json(turn_list.as_json(found), indent=2) if as_json else turn_list.as_text(found, columns()))


@turn.command()
@click.argument("turn_id", metavar="ID")
@click.option("-c", "--conversation", help="Where to look, such as main or cli/me/main.")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def show(turn_id: str, conversation: str | None, as_json: bool) -> None:
    """Show what was asked and answered, with each step, its tools and what became of them, and what is still tried.

    ID is the id of a turn, the beginning of its last part as the list shows it, or "last".
    """
    import asyncio

    from adapters.cli.render.printable import as_json as to_json
    from clara.settings import load
    from gateway.console.window import columns, wrapped
    from gateway.inspection import turn, turn_list, turn_report
    from gateway.servers.reached import reached

    settings = load()
    with reached():
        found = asyncio.run(turn.inspect(settings, turn_id, turn_list.whole(settings, conversation)))
    if as_json:
        click.echo(to_json(turn_report.as_json(found), indent=2))
    else:
        click.echo(wrapped(turn_report.as_text(found), columns()))
