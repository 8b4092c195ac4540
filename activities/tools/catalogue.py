"""All toolsets of an installation, and what one person may use of them now."""

import asyncio
import importlib
import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from activities.tools.tool import Tool
from activities.tools.toolset import Offering, Toolset, fixed
from clara.errors import Misconfigured, Unavailable
from clara.messages import Incoming
from clara.tools.offer import Candidate
from clara.tools.tool import Audience
from temporal.processes.interceptor import AWAY

log = logging.getLogger(__name__)

OFFER_S = 5.0
"""A toolset that takes longer is left out of the turn."""

OPERATORS_OWN = "CLARA_TOOLS"


@dataclass(frozen=True)
class Available:
    """What a person may use now."""

    tools: Mapping[str, Tool[Any]]
    toolset_of: Mapping[str, str]
    """The name of the toolset of each tool, or of a part of one: ``plugins/exa``."""
    core: frozenset[str]
    """The names of tools that are always offered."""
    missing: Mapping[str, str]
    """By the name of a tool or toolset that cannot be used now: why."""

    def candidates(self) -> list[Candidate]:
        return [
            Candidate(tool.offered, self.toolset_of[name], name in self.core, tool.tokens)
            for name, tool in self.tools.items()
        ]


class Catalogue:
    """Toolsets by name. It is filled while a worker is built."""

    def __init__(self, toolsets: Iterable[Toolset] = ()) -> None:
        self._toolsets: dict[str, Toolset] = {}
        self._names: set[str] = set()
        self.add(toolsets)

    def __contains__(self, toolset: str) -> bool:
        return toolset in self._toolsets

    @property
    def names(self) -> frozenset[str]:
        """Of the tools that are the same for everybody."""
        return frozenset(self._names)

    def add(self, toolsets: Iterable[Toolset]) -> None:
        for toolset in toolsets:
            if toolset.name in self._toolsets:
                raise Misconfigured(f"Two toolsets are called {toolset.name}; rename one of them.")
            for tool in toolset.fixed:
                if tool.name in self._names:
                    raise Misconfigured(f"Two tools are called {tool.name}; rename one of them.")
                self._names.add(tool.name)
            self._toolsets[toolset.name] = toolset

    async def available(self, message: Incoming) -> Available:
        """The tools of the person who wrote ``message``. A toolset that cannot tell its own is left out."""
        asked = await asyncio.gather(*(_ask(toolset, message) for toolset in self._toolsets.values()))
        tools: dict[str, Tool[Any]] = {}
        toolset_of: dict[str, str] = {}
        core: set[str] = set()
        missing: dict[str, str] = {}
        for toolset, found in zip(self._toolsets.values(), asked, strict=True):
            missing.update(found.missing)
            for tool in found.tools:
                if tool.name in tools:
                    # The first one keeps the name: nothing can take over the name of a tool of Clara's own.
                    missing[f"{toolset.name}/{tool.name}"] = f"{toolset_of[tool.name]} has a tool of the same name"
                elif tool.audience is Audience.EVERYONE or message.admin:
                    part = found.parts.get(tool.name)
                    tools[tool.name], toolset_of[tool.name] = tool, f"{toolset.name}/{part}" if part else toolset.name
                    if toolset.core:
                        core.add(tool.name)
        return Available(tools, toolset_of, frozenset(core), missing)


async def _ask(toolset: Toolset, message: Incoming) -> Offering:
    try:
        async with asyncio.timeout(OFFER_S):
            return await toolset.offer(message)
    except (TimeoutError, Unavailable) as error:
        why = str(error) or f"it did not answer within {OFFER_S:g} s"
        log.warning("%s: the tools of %s are left out: %s", message.turn_id, toolset.name, why)
        return Offering((), {toolset.name: why})
    except AWAY:
        raise  # Clara's own database: the whole turn waits for it
    except Exception as error:
        # One subject's mistake must not keep its person from every answer.
        log.exception("%s: the tools of %s are left out", message.turn_id, toolset.name)
        return Offering((), {toolset.name: f"it broke ({type(error).__name__}); the worker's log says where"})


def load(modules: Sequence[str]) -> Toolset:
    """The tools of ``CLARA_TOOLS``: importable modules with a ``TOOLS`` sequence. They are always offered."""
    tools: list[Tool[Any]] = []
    for name in modules:
        try:
            tools += importlib.import_module(name).TOOLS
        except (ImportError, AttributeError) as error:
            raise Misconfigured(
                f"CLARA_TOOLS: must name importable modules with a TOOLS sequence, but {name}: {error}"
            ) from error
    return fixed(OPERATORS_OWN, tools, core=True)
