"""person list | export USER | wipe USER [--yes] [--json]."""

import click

_user = click.argument("user")


@click.group()
def person() -> None:
    """Everything that Clara has of one person: take it out, or delete it.

    USER is a name at this terminal or a whole id such as discord:1234.
    """


@person.command("list")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def list_(as_json: bool) -> None:
    """Show everybody who has spoken to Clara or of whom she remembers something."""
    import json

    from gateway.inspection import people

    found = people.known()
    click.echo(json.dumps(found) if as_json else "\n".join(found) or "Nobody yet.")


@person.command()
@_user
def export(user: str) -> None:
    """Print everything as JSON, by subject: conversations with each step, memories, notes, files (base64) and more."""
    from adapters.cli.render.printable import as_json as to_json
    from gateway.inspection import people

    exported = people.export(people.whom(user))
    click.echo(to_json(exported, indent=2))
    for file in exported.get("kept_files", ()):
        if "missing" in file:
            click.echo(f"{file['name']} is not in it: {file['missing']}", err=True)


@person.command()
@_user
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def wipe(user: str | None, yes: bool, as_json: bool) -> None:
    """Delete everything, after what is being done for this person was stopped. May be repeated."""
    import json

    from gateway.console.window import columns, wrapped
    from gateway.inspection import people

    owner = people.whom(user)
    if not yes:
        click.confirm(f"Delete everything about {owner}? This cannot be undone.", abort=True, err=True)
    forgotten = people.wipe(owner)
    click.echo(json.dumps(forgotten.counted) if as_json else wrapped(str(forgotten), columns()))
