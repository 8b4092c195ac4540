"""schedule list|show|run|pause|resume|delete|apply [--json]."""

import click

_json = click.option("--json", "as_json", is_flag=True, help="For programs.")
_id = click.argument("id")


@click.group()
def schedule() -> None:
    """Reminders and other schedules of people, and commands of the file scheduler.yaml."""


@schedule.command("list")
@_json
def list_(as_json: bool) -> None:
    """Show all of them with their next and last run."""
    from adapters.cli.render.printable import as_json as to_json
    from gateway.inspection import schedules

    found = schedules.listed()
    shown = [schedules.as_json(each) for each in found]
    click.echo(to_json(shown, indent=2) if as_json else schedules.as_table(found))


@schedule.command()
@_id
@_json
def show(id: str, as_json: bool) -> None:
    """Show one with its last runs, and what they printed."""
    from dataclasses import asdict

    from adapters.cli.render.printable import as_json as to_json
    from gateway.inspection import schedules

    found, past = schedules.one(id)
    data = {**schedules.as_json(found), "runs": [asdict(each) for each in past]}
    click.echo(to_json(data, indent=2) if as_json else schedules.as_page(found, past))


@schedule.command()
@_id
def run(id: str) -> None:
    """Run one now, beside its times."""
    from gateway.inspection import schedules

    schedules.run(id)
    click.echo("It runs.")


@schedule.command()
@_id
def pause(id: str) -> None:
    """Do nothing at its times until it is resumed."""
    from gateway.inspection import schedules

    schedules.change(id, "pause")
    click.echo("Paused.")


@schedule.command()
@_id
def resume(id: str) -> None:
    """Have one that was paused go on."""
    from gateway.inspection import schedules

    schedules.change(id, "resume")
    click.echo("It goes on.")


@schedule.command()
@_id
def delete(id: str) -> None:
    """Delete a person's for good."""
    from gateway.inspection import schedules

    schedules.change(id, "delete")
    click.echo("Deleted.")


@schedule.command()
def apply() -> None:
    """Read the file scheduler.yaml and do as it says from now on; so does each start."""
    from gateway.inspection import schedules

    names = schedules.apply()
    click.echo(f"Planned: {', '.join(names)}." if names else "There is nothing in it, or no such file.")
