"""The operator's schedules, ``scheduler.yaml`` in CLARA_HOME."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml
from pydantic import ValidationError

from clara.errors import Misconfigured, UserError
from clara.schedules import cron
from clara.schedules.tasks import Task

FILE = "scheduler.yaml"
SIZE_LIMIT = 1_000_000
"""Bytes."""

_SAID = {
    "extra_forbidden": "there is no such setting",
    "string_pattern_mismatch": "must be lower-case letters, digits, - and _, at most 64",
}


def read(home: Path, zone: str) -> tuple[Task, ...]:
    """Its entries; none where there is no such file. Misconfigured says what is wrong with it, and in which line.

    ``zone`` is the installation's, for times of day that name none.
    """
    path = home / FILE
    try:
        with path.open("rb") as file:
            data = file.read(SIZE_LIMIT + 1)
    except FileNotFoundError:
        return ()
    except OSError as error:
        raise Misconfigured(f"{path} cannot be read: {error.strerror}") from error
    if len(data) > SIZE_LIMIT:
        raise Misconfigured(f"{path} is larger than {SIZE_LIMIT:,} bytes.")
    return parse(data, str(path), zone)


def parse(data: bytes, where: str, zone: str) -> tuple[Task, ...]:
    try:
        root = yaml.compose(data, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        line = f", line {error.problem_mark.line + 1}" if error.problem_mark else ""
        raise Misconfigured(f"{where}{line}: {error.problem}") from error
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        raise Misconfigured(f"{where} is no YAML: {error}") from error
    if root is None:
        return ()
    tasks: list[Task] = []
    for node in _entries(root, where):
        task = _task(node, where, zone)
        if any(task.name == other.name for other in tasks):
            raise Misconfigured(f"{where}, line {_line(node)}: there are two schedules named {task.name!r}.")
        tasks.append(task)
    return tuple(tasks)


def _entries(root: yaml.Node, where: str) -> list[yaml.Node]:
    values = {key.value: value for key, value in root.value} if isinstance(root, yaml.MappingNode) else {}
    tasks = values.get("tasks")
    if set(values) != {"tasks"} or not isinstance(tasks, yaml.SequenceNode):
        raise Misconfigured(f"{where}, line {_line(root)}: there must be one list, named tasks.")
    found: list[yaml.Node] = tasks.value
    return found


def _task(node: yaml.Node, where: str, zone: str) -> Task:
    if not isinstance(node, yaml.MappingNode):
        raise Misconfigured(f"{where}, line {_line(node)}: a schedule has a name, a type, a time and a command.")
    lines = {key.value: _line(key) for key, _ in node.value}
    try:
        task = Task.model_validate(_plain(node))
    except yaml.YAMLError as error:
        raise Misconfigured(f"{where}, line {_line(node)}: {error}") from error
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        field = str(first["loc"][0]) if first["loc"] else ""
        said = _SAID.get(first["type"], first["msg"].removeprefix("Value error, "))
        line = lines.get(field, _line(node))
        raise Misconfigured(f"{where}, line {line}: {f'{field}: ' if field else ''}{said}") from error
    try:
        ZoneInfo(task.timezone or zone)
    except (KeyError, ValueError, OSError) as error:
        at = lines.get("timezone", _line(node))
        raise Misconfigured(f"{where}, line {at}: there is no time zone {task.timezone!r}.") from error
    if task.cron is not None:
        try:
            expression = cron.checked(task.cron, task.timezone or zone, datetime.now(UTC))
        except UserError as error:
            raise Misconfigured(f"{where}, line {lines['cron']}: {error}") from error
        task = task.model_copy(update={"cron": expression})
    return task


def _plain(node: yaml.Node) -> dict[str, Any]:
    built: Any = yaml.SafeLoader("")
    try:
        found: dict[str, Any] = built.construct_document(node)
    finally:
        built.dispose()
    return {str(key): value for key, value in found.items()}


def _line(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 1
