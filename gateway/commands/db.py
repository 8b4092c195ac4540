"""db upgrade|status|scrub|revision."""

import re

import click

from clara.errors import UserError
from clara.invocation import call


@click.group()
def db() -> None:
    """Look after the schema of Clara's database."""


def _url() -> str:
    from clara.settings import load
    from gateway.errors import NotRunning

    url = load().runtime.database_url
    if url is None:
        raise NotRunning(f"There is no database yet. Start Clara with: {call('start')}")
    return url


@db.command()
def upgrade() -> None:
    """Bring the schema up to date."""
    from gateway.servers.reached import reached
    from store import migrations

    with reached():
        changed = migrations.upgrade(_url())
    click.echo(f"The schema is at {migrations.head()}." if changed else "The schema was up to date.")


@db.command()
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def status(as_json: bool) -> None:
    """Show which revision the schema is at. Exit code 3 if it is not the newest."""
    import json

    from gateway.console.exit_codes import NOT_RUNNING
    from gateway.servers.reached import reached
    from store import migrations

    with reached():
        current = migrations.current(_url())
    head = migrations.head()
    if as_json:
        click.echo(json.dumps({"current": current, "newest": head, "up_to_date": current == head}))
    else:
        click.echo(f"The schema is at {current or 'nothing yet'}; the newest revision is {head}.")
    if current != head:
        raise click.exceptions.Exit(NOT_RUNNING)


@db.command()
@click.argument("description")
def revision(description: str) -> None:
    """Write an empty revision of the schema, for developers."""
    from store import migrations

    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9 ,._-]{2,80}", description):
        raise UserError("Say in 3 to 80 letters, digits and spaces what the revision changes.")
    for path in migrations.create(description):
        click.echo(path)


@db.command()
def scrub() -> None:
    """Take out of the database's files what was deleted: write all tables anew, and let the old log go.

    Tables are locked meanwhile, so messages wait: seconds for a person's database.
    """
    from gateway.servers.reached import reached
    from store.scrubbing import scrub as scrubbed

    with reached():
        whole = scrubbed(_url())
    if whole:
        click.echo("What was deleted is in no file of the database any more.")
    else:
        click.echo("The tables are written anew. The write-ahead log is its server's: this role may not let it go.")
