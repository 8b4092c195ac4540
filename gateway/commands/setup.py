"""setup: a provider and its key, a name, a time zone, Discord."""

from typing import TYPE_CHECKING

import click

from clara.invocation import call

if TYPE_CHECKING:
    from gateway.setup.result import Result
    from gateway.setup.scripted import Options

_PROVIDERS = ("openrouter", "anthropic", "nanogpt", "openai", "scripted")


@click.command()
@click.option("--provider", type=click.Choice(_PROVIDERS), help="Who answers.")
@click.option(
    "--key-file", metavar="FILE", help="A file with the provider's key and nothing else; - is standard input."
)
@click.option("--base-url", metavar="URL", help="Where the provider's API is, if not at its usual address.")
@click.option("--model", metavar="NAME", help="The model of the middle tier, if not the usual one.")
@click.option("--name", help="The name that she goes by.")
@click.option("--timezone", metavar="ZONE", help="Such as Europe/Berlin.")
@click.option("--discord-token-file", metavar="FILE", help="A file with the bot's token; - is standard input.")
@click.option("--unproven", is_flag=True, help="Save a key or token also if it could not be proven.")
@click.option("--no-input", is_flag=True, help="Ask nothing; only the options count.")
@click.option("--json", "as_json", is_flag=True, help="For programs; asks nothing.")
def setup(
    provider: str | None,
    key_file: str | None,
    base_url: str | None,
    model: str | None,
    name: str | None,
    timezone: str | None,
    discord_token_file: str | None,
    unproven: bool,
    no_input: bool,
    as_json: bool,
) -> None:
    """Choose who answers, her name, the time zone and Discord.

    Keys are tried out before they are saved. Run it again whenever you like: what is set is kept
    unless you change it. Exit code 1 if a key or token was refused; then nothing is saved.
    """
    from gateway.setup.scripted import Options

    options = Options(provider, key_file, base_url, model, name, timezone, discord_token_file, unproven)
    questions = not (no_input or as_json) and _is_terminal() and "-" not in (key_file, discord_token_file)
    if not questions and not options.any:
        raise click.UsageError(
            "There is nothing to set: give options such as --provider, --key-file and --name, "
            f"or run {call('setup')} in a terminal, where it asks."
        )
    try:
        result = _decided(options, questions, as_json)
    except (click.Abort, KeyboardInterrupt):
        click.echo("\nNothing was changed.", err=True)
        raise click.exceptions.Exit(130) from None
    _save(result, as_json)
    if result.failed:
        raise click.exceptions.Exit(1)


def _is_terminal() -> bool:
    import sys

    return sys.stdin is not None and sys.stdin.isatty()


def _decided(options: "Options", questions: bool, as_json: bool) -> "Result":
    from gateway.setup import run

    if questions:
        click.echo(f"The settings go to {run.target()}. Enter keeps what is in brackets; Ctrl-C changes nothing.")
    return run.decide(options, questions, tell=lambda line: None if as_json else click.echo(line))


def _save(result: "Result", as_json: bool) -> None:
    import json

    from gateway.setup import run

    saved = bool(result.changes) and not result.failed
    file = run.save(result.changes) if saved else run.target()
    names = sorted(result.changes) if saved else []
    notes = run.notes(result.changes) if saved else []
    if as_json:
        found = {"saved": saved, "file": str(file), "written": names, "notes": notes, **result.facts}
        click.echo(json.dumps(found, indent=2))
        return
    if result.failed:
        click.echo("Nothing was saved. To save it all the same: --unproven")
    elif saved:
        click.echo(f"\nSaved to {file}, which only you can read: {', '.join(names)}")
    else:
        click.echo("\nNothing was changed.")
    for note in notes:
        click.echo(note)
