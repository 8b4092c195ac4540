"""The one reader of the environment.

``load()`` merges the file of settings (``finding`` says which) with the environment, which wins, and
validates everything at once, so that a wrong value is reported by the name of its variable before
anything starts.
"""

import os
from collections.abc import Mapping
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from clara.errors import Misconfigured
from clara.settings.discord import DiscordSettings
from clara.settings.finding import Source, find, find_home
from clara.settings.llm import LlmSettings
from clara.settings.memory import MemorySettings
from clara.settings.runtime import RuntimeSettings

__all__ = [
    "DiscordSettings",
    "LlmSettings",
    "MemorySettings",
    "RuntimeSettings",
    "Settings",
    "Source",
    "environment",
    "home",
    "known_names",
    "load",
    "source",
]

TEMPORALS_OWN = {
    "TEMPORAL_CONFIG_FILE",
    "TEMPORAL_API_KEY",
    "TEMPORAL_TLS",
    "TEMPORAL_TLS_CLIENT_CERT_PATH",
    "TEMPORAL_TLS_CLIENT_KEY_PATH",
    "TEMPORAL_TLS_SERVER_CA_CERT_PATH",
    "TEMPORAL_TLS_SERVER_NAME",
}
"""Read by ``temporalio.envconfig``."""

COMPOSE = {
    "POSTGRES_PASSWORD",
    "POSTGRES_CLARA_PASSWORD",
    "POSTGRES_TEMPORAL_PASSWORD",
    "TEMPORAL_UI_PORT",
    "CLARA_EXTRAS",
}
"""Read by docker-compose.yml."""

BEFORE_THE_SETTINGS = {"CLARA_ENV_FILE"}


class Settings(BaseModel):
    """Every setting, by subject. Field aliases are the names of environment variables."""

    model_config = ConfigDict(frozen=True)

    runtime: RuntimeSettings
    llm: LlmSettings
    discord: DiscordSettings
    memory: MemorySettings


def known_names() -> set[str]:
    """Every variable that means something to Clara."""
    own = {
        field.alias
        for subject in Settings.model_fields.values()
        if isinstance(subject.annotation, type) and issubclass(subject.annotation, BaseModel)
        for field in subject.annotation.model_fields.values()
        if field.alias
    }
    return own | TEMPORALS_OWN | COMPOSE | BEFORE_THE_SETTINGS


def source() -> Source:
    """The file of settings that counts, with what is odd about it. Misconfigured if it cannot be read."""
    return find(os.environ, known_names())


def home() -> Path:
    """CLARA_HOME, even where other settings are wrong: what stops Clara must not need them."""
    return find_home(os.environ)


_WORDS = (
    ("Input should be ", "must be "),
    ("a valid integer", "a whole number"),
    ("a valid number", "a number"),
    ("a valid boolean", "true or false"),
    ("String should ", "must "),
    ("greater than or equal to", "at least"),
    ("less than or equal to", "at most"),
)
"""Pydantic's words, and those of a person."""


def environment() -> dict[str, str]:
    """The variables that count: those of the file, overruled by the process's own."""
    found = source()
    return {**found.values, **os.environ, "CLARA_HOME": str(found.home)}


def load(values: Mapping[str, str] | None = None) -> Settings:
    """Read and check all settings; Misconfigured names each wrong variable and what is expected."""
    given = environment() if values is None else values
    present = {name: value.strip() for name, value in given.items() if value.strip()}
    problems: list[str] = []
    subjects: dict[str, BaseModel] = {}
    for subject, field in Settings.model_fields.items():
        kind = field.annotation
        assert isinstance(kind, type)
        assert issubclass(kind, BaseModel)
        try:
            subjects[subject] = kind.model_validate(present)
        except ValidationError as error:
            problems += [_sentence(e["loc"], e["msg"]) for e in error.errors(include_url=False)]
    if problems:
        raise Misconfigured("\n".join(problems))
    return Settings.model_validate(subjects)


def _sentence(location: tuple[int | str, ...], message: str) -> str:
    # Never the value itself: it may be a secret pasted into the wrong variable.
    message = message.removeprefix("Value error, ").partition(", unable to ")[0]
    for theirs, ours in _WORDS:
        message = message.replace(theirs, ours)
    return f"{location[0]}: {message}" if location else message
