"""The one reader of the environment.

``load()`` merges a ``.env`` file of the working directory (or the one that CLARA_ENV_FILE names)
with the environment, which wins, and validates everything at once, so that a wrong value is
reported by the name of its variable before anything starts.
"""

import os
from collections.abc import Mapping
from pathlib import Path

from dotenv import dotenv_values
from pydantic import BaseModel, ConfigDict, ValidationError

from clara.errors import Misconfigured
from clara.settings.discord import DiscordSettings
from clara.settings.llm import LlmSettings
from clara.settings.memory import MemorySettings
from clara.settings.runtime import RuntimeSettings

__all__ = ["DiscordSettings", "LlmSettings", "MemorySettings", "RuntimeSettings", "Settings", "environment", "load"]


class Settings(BaseModel):
    """Every setting, by subject. Field aliases are the names of environment variables."""

    model_config = ConfigDict(frozen=True)

    runtime: RuntimeSettings
    llm: LlmSettings
    discord: DiscordSettings
    memory: MemorySettings


def environment() -> dict[str, str]:
    """The variables that count: those of the .env file, overruled by the process's own."""
    path = Path(os.environ.get("CLARA_ENV_FILE", ".env"))
    from_file = {k: v for k, v in dotenv_values(path).items() if v is not None} if path.is_file() else {}
    return {**from_file, **os.environ}


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
    for prefix in ("Value error, ", "Input should be ", "expected "):
        message = message.removeprefix(prefix)
    return f"{location[0]}: expected {message}" if location else message
