"""The commands that people give Clara in a chat, described once for every surface.

The terminal shows those of its surface as ``/name``, Discord as subcommands of ``/clara``.
"""

from dataclasses import dataclass, field
from typing import Literal

SHOWN_CHOICES = 5
"""More than these make a line that nobody reads."""

Surface = Literal["terminal", "discord"]


@dataclass(frozen=True)
class Option:
    name: str
    summary: str
    choices: tuple[str, ...] = ()
    required: bool = True


@dataclass(frozen=True)
class Command:
    name: str
    summary: str
    options: tuple[Option, ...] = ()
    surfaces: frozenset[Surface] = field(default_factory=lambda: frozenset({"terminal", "discord"}))
    admin: bool = False
    """Needs Manage Channels, Administrator or the admin role; the terminal belongs to its user."""

    @property
    def usage(self) -> str:
        """As typed, without the slash: ``model [high|mid|low|auto]``."""
        words = [self.name]
        for option in self.options:
            few = 0 < len(option.choices) <= SHOWN_CHOICES
            word = "|".join(option.choices) if few else option.name.upper()
            words.append(word if option.required else f"[{word}]")
        return " ".join(words)


_TERMINAL: frozenset[Surface] = frozenset({"terminal"})
_DISCORD: frozenset[Surface] = frozenset({"discord"})

COMMANDS: tuple[Command, ...] = (
    Command(
        "stop",
        "Stop what I am doing right now, or one of the tasks that wait",
        (Option("number", "which one, as /tasks counts them", required=False),),
    ),
    Command("tasks", "List the tasks that wait for something, such as somebody's answer"),
    Command("new", "Start a fresh conversation: I no longer read what was said before"),
    Command(
        "model",
        "Show or choose how capable a model answers here",
        (Option("tier", "the tier", ("high", "mid", "low", "default"), required=False),),
    ),
    Command("status", "Show what I am doing: the running message, the queue and the model"),
    Command("usage", "Show the tokens and the cost of your messages"),
    Command(
        "mode",
        "Choose when I answer in this channel",
        (Option("mode", "when I answer", ("active", "mention", "off")),),
        surfaces=_DISCORD,
        admin=True,
    ),
    Command(
        "project",
        "Show or set the project that we talk about here, with memories of its own",
        (Option("name", "the project's name, or none", required=False),),
    ),
    Command(
        "memory",
        "Look at what I remember of you, add to it, correct it or have it forgotten",
        (
            Option(
                "action",
                "what to do",
                ("list", "search", "add", "forget", "key", "why", "export", "forget-me", "status", "sharing"),
            ),
            Option("text", "words to search for, a fact to add, a memory's id, on or off, or yes", required=False),
        ),
    ),
    Command("help", "List these commands"),
    Command("quit", "Leave; whatever is running goes on", surfaces=_TERMINAL),
)


def for_surface(surface: Surface) -> tuple[Command, ...]:
    return tuple(command for command in COMMANDS if surface in command.surfaces)
