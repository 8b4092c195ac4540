"""doctor [--json]."""

import click


@click.command()
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def doctor(as_json: bool) -> None:
    """Check everything that Clara depends on, and say what to do about what is wrong."""
