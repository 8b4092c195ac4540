"""Roles: what a worker process may be told to serve. A new role, or a new part of one, is a line here.

Each role has a task queue of its own, so that it can run where it may reach what others may not. The
embedded stack serves all of them in one process.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from clara.errors import Misconfigured
from temporal import queues
from workers.parts.accounts import accounts
from workers.parts.approvals import approvals
from workers.parts.chat import chat
from workers.parts.files import files
from workers.parts.github import github
from workers.parts.memory import memory
from workers.parts.notices import notices
from workers.parts.part import Part
from workers.parts.plugins import plugin_tools, plugins
from workers.parts.sandbox import sandbox, sandbox_tools
from workers.parts.tools import tools
from workers.parts.turns import turns
from workers.parts.web import web
from workflows.accounts import ConnectAccountWorkflow
from workflows.chat import ChatActionWorkflow
from workflows.conversations.conversation import ConversationWorkflow
from workflows.logins import PluginLoginWorkflow
from workflows.notices import NoticeWorkflow
from workflows.plugins import (
    PluginInstallWorkflow,
    PluginRefreshWorkflow,
    PluginRemoveWorkflow,
    PluginSearchWorkflow,
)
from workflows.reindex import ReindexMemoriesWorkflow
from workflows.remember import MemoryCommandWorkflow, RememberWorkflow
from workflows.turns.turn import TurnWorkflow


@dataclass(frozen=True)
class Role:
    name: str
    queue: str
    parts: tuple[Part, ...]
    workflows: tuple[type, ...] = ()


ROLES = (
    # First, so that where one process serves all of them its tools are those that can be run.
    Role("sandbox", queues.SANDBOX, parts=(sandbox,)),
    Role("plugins", queues.PLUGINS, parts=(plugins,)),
    Role(
        "clara",
        queues.TURNS,
        parts=(
            turns,
            tools,
            memory,
            notices,
            approvals,
            accounts,
            github,
            files,
            web,
            chat,
            sandbox_tools,
            plugin_tools,
        ),
        workflows=(
            ConversationWorkflow,
            TurnWorkflow,
            RememberWorkflow,
            MemoryCommandWorkflow,
            ReindexMemoriesWorkflow,
            NoticeWorkflow,
            ChatActionWorkflow,
            ConnectAccountWorkflow,
            PluginInstallWorkflow,
            PluginRefreshWorkflow,
            PluginRemoveWorkflow,
            PluginSearchWorkflow,
            PluginLoginWorkflow,
        ),
    ),
)


WORKFLOWS = tuple(workflow for role in ROLES for workflow in role.workflows)


def chosen(names: Sequence[str]) -> tuple[Role, ...]:
    """The roles of these names, or all of them; Misconfigured names one that does not exist."""
    known = {role.name: role for role in ROLES}
    if unknown := [name for name in names if name not in known]:
        raise Misconfigured(f"There is no role {unknown[0]!r}. There are: {', '.join(known)}.")
    return tuple(role for role in ROLES if role.name in names) or ROLES
