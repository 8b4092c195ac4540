"""The settings, and what is told of them: .env.example, docs/configuration.md and docker-compose.yml."""

import re
from itertools import pairwise
from pathlib import Path

import pytest
import yaml
from dotenv import dotenv_values
from pydantic import Field, SecretStr

from clara.settings import Settings, load, sections, subjects
from clara.settings.fields import Secret
from clara.settings.subject import COMMON, Subject, Variable
from deploy.settings import between, environments, example, files, reference

ROOT = Path(__file__).parents[2]
LINE = re.compile(r"^# ([A-Z][A-Z0-9_]*)=(.*)$")
EXAMPLE = example(sections())
SHOWN = {found[1]: found[2] for line in EXAMPLE.splitlines() if (found := LINE.match(line))}
VARIABLES = [variable for section in sections() for variable in section.variables]
SERVICES = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]


def aliases() -> dict[str, tuple[str, str]]:
    """Subject and field of every variable."""
    return {
        field.alias: (subject, name)
        for subject, kind in subjects().items()
        for name, field in kind.model_fields.items()
        if field.alias is not None
    }


def value(settings: Settings, variable: str) -> object:
    subject, name = aliases()[variable]
    return getattr(getattr(settings, subject), name)


@pytest.mark.parametrize(("path", "text"), list(files()), ids=lambda each: each.name if isinstance(each, Path) else "")
def test_what_is_told_of_the_settings_is_up_to_date(path: Path, text: str) -> None:
    assert path.read_text() == text, f"{path.name} is not what clara/settings says. Run: make docs"


class MadeUpSettings(Subject):
    """What a new subject looks like."""

    heading = "Made up"
    readers = ("weather",)

    token: Secret | None = Field(None, alias="WEATHER_TOKEN", description="The key of the weather.")
    days: int = Field(3, alias="WEATHER_DAYS", ge=1, le=14, description="How many days are looked ahead.")


def test_a_new_subject_is_told_of_everywhere() -> None:
    found = list(MadeUpSettings.sections())
    assert "# ---- Made up ---" in example(found)
    assert "# The key of the weather.\n# WEATHER_TOKEN=\n" in example(found)
    assert "# How many days are looked ahead. From 1 to 14.\n# WEATHER_DAYS=3\n" in example(found)
    assert "## Made up\n\nWhat a new subject looks like.\n\n| variable" in reference(found)
    assert "| `WEATHER_DAYS` | `3` | How many days are looked ahead. From 1 to 14. |" in reference(found)
    given = yaml.safe_load(environments(found))
    assert given == {"x-common": None, "x-weather": {"WEATHER_TOKEN": None, "WEATHER_DAYS": None}}


def test_the_words_around_what_is_written_stay() -> None:
    assert between("before <a> old <b> after", "<a>", "<b>", "new\n") == "before <a>\n\nnew\n\n<b> after"
    with pytest.raises(ValueError, match="<b>"):
        between("before <a> after", "<a>", "<b>", "new")


def test_every_subject_is_registered_as_one() -> None:
    assert list(subjects()) == list(Settings.model_fields)


@pytest.mark.parametrize("subject", list(subjects().values()))
def test_a_subject_says_who_it_is_and_who_reads_it(subject: type[Subject]) -> None:
    assert subject.heading
    assert subject.__doc__ != Subject.__doc__
    assert set(subject.parts) <= set(subject.model_fields)
    assert set(subject.readers) <= {*SERVICES, COMMON}
    assert all(field.alias for field in subject.model_fields.values())


@pytest.mark.parametrize("variable", VARIABLES, ids=lambda variable: variable.name)
def test_every_variable_is_described_in_sentences(variable: Variable) -> None:
    assert re.fullmatch(r"[A-Z][^|\n]*\.", variable.description)
    assert set(variable.readers) <= {*SERVICES, COMMON}


def test_no_name_is_listed_twice() -> None:
    assert sorted(SHOWN) == sorted(variable.name for variable in VARIABLES)
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
    expected = value(load({}), variable)
    if SHOWN[variable] == "":
        assert expected in (None, ()), f"{variable} has the default {expected!r}"
        return
    found = value(load({variable: SHOWN[variable]}), variable)
    assert found == expected
    assert not isinstance(found, SecretStr), f"{variable} must have no default"


def test_everything_uncommented_at_once_loads(tmp_path: Path) -> None:
    env = tmp_path / ".env"
    env.write_text("\n".join(LINE.sub(r"\1=\2", line) for line in EXAMPLE.splitlines()))
    values = {name: value or "" for name, value in dotenv_values(env).items()}
    assert set(values) == set(SHOWN)
    assert load(values).llm.provider == "scripted"
