"""Discord's token by its looks. Whether Discord takes it is tried out by ``--live``."""

from gateway.doctor.facts import Facts
from gateway.doctor.finding import Finding, broken, ok
from gateway.proofs.discord_token import misshapen

NAME = "discord"
_WHERE = "Copy the bot's token from the page Bot of its application: Reset Token."


def check(facts: Facts) -> list[Finding]:
    discord = facts.settings.discord
    if discord.token is None:
        return []
    if discord.on_loopback:
        return [ok(NAME, f"a server for tests, {discord.api_base}")]
    wrong = misshapen(discord.token.get_secret_value())
    return [broken(NAME, wrong, _WHERE)] if wrong else [ok(NAME, "the token looks like one (--live tries it)")]
