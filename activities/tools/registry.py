"""All tools of this installation, and which of them a person may use."""

import hashlib
import importlib
import json
from collections.abc import Iterable, Sequence
from typing import Any

from activities.tools.builtin import clock, notes, transcript
from activities.tools.tool import Tool
from clara.errors import Misconfigured
from clara.messages import ToolCallPart
from clara.models import ToolSchema
from clara.tools import Audience, Effect, label
from clara.turn import ToolCallRef

BUILT_IN: tuple[Tool[Any], ...] = (*clock.TOOLS, *transcript.TOOLS, *notes.TOOLS)


class Toolbox:
    """Tools by name. Names are unique: a second tool of a name is refused, not shadowed."""

    def __init__(self, tools: Iterable[Tool[Any]] = ()) -> None:
        self._tools: dict[str, Tool[Any]] = {}
        self.add(tools)

    def add(self, tools: Iterable[Tool[Any]]) -> None:
        for tool in tools:
            if tool.name in self._tools:
                raise Misconfigured(f"Two tools are called {tool.name}; rename one of them.")
            self._tools[tool.name] = tool

    def find(self, name: str, is_admin: bool) -> Tool[Any] | None:
        """The tool, if there is one that the person may use."""
        tool = self._tools.get(name)
        return tool if tool and _may_use(tool, is_admin) else None

    def schemas(self, is_admin: bool) -> tuple[ToolSchema, ...]:
        """What the model is offered, always in the same order, so that prompts can be cached."""
        return tuple(tool.schema for _, tool in sorted(self._tools.items()) if _may_use(tool, is_admin))

    def reference(self, call: ToolCallPart) -> ToolCallRef:
        """What a workflow needs to know of a call. Unknown tools pass: running them tells the model so."""
        tool = self._tools.get(call.name)
        text = json.dumps([call.name, call.arguments, call.malformed], sort_keys=True, ensure_ascii=False)
        return ToolCallRef(
            id=call.id,
            name=call.name[:100],
            effect=tool.effect if tool else Effect.READ,
            timeout_s=tool.timeout.total_seconds() if tool else 5,
            fingerprint=hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:16],
            label=label(call),
        )


def _may_use(tool: Tool[Any], is_admin: bool) -> bool:
    return tool.audience is Audience.EVERYONE or is_admin


def load(modules: Sequence[str]) -> list[Tool[Any]]:
    """The tools of ``CLARA_TOOLS``: importable modules with a ``TOOLS`` sequence."""
    tools: list[Tool[Any]] = []
    for name in modules:
        try:
            tools += importlib.import_module(name).TOOLS
        except (ImportError, AttributeError) as error:
            raise Misconfigured(
                f"CLARA_TOOLS: must name importable modules with a TOOLS sequence, but {name}: {error}"
            ) from error
    return tools
