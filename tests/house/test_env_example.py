"""``.env.example`` and docs/configuration.md against the settings that there are."""

import re
from itertools import pairwise
from pathlib import Path

import pytest
from dotenv import dotenv_values
from pydantic import BaseModel, SecretStr

from clara.messages import Tier
from clara.settings import BEFORE_THE_SETTINGS, COMPOSE, TEMPORALS_OWN, Settings, load

ROOT = Path(__file__).parents[2]
EXAMPLE = (ROOT / ".env.example").read_text()
LINE = re.compile(r"^# ([A-Z][A-Z0-9_]*)=(.*)$")

SHOWN = {found[1]: found[2] for line in EXAMPLE.splitlines() if (found := LINE.match(line))}


def subjects() -> dict[str, type[BaseModel]]:
    kinds = {name: field.annotation for name, field in Settings.model_fields.items()}
    return {name: kind for name, kind in kinds.items() if isinstance(kind, type) and issubclass(kind, BaseModel)}


def aliases() -> dict[str, tuple[str, str]]:
    """Subject and field of every variable."""
    return {
        field.alias: (subject, name)
        for subject, kind in subjects().items()
        for name, field in kind.model_fields.items()
        if field.alias is not None
    }


def effective(settings: Settings, variable: str) -> object:
    """What counts where the variable is not set: the field's default, or the tier's model."""
    subject, name = aliases()[variable]
    provider, _, tier = name.rpartition("_")
    if subject == "llm" and variable.endswith(("_HIGH", "_MID", "_LOW")):
        tiers: dict[str, Tier] = {"high": "high", "mid": "mid", "low": "low"}
        return settings.llm.model(provider, tiers[tier])
    return getattr(getattr(settings, subject), name)


def test_every_field_has_a_variable() -> None:
    fields = [field for kind in subjects().values() for field in kind.model_fields.values()]
    assert len(aliases()) == len(fields)


def test_names_are_those_of_the_settings() -> None:
    assert set(SHOWN) == set(aliases()) | TEMPORALS_OWN | COMPOSE | BEFORE_THE_SETTINGS


def test_no_name_is_listed_twice() -> None:
    assert len([line for line in EXAMPLE.splitlines() if LINE.match(line)]) == len(SHOWN)


def test_every_variable_has_a_comment_before_it() -> None:
    for above, line in pairwise(EXAMPLE.splitlines()):
        if LINE.match(line):
            assert re.match(r"# [^-=]", above), f"no comment above {line}"
            assert not LINE.match(above), f"no comment above {line}"


def test_nothing_is_set_as_it_stands() -> None:
    assert dotenv_values(ROOT / ".env.example") == {}


@pytest.mark.parametrize("variable", sorted(aliases()))
def test_shown_default_is_the_default(variable: str) -> None:
    plain = load({})
    expected = effective(plain, variable)
    if SHOWN[variable] == "":
        assert expected in (None, ()), f"{variable} has the default {expected!r}"
        return
    found = effective(load({variable: SHOWN[variable]}), variable)
    assert found == expected
    assert not isinstance(found, SecretStr), f"{variable} must have no default"


def test_everything_uncommented_at_once_loads(tmp_path: Path) -> None:
    env = tmp_path / ".env"
    env.write_text("\n".join(LINE.sub(r"\1=\2", line) for line in EXAMPLE.splitlines()))
    values = {name: value or "" for name, value in dotenv_values(env).items()}
    assert set(values) == set(SHOWN)
    assert load(values).llm.provider == "scripted"


def test_the_manual_knows_every_variable() -> None:
    manual = (ROOT / "docs" / "configuration.md").read_text()
    assert [name for name in SHOWN if f"`{name}`" not in manual] == []
