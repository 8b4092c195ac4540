"""Setup by questions. Each can be skipped by Enter, and nothing is written before the last one is answered.

The questions are asked outside of any event loop, which would take a Ctrl-C for itself.
"""

import asyncio
import sys
import termios
from collections.abc import Mapping
from contextlib import suppress

import click

from adapters.cli.render.printable import printable
from adapters.cli.session.zone import local_zone
from clara.errors import UserError
from clara.settings.llm import KEY_VARIABLES, LlmSettings
from gateway.setup.provider import KEYS, NO_KEY, OFFERED, Choice, proven
from gateway.setup.result import Result
from gateway.setup.scripted import Options, asked, named
from gateway.setup.zone import zone

SKIP = "skip"
_SHOWN = 4
"""Of a key that is set: its last characters, by which its owner knows it."""


def decide(options: Options, variables: Mapping[str, str]) -> Result:
    """Ask for what ``options`` leave open. click.Abort at Ctrl-C or at the end of input."""
    result = Result()
    if not (options.provider or options.key_file or options.base_url or options.model):
        _provider(variables, result, options.unproven)
    if options.name is None:
        _name(variables, result)
    if options.timezone is None:
        _timezone(variables, result)
    if options.discord_token_file is None:
        _discord(variables, result, options.unproven)
    return result


def _provider(variables: Mapping[str, str], result: Result, unproven: bool) -> None:
    click.secho("\nWho answers", bold=True)
    names = list(OFFERED)
    for number, name in enumerate(names, 1):
        click.echo(f"  {number}  {name:<11} {OFFERED[name]}")
    current = variables.get("LLM_PROVIDER", "").strip() or next(
        (n for n, v in KEY_VARIABLES.items() if _set(variables, v)), ""
    )
    default = current if current in names else SKIP
    if default == SKIP:
        click.echo("  Without one, a scripted stand-in answers.")
    while True:
        told = str(click.prompt("Provider (number or name)", default=default)).strip().casefold()
        name = names[int(told) - 1] if told.isdigit() and 0 < int(told) <= len(names) else told
        if name == SKIP:
            return
        if name in names:
            break
        click.echo(f"  One of 1 to {len(names)}, {', '.join(names)}, or {SKIP}.")
    while True:
        choice = _choice(name, variables)
        if choice is None or _kept(choice, variables, result, unproven):
            return


def _choice(name: str, variables: Mapping[str, str]) -> Choice | None:
    """None to skip the step."""
    base_url = model = None
    if name == "openai":
        fields = LlmSettings.model_fields
        set_url = variables.get("CUSTOM_OPENAI_BASE_URL", "").strip()
        base_url = str(click.prompt("Address of the API", default=set_url or fields["openai_url"].default)).strip()
        set_model = variables.get("CUSTOM_OPENAI_MODEL", "").strip()
        model = str(click.prompt("Model", default=set_model or "gpt-4o")).strip()
    current = variables.get(KEY_VARIABLES[name], "").strip()
    if base_url and base_url != LlmSettings.model_fields["openai_url"].default:
        key = _secret("Key", current, "Enter if the server asks for none") or NO_KEY
    else:
        click.echo(f"  Keys are made at {KEYS[name]}")
        key = _secret(f"Key of {name}", current)
    return Choice(name, key, base_url, model) if key else None


def _kept(choice: Choice, variables: Mapping[str, str], result: Result, unproven: bool) -> bool:
    """Prove a choice and put it into the result; False to ask for it again."""
    click.echo("Asking the model one short question ...")
    model, outcome = asyncio.run(proven(choice, variables))
    _forget_typed()
    if outcome.works:
        click.secho(f"  {model} {outcome.words}.", fg="green")
        result.changes |= choice.changes()
        return True
    click.secho(f"  {printable(outcome.words)}", fg="red")
    click.echo(f"  {printable(outcome.fix)}")
    if unproven:
        result.changes |= choice.changes()
        return True
    return _again("the key", choice.changes(), result)


def _again(what: str, changes: dict[str, str], result: Result) -> bool:
    """What to do about a value that was refused: False to ask again."""
    told = click.prompt(
        f"Try again, {SKIP}, or save {what} unproven", type=click.Choice(["again", SKIP, "save"]), default="again"
    )
    if told == "save":
        result.changes |= changes
    return bool(told != "again")


def _name(variables: Mapping[str, str], result: Result) -> None:
    click.secho("\nHer name", bold=True)
    current = variables.get("BOT_NAME", "").strip() or "Clara"
    while True:
        try:
            name = named(str(click.prompt("Name", default=current)))
        except UserError as error:
            click.echo(f"  {error}")
            continue
        if name != current:
            result.changes["BOT_NAME"] = name
        return


def _timezone(variables: Mapping[str, str], result: Result) -> None:
    click.secho("\nYour time zone", bold=True)
    current = variables.get("DEFAULT_TIMEZONE", "").strip()
    default = current or local_zone(variables.get("TZ")) or "UTC"
    while True:
        try:
            chosen = zone(str(click.prompt("Time zone", default=default)))
        except UserError as error:
            click.echo(f"  {error}")
            continue
        if chosen != (current or "UTC"):
            result.changes["DEFAULT_TIMEZONE"] = chosen
        return


def _discord(variables: Mapping[str, str], result: Result, unproven: bool) -> None:
    click.secho("\nDiscord", bold=True)
    current = variables.get("DISCORD_BOT_TOKEN", "").strip()
    if not current:
        click.echo("  docs/discord.md says how to make a bot. Enter skips it; the terminal needs none.")
    while True:
        token = _secret("Token of the bot", current)
        if not token:
            return
        bot = asyncio.run(asked(token, variables))
        _forget_typed()
        for line in bot.lines():
            click.echo(f"  {printable(line)}")
        changes = {"DISCORD_BOT_TOKEN": token}
        if not bot.error or unproven:
            if token != current:
                result.changes |= changes
            return
        if _again("the token", changes, result):
            return


def _secret(what: str, current: str, without: str = "Enter skips") -> str:
    """A secret that is typed without an echo; Enter keeps the one that is set, or does what ``without`` says."""
    enter = f"Enter keeps {shown(current)}" if current else without
    told = str(click.prompt(f"{what} (not shown; {enter})", default="", show_default=False, hide_input=True)).strip()
    return told or current


def _forget_typed() -> None:
    """What was typed while a server was waited for answers no question: it may be the key once more."""
    with suppress(OSError, ValueError, termios.error):
        termios.tcflush(sys.stdin.fileno(), termios.TCIFLUSH)


def shown(secret: str) -> str:
    """Enough of a secret for its owner to know it by."""
    return f"the one ending in {secret[-_SHOWN:]}" if len(secret) >= _SHOWN * 4 else "the one that is set"


def _set(variables: Mapping[str, str], name: str) -> bool:
    return bool(variables.get(name, "").strip())
