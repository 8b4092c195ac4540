"""All commands, in the order in which they are listed."""

from adapters.commands.accounts import ACCOUNTS, CONNECT, DISCONNECT
from adapters.commands.answer import ANSWER
from adapters.commands.approvals import ALLOW, APPROVALS, DENY
from adapters.commands.command import Command
from adapters.commands.files import FILES
from adapters.commands.grants import GRANTS
from adapters.commands.help import HELP
from adapters.commands.mcp import MCP
from adapters.commands.memory import MEMORY
from adapters.commands.mode import MODE
from adapters.commands.model import MODEL
from adapters.commands.new import NEW
from adapters.commands.project import PROJECT
from adapters.commands.schedules import SCHEDULES, TIMEZONE
from adapters.commands.status import STATUS
from adapters.commands.stop import STOP
from adapters.commands.tasks import TASKS
from adapters.commands.usage import USAGE

COMMANDS: tuple[Command, ...] = (
    STOP,
    TASKS,
    ALLOW,
    DENY,
    APPROVALS,
    ANSWER,
    GRANTS,
    NEW,
    MODEL,
    STATUS,
    USAGE,
    MODE,
    PROJECT,
    MEMORY,
    FILES,
    SCHEDULES,
    TIMEZONE,
    CONNECT,
    ACCOUNTS,
    DISCONNECT,
    MCP,
    HELP,
)


def offered(channels: bool) -> dict[str, Command]:
    """By name, what can be asked for where there are ``channels`` of several people, or where there are none."""
    return {command.name: command for command in COMMANDS if channels or not command.channels}
