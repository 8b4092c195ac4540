"""usage [--by day|person|model|tool] [--days N] [--user ID] [--json]."""

import click


@click.command()
@click.option(
    "--by",
    type=click.Choice(["day", "person", "model", "tool"]),
    default="day",
    show_default=True,
    help="What to sum up by.",
)
@click.option("--days", type=click.IntRange(1, 3660), default=30, show_default=True, help="How far back, with today.")
@click.option("-u", "--user", metavar="ID", help="Of this person: a name at this terminal, or discord:1234.")
@click.option("--json", "as_json", is_flag=True, help="For programs: all four at once.")
def usage(by: str, days: int, user: str | None, as_json: bool) -> None:
    """Show the tokens and the cost of all model calls, also of those beside the answers, and what tools were used."""
    import asyncio

    from adapters.cli.render.printable import as_json as to_json
    from clara.settings import load
    from gateway.console.window import columns
    from gateway.inspection import usage as inspection
    from gateway.inspection.people import whom
    from gateway.servers.reached import reached

    with reached():
        found = asyncio.run(inspection.read(load(), days, whom(user) if user else None))
    click.echo(to_json(found.as_json(), indent=2) if as_json else inspection.as_text(found, by, columns()))
