"""Keys and tokens, by their looks alone: no vendor is asked, and nothing of a key is shown."""

import re
from urllib.parse import urlsplit

from pydantic import SecretStr

from clara.settings import Settings
from gateway.doctor.facts import Facts
from gateway.doctor.finding import Finding, broken, ok, warn

NAME = "keys"

_VENDORS = (
    ("Anthropic", re.compile(r"sk-ant-"), "ANTHROPIC_API_KEY"),
    ("OpenRouter", re.compile(r"sk-or-"), "OPENROUTER_API_KEY"),
    ("OpenAI", re.compile(r"sk-(proj|svcacct|admin)-"), "CUSTOM_OPENAI_API_KEY (chat) or OPENAI_API_KEY (embeddings)"),
    ("Groq", re.compile(r"gsk_"), "CUSTOM_OPENAI_API_KEY, with CUSTOM_OPENAI_BASE_URL"),
    ("xAI", re.compile(r"xai-"), "CUSTOM_OPENAI_API_KEY, with CUSTOM_OPENAI_BASE_URL"),
    ("Google", re.compile(r"AIza"), "CUSTOM_OPENAI_API_KEY, with CUSTOM_OPENAI_BASE_URL"),
    ("GitHub", re.compile(r"gh[pousr]_|github_pat_"), "no setting of a model"),
    ("Slack", re.compile(r"xox[abprs]-"), "no setting of a model"),
    ("Discord", re.compile(r"[MNO][A-Za-z\d_-]{23,28}\.[A-Za-z\d_-]{6}\.[A-Za-z\d_-]{27,}"), "DISCORD_BOT_TOKEN"),
)
_HOMES = {
    "ANTHROPIC_API_KEY": ("Anthropic", "anthropic_url", "api.anthropic.com"),
    "OPENROUTER_API_KEY": ("OpenRouter", "openrouter_url", "openrouter.ai"),
    "NANOGPT_API_KEY": ("NanoGPT", "nanogpt_url", "nano-gpt.com"),
    "CUSTOM_OPENAI_API_KEY": ("OpenAI", "openai_url", "api.openai.com"),
    "OPENAI_API_KEY": ("OpenAI", "embeddings_url", "api.openai.com"),
}
"""Whose key each takes, where its address is the vendor's own. At another address anything may be right."""

_PLACEHOLDER = re.compile(
    r"^(your|my|the|insert|paste|enter|put)[-_].*(key|token|here)|change[-_]?me|x{6,}|\.\.\.|\u2026|<.*>", re.IGNORECASE
)
SHORTEST = 8


def check(facts: Facts) -> list[Finding]:
    settings = facts.settings
    found = [f for name, value in secrets(settings).items() for f in of_key(name, value, _vendor(settings, name))]
    return found or [ok(NAME, "every key looks like one")] if secrets(settings) else []


def secrets(settings: Settings) -> dict[str, str]:
    """Keys and tokens that are set, by variable; addresses with passwords in them are not among them."""
    found: dict[str, str] = {}
    for subject in (settings.runtime, settings.llm, settings.discord, settings.memory):
        for name, field in type(subject).model_fields.items():
            value = getattr(subject, name)
            if isinstance(value, SecretStr) and field.alias and not field.alias.endswith("_URL"):
                found[field.alias] = value.get_secret_value()
    return found


def _vendor(settings: Settings, variable: str) -> str | None:
    vendor, attribute, home = _HOMES.get(variable, (None, "", ""))
    subject = settings.memory if variable == "OPENAI_API_KEY" else settings.llm
    url = getattr(subject, attribute, None)
    return vendor if url is None or urlsplit(url).hostname == home else None


def of_key(variable: str, value: str, vendor: str | None) -> list[Finding]:
    """What is wrong with a value; ``vendor`` is whose key is expected, None where anybody's may be right.

    Quotes and spaces are refused by the settings already.
    """
    if not value.isascii() or not value.isprintable():
        return [
            broken(NAME, f"{variable} has characters that no key has", "Copy the key again from the vendor's page.")
        ]
    if _PLACEHOLDER.search(value):
        return [broken(NAME, f"{variable} is a placeholder", "Put the real key there: clara setup")]
    if re.match(r"[A-Z][A-Z0-9]*_[A-Z0-9_]+=", value):
        return [broken(NAME, f"{variable} has the name of a variable in its value", "Keep what follows the second =.")]
    if value.startswith(("http://", "https://")):
        return [broken(NAME, f"{variable} is an address and not a key", "Put the key there; addresses are *_BASE_URL.")]
    return _foreign(variable, value, vendor)


def _foreign(variable: str, value: str, vendor: str | None) -> list[Finding]:
    if vendor is None:
        return []
    for other, looks, belongs in _VENDORS:
        if other != vendor and looks.match(value):
            fix = f"It belongs into {belongs}. Put a key of {vendor} into {variable}, or unset it."
            return [broken(NAME, f"{variable} holds a key of {other}, not of {vendor}", fix)]
    if len(value) < SHORTEST:
        return [warn(NAME, f"{variable} is only {len(value)} characters long", "Copy the key again, all of it.")]
    return []
