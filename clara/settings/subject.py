"""What a subject of the settings is, and what operators are told of it.

The fields are the one place: ``.env.example``, the reference in docs/configuration.md and the variables
that docker-compose.yml passes on are written from them (``deploy/settings.py``).
"""

import inspect
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Literal, get_args, get_origin

from pydantic import BaseModel, ConfigDict
from pydantic.fields import FieldInfo

COMMON = "common"
"""The reader that stands for all of Clara's own services in docker-compose.yml. Never for a secret."""


@dataclass(frozen=True)
class Variable:
    """One environment variable."""

    name: str
    description: str
    """Plain sentences: what it does, in which unit, with an example where that helps."""
    default: str = ""
    readers: tuple[str, ...] = ()
    """The services of docker-compose.yml that are given its value."""


@dataclass(frozen=True)
class Section:
    """Variables that are shown together."""

    heading: str
    introduction: str
    """Markdown, shown in docs/configuration.md; it may be empty."""
    variables: tuple[Variable, ...]
    part: bool = False
    """Whether it is a part of the section before it."""


@dataclass(frozen=True)
class Part:
    """A heading within a subject."""

    heading: str
    introduction: str = ""


class ReadBy:
    """Annotates a field that has other readers than its subject: ``Annotated[str, ReadBy("cli")]``.

    Without any, no container is given it: it names something of this machine, or docker-compose.yml sets it.
    """

    def __init__(self, *services: str):
        self.services = services


class Subject(BaseModel):
    """Settings of one subject: immutable, and blind to everybody else's variables.

    Each field has an alias, which is the name of its variable, and a description, to which its limits are
    added. The docstring of the class introduces the subject in docs/configuration.md.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", validate_default=True)

    heading: ClassVar[str]
    readers: ClassVar[tuple[str, ...]]
    """The services of docker-compose.yml that are given these settings; COMMON means all of Clara's own."""
    parts: ClassVar[dict[str, Part]] = {}
    """The name of the field with which each part begins."""

    @classmethod
    def sections(cls) -> Iterator[Section]:
        """The variables in the order of the fields, cut into parts."""
        part, variables = Part(cls.heading, inspect.getdoc(cls) or ""), list[Variable]()
        first = True
        for name, field in cls.model_fields.items():
            if name in cls.parts:
                yield Section(part.heading, part.introduction, tuple(variables), part=not first)
                part, variables, first = cls.parts[name], [], False
            variables.append(_variable(field, cls.readers))
        yield Section(part.heading, part.introduction, tuple(variables), part=not first)


def _variable(field: FieldInfo, readers: tuple[str, ...]) -> Variable:
    exception = next((each.services for each in field.metadata if isinstance(each, ReadBy)), None)
    limits = _limits(field)
    return Variable(
        name=field.alias or "",
        description=(field.description or "") + (f" {limits}" if limits else ""),
        default=_shown(field.default),
        readers=readers if exception is None else exception,
    )


def _shown(default: object) -> str:
    """A default as it would stand in a file of settings; empty where not being set has a meaning of its own."""
    match default:
        case None | ():
            return ""
        case bool():
            return str(default).lower()
        case str() | int() | float() | Path():
            return str(default)
    raise TypeError(f"a setting must not have the default {default!r}")


def _limits(field: FieldInfo) -> str:
    if field.annotation is bool:
        return "Either true or false."
    bounds = {name: getattr(each, name) for each in field.metadata for name in _BOUNDS if hasattr(each, name)}
    for kind in (field.annotation, *get_args(field.annotation)):
        if get_origin(kind) is Literal:
            *others, last = get_args(kind)
            return f"One of {', '.join(others)} or {last}."
    match bounds:
        case {"ge": least, "le": most}:
            return f"From {least} to {most}."
        case {"le": most}:
            return f"At most {most}."
        case {"max_length": most}:
            return f"At most {most} characters."
    return ""


_BOUNDS = ("ge", "le", "max_length")
