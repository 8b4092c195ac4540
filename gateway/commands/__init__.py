"""The commands. A new one is a module below and a line here.

Each is imported when it is called, and imports what it needs when it runs, so that --version answers at once.
"""

from collections.abc import Mapping
from importlib import import_module

import click

from clara import __version__

COMMANDS: Mapping[str, str] = {
    "chat": "chat",
    "setup": "setup",
    "start": "stack",
    "stop": "stack",
    "restart": "stack",
    "status": "status",
    "logs": "logs",
    "doctor": "doctor",
    "install": "install",
    "adapter": "adapter",
    "db": "db",
    "turn": "turn",
    "tools": "tools",
    "mcp": "mcp",
    "budget": "budget",
    "usage": "usage",
    "audit": "audit",
    "approvals": "approvals",
    "grants": "grants",
    "schedule": "schedule",
    "person": "person",
    "memory": "memory",
    "accounts": "accounts",
    "secrets": "secrets",
}
"""Each command and its module, in the order of the help."""


class Commands(click.Group):
    """Those of the registry."""

    def list_commands(self, _: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, _: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        command: click.Command = getattr(import_module(f"{__name__}.{COMMANDS[name]}"), name)
        return command


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, message="Clara %(version)s")
def clara() -> None:
    """Clara, your personal assistant: talk to her, run her, look after her."""
