"""What people do with their own memory, the same in the terminal and in Discord."""

from activities.memory.commands.run import run, run_kept

__all__ = ["run", "run_kept"]
