"""turn show ID."""

import click


@click.group()
def turn() -> None:
    """Look at single turns."""
