"""tools list | show NAME [--json]."""

import click

PERSON = click.option(
    "-u", "--user", help="Of this person, such as discord:1234; by default the one at this terminal.", metavar="ID"
)


@click.group()
def tools() -> None:
    """See the tools that the model may be offered, and what is missing for others."""


@tools.command("list")
@PERSON
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def list_(user: str | None, as_json: bool) -> None:
    """Show all tools: what each does to the world, who may use it, and whether it is offered or has to be found."""
    import asyncio

    from adapters.cli.render.printable import as_json as to_json
    from clara.settings import load
    from gateway.console.window import columns
    from gateway.inspection import tool_list
    from gateway.servers.reached import reached

    with reached():
        found = asyncio.run(tool_list.listed(load(), user))
    click.echo(to_json(tool_list.as_json(found), indent=2) if as_json else tool_list.as_text(found, columns()))


@tools.command()
@click.argument("name")
@PERSON
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def show(name: str, user: str | None, as_json: bool) -> None:
    """Show one tool: what the model reads of it, and what it declares."""
    import asyncio

    from adapters.cli.render.printable import as_json as to_json
    from clara.settings import load
    from gateway.console.window import columns, wrapped
    from gateway.inspection import tool_list
    from gateway.servers.reached import reached

    with reached():
        found = tool_list.named(asyncio.run(tool_list.listed(load(), user)), name)
    click.echo(
        to_json(tool_list.details(found), indent=2) if as_json else wrapped(tool_list.described(found), columns())
    )
