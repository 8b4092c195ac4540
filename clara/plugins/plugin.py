"""What a plugin is: an MCP server that somebody has installed, for themselves or for everybody."""

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import Field

from clara.messages import Value

Kind = Literal["npm", "github", "smithery", "smithery-hosted", "http", "command"]
"""How it was named when it was installed."""

State = Literal["installing", "ready", "enabled", "disabled", "failed", "removing"]
"""``ready``: it is installed and its tools are known, and nobody has said yes to it. Only ``enabled`` ones are used."""

EVERYBODY = ""
"""The owner of a plugin that an administrator has installed for all."""

ANYWHERE = "*"
"""Among the hosts of a plugin: every public address."""


class Launch(Value):
    """How a server is reached: by a command in a box of its own, or at an address."""

    command: tuple[str, ...] = Field((), description="the program and its arguments; empty for one at an address")
    url: str = Field("", description="of the MCP endpoint; empty for one that is run here")
    environment: dict[str, str] = Field({}, description="variables that are no secret")
    secrets: tuple[str, ...] = Field((), description="names of variables, or headers, whose values are kept sealed")
    hosts: tuple[str, ...] = Field((), description="what a command may reach, as in SANDBOX_ALLOWED_HOSTS; * is all")
    version: str = Field("", description="what was pinned: a version, a commit")
    digest: str = Field("", description="hash of what was installed, as sha512-… or sha256:…")


class Plugin(Value):
    """One of the store."""

    id: str = Field(description="[a-z0-9]{16}, made by Clara")
    owner: str = Field(description="a person's id, or EVERYBODY")
    name: str = Field(description="[a-z0-9][a-z0-9-]*, what people and tools call it")
    kind: Kind
    source: str = Field(description="as it was typed")
    launch: Launch = Launch()
    state: State = "installing"
    fault: str = Field("", description="why it failed, or what is the matter with it, as a sentence for people")
    generation: int = Field(0, description="grows with every change and restart: who runs an older one starts anew")
    revision: int = Field(0, description="grows when its tools, or the yes to them, change")
    installed_by: str = ""

    @property
    def is_local(self) -> bool:
        return bool(self.launch.command)


class PluginTool(Value):
    """A tool as its server described it last, and as it was when somebody said yes to it."""

    plugin_id: str
    name: str = Field(description="as the server calls it")
    description: str = ""
    parameters: Mapping[str, Any] = Field({}, description="JSON schema of its arguments")
    hints: Mapping[str, Any] = Field({}, description="the server's annotations, such as readOnlyHint; it may lie")
    approved: Mapping[str, Any] | None = Field(
        None, description="what somebody said yes to: see clara/plugins/trust.py; None for what never was"
    )
    present: bool = Field(True, description="whether the server still has it")


class Calls(Value):
    """How often a person called a tool."""

    plugin: str
    tool: str
    calls: int
    failures: int
    milliseconds: int = Field(description="of all of them together")


def place(plugin_id: str, user_id: str, name: str) -> str:
    """What the value of a variable is sealed for; ``user_id`` is a person's, or EVERYBODY."""
    return f"plugin/{plugin_id}/{user_id}/{name}"
