"""What people do with their own memory, the same in the terminal and in Discord."""

from activities.memory.commands.run import run

__all__ = ["run"]
