"""approvals list | show ID | allow ID [--for once|conversation|always] | deny ID [--json]."""

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from store.approvals import Scope

_id = click.argument("id")
_json = click.option("--json", "as_json", is_flag=True, help="For programs.")


@click.group()
def approvals() -> None:
    """What waits for somebody's yes before Clara does it; docs/safety.md says when she asks."""


@approvals.command("list")
@_json
def list_(as_json: bool) -> None:
    """Show everybody's open questions, oldest first."""
    from adapters.cli.render.printable import as_json as to_json
    from gateway.inspection import approvals

    found = approvals.unanswered()
    click.echo(to_json(approvals.as_json(found), indent=2) if as_json else approvals.as_text(found))


@approvals.command()
@_id
@_json
def show(id: str, as_json: bool) -> None:
    """Show one question in full, also after it was answered."""
    from adapters.cli.render.printable import as_json as to_json
    from gateway.inspection import approvals

    found = approvals.one(id)
    click.echo(to_json(approvals.as_json([found])[0], indent=2) if as_json else approvals.in_full(found))


@approvals.command()
@_id
@click.option(
    "--for", "scope", default="once", show_default=True, type=click.Choice(("once", "conversation", "always"))
)
@_json
def allow(id: str, scope: "Scope", as_json: bool) -> None:
    """Say yes, in place of the person who was asked; that you did is kept."""
    _tell(id, True, scope, as_json)


@approvals.command()
@_id
@_json
def deny(id: str, as_json: bool) -> None:
    """Say no, in place of the person who was asked; that you did is kept."""
    _tell(id, False, "once", as_json)


def _tell(id: str, allowed: bool, scope: "Scope", as_json: bool) -> None:
    from adapters.cli.render.printable import as_json as to_json
    from gateway.inspection import approvals

    answered = approvals.answer(id, allowed, scope)
    click.echo(to_json(approvals.as_json([answered])[0], indent=2) if as_json else approvals.in_full(answered))
