"""budget show | set NAME AMOUNT | list [--user ID] [--json]."""

import click

from clara.budgets import MEANING, NAMES

_json = click.option("--json", "as_json", is_flag=True, help="For programs.")
_user = click.option("-u", "--user", metavar="ID", help="Of this person: a name at this terminal, or discord:1234.")


@click.group()
def budget() -> None:
    """What models may cost: per message, per person and day, and for everybody together."""


@budget.command()
@_user
@_json
def show(user: str | None, as_json: bool) -> None:
    """Show the limits that hold and what is used of them today, of a person or of everybody together."""
    import asyncio

    from adapters.cli.render.printable import as_json as to_json
    from clara.settings import load
    from gateway.console.window import columns, wrapped
    from gateway.inspection import budgets
    from gateway.inspection.people import whom
    from gateway.servers.reached import reached

    owner = whom(user) if user else None
    with reached():
        found = asyncio.run(budgets.standing(load(), owner))
    told = budgets.standing_as_text(found, owner)
    click.echo(to_json(budgets.standing_as_json(found), indent=2) if as_json else wrapped(told, columns()))


@budget.command("set", epilog="; ".join(f"{name}: {MEANING[name]}" for name in NAMES))
@click.argument("name", type=click.Choice(NAMES))
@click.argument("amount")
@_user
def set_(name: str, amount: str, user: str | None) -> None:
    """Set a limit, from the next call of a model on.

    AMOUNT is in US dollars or in tokens, "none" for no limit, or "default" for what the settings say. What is set for
    a person counts before what is set for everybody. Messages that wait for a budget ask again.
    """
    import asyncio
    from typing import cast

    from clara.budgets import BudgetName
    from clara.settings import load
    from gateway.console.window import columns, wrapped
    from gateway.inspection import budgets
    from gateway.inspection.people import whom
    from gateway.servers.reached import reached

    with reached():
        owner = whom(user) if user else ""
        told = asyncio.run(budgets.change(load(), owner, cast(BudgetName, name), amount))
    click.echo(wrapped(told, columns()))


@budget.command("list")
@_json
def list_(as_json: bool) -> None:
    """Show what was set by command, for everybody and for persons."""
    import asyncio

    from adapters.cli.render.printable import as_json as to_json
    from clara.settings import load
    from gateway.inspection import budgets
    from gateway.servers.reached import reached

    with reached():
        found = asyncio.run(budgets.limits(load()))
    click.echo(to_json(budgets.limits_as_json(found), indent=2) if as_json else budgets.limits_as_text(found))
