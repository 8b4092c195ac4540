"""A tool of a plugin, as Clara's tools are declared."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from activities.plugins.offering.asking import Notify
from activities.plugins.offering.calling import CALL_LIMIT, START_LIMIT, Calls, call, nobody_serves
from activities.tools.tool import Given, Tool
from clara.plugins import schemas
from clara.plugins.hints import nature
from clara.plugins.plugin import Plugin, PluginTool
from clara.text import printable
from clara.tools.provenance import Provenance
from store.database import Pool
from temporal import queues


def made(pool: Pool, servers: Calls | None, notify: Notify, plugin: Plugin, tool: PluginTool, name: str) -> Tool[Given]:
    """``servers`` is None where plugins are served by another worker."""
    kind = nature(plugin.launch, tool.hints)
    return Tool(
        name,
        f"[{plugin.name}] {printable(tool.description).strip()}".strip(),
        Given,
        partial(call, pool, servers, notify, plugin, tool.name, kind.effect) if servers else nobody_serves,
        effect=kind.effect,
        risk=kind.risk,
        timeout=CALL_LIMIT + START_LIMIT,
        provenance=Provenance.OTHERS,
        queue=queues.PLUGINS,
        sends=_sent if kind.sends else None,
        remembers=kind.remembers,
        private=True,
        parameters=schemas.for_model(tool.parameters),
        check=partial(_wrong, schemas.outline(tool.parameters)),
    )


def _sent(arguments: Given) -> Sequence[str]:
    """Whatever a server with a network is given is out."""
    return [*schemas.texts(arguments.root), *(str(each) for each in _numbers(arguments.root))]


def _numbers(value: Any) -> list[float]:
    match value:
        case bool() | None | str():
            return []
        case int() | float():
            return [value]
        case Mapping():
            return [number for each in value.values() for number in _numbers(each)]
        case list():
            return [number for each in value for number in _numbers(each)]
    return []


def _wrong(outline: Mapping[str, Any], arguments: Mapping[str, Any]) -> str | None:
    from jsonschema import Draft202012Validator  # takes as long to load as all of Clara's own schemas

    errors = Draft202012Validator(outline).iter_errors(arguments)
    found = [f"{'.'.join(map(str, each.absolute_path)) or 'arguments'}: {each.message[:300]}" for each in errors]
    return "; ".join(found[:5]) or None
