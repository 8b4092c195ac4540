"""chat: talk to Clara in this terminal."""

import click


@click.command()
def chat() -> None:
    """Talk to Clara."""
    raise NotImplementedError
