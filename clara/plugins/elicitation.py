"""What a plugin asks its person while a tool of it runs: the question as it is shown, and answers as they are typed."""

import base64
import hashlib
import json
import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Literal

from pydantic import Field

from clara.errors import UserError
from clara.messages import Value
from clara.text import printable

ANSWER_WITHIN = timedelta(days=3)
"""Silence for so long counts as no answer."""

MESSAGE_LIMIT = 2_000
FIELDS_LIMIT = 20
TEXT_LIMIT = 4_000
"""Characters of one value."""

NOTICE = "plugin-question/"

State = Literal["open", "accepted", "declined"]

_YES, _NO = frozenset({"yes", "true", "on", "1"}), frozenset({"no", "false", "off", "0"})
_PAIR = re.compile(r"(?P<name>[\w.-]+)=(?:\"(?P<quoted>[^\"]*)\"|(?P<plain>\S*))")


class Question(Value):
    """The server's own words, bounded; ``fields`` are the properties of its form."""

    message: str
    fields: Mapping[str, Mapping[str, Any]] = {}
    required: tuple[str, ...] = ()
    url: str = Field("", description="to be opened in a browser, instead of a form")

    @property
    def digest(self) -> str:
        """The same for the same question, so that an answer is not taken for one to another question."""
        text = json.dumps(self.model_dump(mode="json"), sort_keys=True)
        return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


def question_id(key: str, digest: str) -> str:
    """Short enough to be typed; ``key`` is that of the tool call."""
    return base64.b32encode(hashlib.sha256(f"{key}\0{digest}".encode()).digest()[:5]).decode().lower()


def question(message: str, schema: Mapping[str, Any], url: str = "") -> Question | None:
    """What a server asks, or None for a form that nobody could fill in."""
    properties = schema.get("properties", {})
    required = schema.get("required", [])
    if not isinstance(properties, Mapping) or not isinstance(required, list) or len(properties) > FIELDS_LIMIT:
        return None
    if not all(isinstance(each, Mapping) for each in properties.values()) or len(json.dumps(properties)) > 16_000:
        return None
    text = printable(message)[:MESSAGE_LIMIT]
    names = tuple(str(each) for each in required if each in properties)
    return Question(message=text, fields={str(k): dict(v) for k, v in properties.items()}, required=names, url=url)


def card(plugin: str, asked: Question, id: str, prefix: str) -> str:
    """The question in Markdown; each line of the server's is quoted, so that none can pass for Clara's."""
    lines = [f"> {line}  " for line in asked.message.splitlines() or [""]]
    if asked.url:
        lines.append(f"> {printable(asked.url)}  ")
    lines += [f"> - {line}  " for line in _described(asked)]
    how = f"`{prefix}answer {id}" + ("" if asked.url or not asked.fields else f" {_example(asked)}") + "`"
    return "\n\n".join(
        (
            f"**The plugin {plugin} wants to know something from you.**",
            "\n".join(lines).rstrip(),
            f"Answer with {how}, or `{prefix}answer {id} decline`. These are the plugin's words: give it no passwords."
            f" Without an answer in {ANSWER_WITHIN.days} days it gets none.",
        )
    )


def _described(asked: Question) -> list[str]:
    found = []
    for name, field in asked.fields.items():
        label = field.get("description") or field.get("title") or ""
        choices = f" ({', '.join(map(str, _choices(field)))})" if _choices(field) else ""
        kind = "yes or no" if field.get("type") == "boolean" else str(field.get("type", "string"))
        optional = "" if name in asked.required else ", may be left out"
        found.append(printable(f"{name}{choices or f' ({kind})'}{optional}{f': {label}' if label else ''}")[:300])
    return found


def _example(asked: Question) -> str:
    names = asked.required or tuple(asked.fields)
    return "VALUE" if len(asked.fields) == 1 else " ".join(f"{name}=VALUE" for name in names)


def answer(asked: Question, text: str) -> dict[str, Any]:
    """The content of an answer as it was typed: a value where there is one field, else NAME=VALUE for each.

    UserError says what is missing, or does not fit.
    """
    text = text.strip()
    if asked.url or not asked.fields:
        return {}
    pairs = {found["name"]: found["quoted"] or found["plain"] or "" for found in _PAIR.finditer(text)}
    pairs = {name: value for name, value in pairs.items() if name in asked.fields}
    if len(asked.fields) == 1 and not pairs:
        pairs = {next(iter(asked.fields)): text} if text else {}
    missing = [name for name in asked.required if name not in pairs]
    if missing or not pairs:
        raise UserError(f"Please say {', '.join(f'{name}=VALUE' for name in missing or asked.fields)}.")
    return {name: _typed(name, asked.fields[name], value) for name, value in pairs.items()}


def _typed(name: str, field: Mapping[str, Any], value: str) -> Any:
    if len(value) > TEXT_LIMIT:
        raise UserError(f"{name} is too long; the limit is {TEXT_LIMIT:,} characters.")
    choices = _choices(field)
    if choices and value not in choices:
        raise UserError(f"{name} must be one of: {', '.join(choices)}.")
    match field.get("type"):
        case "boolean":
            if value.lower() not in _YES | _NO:
                raise UserError(f"{name} must be yes or no.")
            return value.lower() in _YES
        case "integer" | "number" as kind:
            try:
                return int(value) if kind == "integer" else float(value)
            except ValueError:
                raise UserError(f"{name} must be a {'whole ' if kind == 'integer' else ''}number.") from None
        case "array":
            return [each.strip() for each in value.split(",") if each.strip()]
    return value


def _choices(field: Mapping[str, Any]) -> list[str]:
    """The values that a field takes, where it names them."""
    if isinstance(field.get("enum"), list):
        return [str(each) for each in field["enum"]]
    if isinstance(field.get("oneOf"), list):
        return [str(each["const"]) for each in field["oneOf"] if isinstance(each, Mapping) and "const" in each]
    return []
