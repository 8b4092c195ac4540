"""accounts list [USER] | disconnect SERVICE [USER] [--json]."""

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from clara.accounts import Service

_user = click.argument("user", required=False)


@click.group()
def accounts() -> None:
    """Accounts with other services that somebody has connected.

    USER is a name at this terminal or a whole id such as discord:1234; without one it is you.
    """


@accounts.command("list")
@_user
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def list_(user: str | None, as_json: bool) -> None:
    """Show them; never their tokens."""
    from adapters.cli.render.printable import as_json as to_json
    from clara.accounts import NAMES, described
    from gateway.inspection import accounts, people

    found = accounts.of(people.whom(user))
    if as_json:
        click.echo(to_json([each.model_dump(mode="json") for each in found], indent=2))
    elif not found:
        click.echo("No account is connected.")
    for each in found if not as_json else ():
        click.echo(f"{NAMES[each.service]}: {described(each)}")


@accounts.command()
@click.argument("service", type=click.Choice(("github", "azure-devops", "google")))
@_user
def disconnect(service: "Service", user: str | None) -> None:
    """Delete the token of an account, in place of its owner."""
    from clara.accounts import NAMES
    from clara.errors import UserError
    from gateway.inspection import accounts, people

    owner = people.whom(user)
    if not accounts.disconnect(owner, service):
        raise UserError(f"{owner} has connected no account with {NAMES[service]}.")
    click.echo("Disconnected. To make the token worthless, delete it at the service too.")
