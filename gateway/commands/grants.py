"""grants list [USER] | revoke NUMBER [USER] [--json]."""

import click

_user = click.argument("user", required=False)


@click.group()
def grants() -> None:
    """What somebody has allowed without being asked again.

    USER is a name at this terminal or a whole id such as discord:1234; without one it is you.
    """


@grants.command("list")
@_user
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def list_(user: str | None, as_json: bool) -> None:
    """Show them with their last use."""
    from adapters.cli.render.printable import as_json as to_json
    from gateway.inspection import approvals, people

    found = approvals.granted(people.whom(user))
    click.echo(to_json(approvals.as_json(found), indent=2) if as_json else approvals.grants_as_text(found))


@grants.command()
@click.argument("number", type=int)
@_user
def revoke(number: int, user: str | None) -> None:
    """Take one back: it is asked about again."""
    from clara.errors import UserError
    from gateway.inspection import approvals, people

    owner = people.whom(user)
    if not approvals.revoke(owner, number):
        raise UserError(f"{owner} has allowed nothing under {number}.")
    click.echo("Taken back.")
