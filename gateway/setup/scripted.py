"""Setup without questions: everything comes from options, and nothing is written unless all of it is proven."""

import asyncio
import stat
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from clara.errors import UserError
from clara.settings.discord import DiscordSettings
from clara.settings.llm import KEY_VARIABLES
from gateway.proofs import discord
from gateway.proofs.discord_token import misshapen
from gateway.setup.provider import NO_KEY, Choice, proven
from gateway.setup.result import Result
from gateway.setup.zone import zone

LONGEST = 16 * 1024
"""Characters of a file with one secret in it; a longer one is something else."""

Tell = Callable[[str], None]


@dataclass(frozen=True)
class Options:
    provider: str | None = None
    key_file: str | None = None
    base_url: str | None = None
    model: str | None = None
    name: str | None = None
    timezone: str | None = None
    discord_token_file: str | None = None
    unproven: bool = False

    @property
    def any(self) -> bool:
        """Whether something is to be set."""
        return any(v is not None for n, v in vars(self).items() if n != "unproven")


def decide(options: Options, variables: Mapping[str, str], tell: Tell) -> Result:
    """What the options ask for. UserError for what cannot be meant; a refused key makes the result a failed one."""
    if options.key_file == "-" and options.discord_token_file == "-":
        raise UserError("Only one of --key-file and --discord-token-file can be standard input.")
    result = Result()
    _texts(options, result)
    choice = chosen(options, variables)
    if choice:
        _model(choice, options, variables, result, tell)
    if options.discord_token_file:
        _discord(secret(options.discord_token_file, "--discord-token-file"), options, variables, result, tell)
    return result


def _texts(options: Options, result: Result) -> None:
    if options.name is not None:
        result.changes["BOT_NAME"] = named(options.name)
    if options.timezone is not None:
        result.changes["DEFAULT_TIMEZONE"] = zone(options.timezone)


def named(text: str) -> str:
    """Her name, as it can be kept; UserError for what can't."""
    name = " ".join(text.split())
    if not name or len(name) > 60 or not name.isprintable():
        raise UserError("A name has 1 to 60 characters.")
    return name


def chosen(options: Options, variables: Mapping[str, str]) -> Choice | None:
    """The provider that the options ask for, with the key of the options, else the one that is set."""
    provider = options.provider or (variables.get("LLM_PROVIDER", "").strip() or None)
    if not (options.provider or options.key_file or options.base_url or options.model):
        return None
    if provider is None:
        raise UserError("Say whose key that is: --provider openrouter, anthropic, nanogpt or openai.")
    if provider == "scripted":
        return Choice("scripted", "")
    variable = KEY_VARIABLES[provider]
    key = secret(options.key_file, "--key-file") if options.key_file else variables.get(variable, "").strip()
    if not key and provider == "openai" and options.base_url:
        key = NO_KEY
    if not key:
        raise UserError(f"There is no key of {provider} yet: --key-file FILE, or - for standard input.")
    return Choice(provider, key, options.base_url, options.model)


def secret(path: str, option: str) -> str:
    """The one line of a file, or of standard input."""
    try:
        if path == "-":
            text = sys.stdin.read(LONGEST + 1)
        else:
            file = Path(path)
            if not (stat.S_ISREG(file.stat().st_mode) or stat.S_ISFIFO(file.stat().st_mode)):
                raise UserError(f"{option}: {path} is not a file.")
            with file.open(encoding="utf-8") as stream:
                text = stream.read(LONGEST + 1)
    except OSError as error:
        raise UserError(f"{option}: {path} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise UserError(f"{option}: {path} is not text.") from None
    text = text.strip().removeprefix("\ufeff")
    if not text:
        raise UserError(f"{option}: {'standard input' if path == '-' else path} is empty.")
    if len(text) > LONGEST or not text.isprintable():
        raise UserError(f"{option}: must be one line with nothing but the secret.")
    return text


def _model(choice: Choice, options: Options, variables: Mapping[str, str], result: Result, tell: Tell) -> None:
    if choice.provider == "scripted":
        result.changes |= choice.changes()
        return
    model, outcome = asyncio.run(proven(choice, variables))
    result.facts["model"] = {
        "provider": choice.provider,
        "model": model,
        "works": outcome.works,
        "what": outcome.words,
        "fix": outcome.fix,
    }
    tell(f"{choice.provider} {model}: {outcome.words}{f' {outcome.fix}' if outcome.fix else ''}")
    if outcome.works or options.unproven:
        result.changes |= choice.changes()
    else:
        result.failed = True


def _discord(token: str, options: Options, variables: Mapping[str, str], result: Result, tell: Tell) -> None:
    bot = asyncio.run(asked(token, variables))
    result.facts["discord"] = {
        "works": not bot.error,
        "name": bot.name or None,
        "invitation": bot.invitation if bot.application else None,
        "reads_messages": bot.reads_messages,
        "what": bot.error,
        "fix": bot.fix,
    }
    for line in bot.lines():
        tell(line)
    if bot.error and not options.unproven:
        result.failed = True
    else:
        result.changes["DISCORD_BOT_TOKEN"] = token


async def asked(token: str, variables: Mapping[str, str]) -> discord.Bot:
    """Who the bot of a token is, asked at the configured address. A token of a wrong shape is sent to nobody."""
    base = variables.get("DISCORD_API_BASE", "").strip()
    settings = DiscordSettings.model_validate({"DISCORD_API_BASE": base} if base else {})
    wrong = "" if settings.on_loopback else misshapen(token)
    if wrong:
        return discord.Bot(error=f"{wrong}.", fix=f"The token is on the page Bot at {discord.PORTAL}: Reset Token.")
    return await discord.who(settings.api_base, token)
