"""What the settings mean, and the one reader of them.

``load()`` merges the file of settings (``clara.sources`` says which) with the environment, which wins, and
validates everything at once, so that a wrong value is reported by the name of its variable before
anything starts.
"""

import os
from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict, ValidationError

from clara.errors import Misconfigured
from clara.settings.accounts import AccountSettings
from clara.settings.azure import AzureDevOpsSettings
from clara.settings.budgets import BudgetSettings
from clara.settings.discord import DiscordSettings
from clara.settings.files import FilesSettings
from clara.settings.github import GithubSettings
from clara.settings.google import GoogleSettings
from clara.settings.llm import LlmSettings
from clara.settings.memory import MemorySettings
from clara.settings.others import OTHERS
from clara.settings.plugins import PluginSettings
from clara.settings.runtime import RuntimeSettings
from clara.settings.sandbox import SandboxSettings
from clara.settings.service import ServiceSettings
from clara.settings.subject import Section, Subject
from clara.settings.web import WebSettings
from clara.sources.finding import Source, find

__all__ = ["Settings", "Source", "environment", "known_names", "load", "sections", "source", "subjects"]


class Settings(BaseModel):
    """Every setting, by subject. A new subject is one more field here, and a module with its class."""

    model_config = ConfigDict(frozen=True)

    llm: LlmSettings
    runtime: RuntimeSettings
    discord: DiscordSettings
    memory: MemorySettings
    budgets: BudgetSettings
    sandbox: SandboxSettings
    files: FilesSettings
    web: WebSettings
    plugins: PluginSettings
    github: GithubSettings
    azure: AzureDevOpsSettings
    google: GoogleSettings
    accounts: AccountSettings
    service: ServiceSettings

    @property
    def own_address(self) -> str:
        """Where browsers reach the web service, without a slash at the end."""
        port = self.service.port
        here = f"http://127.0.0.1:{port}" if port else self.runtime.web_url
        return self.service.public_url or here or "http://127.0.0.1"


def subjects() -> dict[str, type[Subject]]:
    """The subjects by their names in ``Settings``, in the order in which operators read of them."""
    kinds = {name: field.annotation for name, field in Settings.model_fields.items()}
    return {name: kind for name, kind in kinds.items() if isinstance(kind, type) and issubclass(kind, Subject)}


def sections() -> list[Section]:
    """Every variable that means something to Clara, as operators are told of it."""
    return [*(section for subject in subjects().values() for section in subject.sections()), *OTHERS]


def known_names() -> set[str]:
    """The names of those variables."""
    return {variable.name for section in sections() for variable in section.variables}


def source() -> Source:
    """The file of settings that counts, with what is odd about it. Misconfigured if it cannot be read."""
    return find(os.environ, known_names())


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
    read: dict[str, Subject] = {}
    for name, kind in subjects().items():
        try:
            read[name] = kind.model_validate(present)
        except ValidationError as error:
            problems += [_sentence(e["loc"], e["msg"]) for e in error.errors(include_url=False)]
    if problems:
        raise Misconfigured("\n".join(problems))
    return Settings.model_validate(read)


def _sentence(location: tuple[int | str, ...], message: str) -> str:
    # Never the value itself: it may be a secret pasted into the wrong variable.
    message = message.removeprefix("Value error, ").partition(", unable to ")[0]
    for theirs, ours in _WORDS:
        message = message.replace(theirs, ours)
    return f"{location[0]}: {message}" if location else message
