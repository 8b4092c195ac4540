"""The .env file as text: what is in it that does not become the setting that its writer meant."""

import difflib
import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from dotenv import dotenv_values
from pydantic import BaseModel

from clara.settings import Settings
from gateway.doctor.facts import Facts
from gateway.doctor.finding import Finding, broken, ok, warn

NAME = "env file"

_LINE = re.compile(r"^\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_.-]*)\s*=\s*(.*?)\s*$")
_NEAR = 0.8
_NEARER = 0.92
"""For variables of the environment, most of which are none of Clara's business."""

OTHERS = frozenset(
    {"CLARA_ENV_FILE", "POSTGRES_PASSWORD", "POSTGRES_CLARA_PASSWORD", "POSTGRES_TEMPORAL_PASSWORD"}
    | {"TEMPORAL_UI_PORT", "TZ", "SSL_CERT_FILE", "SSL_CERT_DIR", "COMPOSE_PROJECT_NAME", "COMPOSE_PROFILES"}
    | {name for proxy in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY") for name in (proxy, proxy.lower())}
)
"""Read by docker compose and by libraries."""


def path() -> Path:
    """The file that is read; see ``clara.settings``."""
    return Path(os.environ.get("CLARA_ENV_FILE", ".env"))  # noqa: TID251 - which file that is, not what is in it


def known_names() -> frozenset[str]:
    """The variables of all settings."""
    kinds = [field.annotation for field in Settings.model_fields.values()]
    fields = [f for kind in kinds if isinstance(kind, type) and issubclass(kind, BaseModel) for f in _aliases(kind)]
    return frozenset(fields) | OTHERS


def _aliases(kind: type[BaseModel]) -> list[str]:
    return [field.alias for field in kind.model_fields.values() if field.alias]


def unreadable(file: Path) -> list[Finding]:
    """Why the file cannot be read at all."""
    if file.is_dir():
        return [broken(NAME, f"{file} is a folder", "Move that folder away, and put the settings into a file.")]
    try:
        file.read_bytes().decode()
    except FileNotFoundError:
        return []
    except OSError as error:
        return [broken(NAME, f"{file} cannot be read: {error.strerror}", f"Make {file} yours: chown, then chmod 600.")]
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        return [
            broken(NAME, f"{file}, line {line}, is not UTF-8 text", f"Save {file} as UTF-8, or write that line anew.")
        ]
    return []


def check(facts: Facts) -> list[Finding]:
    file = path()
    if not file.is_file():
        return misspelt(facts.variables)
    text = file.read_text()
    found = [*lines(text, file, bool(facts.settings.runtime.tool_modules)), *overridden(file, facts.variables)]
    found += misspelt({name: value for name, value in facts.variables.items() if name not in dotenv_values(file)})
    return found or [ok(NAME, f"{file.absolute()}, every name is a setting")]


def lines(text: str, file: Path, tools: bool = False) -> list[Finding]:
    """What is wrong in the text of a file. With ``tools`` of one's own, names may be those of the tools."""
    found: list[Finding] = []
    seen: dict[str, int] = {}
    for number, line in enumerate(text.splitlines(), 1):
        stripped = line.strip().removeprefix("\ufeff")
        if not stripped or stripped.startswith("#"):
            continue
        at = f"{file}, line {number}"
        match = _LINE.match(stripped)
        if match is None:
            found.append(broken(NAME, f"{at}, is no NAME=value", "Write it as NAME=value, or put a # before it."))
            continue
        name, value = match.groups()
        if name in seen:
            found.append(
                warn(NAME, f"{name} stands in {file} twice; line {number} counts, not line {seen[name]}", "Keep one.")
            )
        seen[name] = number
        found += _name(name, at, tools)
        if _unclosed(value):
            found.append(broken(NAME, f"{at}: the quotes of {name} are not closed", "Close them, or leave them out."))
    return found


def _name(name: str, at: str, tools: bool) -> list[Finding]:
    known = known_names()
    if name in known or name.startswith(("TEMPORAL_", "COMPOSE_")):
        return []
    near = _nearest(name, known, _NEAR)
    if near:
        return [warn(NAME, f"{at}: {name} is no setting, so it does nothing", f"Did you mean {near}?")]
    if tools:
        return []
    return [warn(NAME, f"{at}: {name} is no setting, so it does nothing", ".env.example lists all names.")]


def _nearest(name: str, known: Iterable[str], cutoff: float) -> str | None:
    return next(iter(difflib.get_close_matches(name.upper(), sorted(known), 1, cutoff)), None)


def _unclosed(value: str) -> bool:
    quote = value[:1]
    return quote in ("'", '"') and re.search(rf"(?<!\\){quote}", value[1:]) is None


def misspelt(variables: Mapping[str, str]) -> list[Finding]:
    """Variables of the environment that almost are settings."""
    known = known_names()
    found = []
    for name in sorted(variables):
        near = None if name in known or name.startswith("TEMPORAL_") else _nearest(name, known, _NEARER)
        if near and near not in variables:
            words = f"{name} in the environment is no setting, so it does nothing"
            found.append(warn("environment", words, f"Did you mean {near}?"))
    return found


def overridden(file: Path, variables: Mapping[str, str]) -> list[Finding]:
    """Settings of the file that the environment has otherwise."""
    inside = {name: value for name, value in dotenv_values(file).items() if value}
    names = sorted(name for name, value in inside.items() if variables.get(name) not in (None, "", value))
    return [
        warn(
            NAME, f"{name} of the environment overrides .env, where it has another value", f"unset {name}, or keep one."
        )
        for name in names
        if name in known_names()
    ]
