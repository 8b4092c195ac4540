"""What a typed line means."""

from dataclasses import dataclass

from adapters.cli.session.face import NAMES
from clara import phrases


@dataclass(frozen=True)
class TypedMessage:
    text: str


@dataclass(frozen=True)
class TypedCommand:
    name: str
    argument: str = ""


@dataclass(frozen=True)
class TypedMistake:
    """Neither a message nor a command; ``reason`` says what to do instead."""

    reason: str


Typed = TypedMessage | TypedCommand | TypedMistake


def read_line(line: str, busy: bool) -> Typed | None:
    """What ``line`` asks for; None if it is empty. ``busy``: a stop phrase would have something to stop."""
    text = line.strip()
    if not text:
        return None
    if text.startswith("//"):
        return TypedMessage(text[1:])
    if text.startswith("/"):
        # Commands are called /clara NAME elsewhere, and a reply may name one so.
        name, _, argument = text[1:].removeprefix("clara ").lstrip().partition(" ")
        if name.lower() in NAMES:
            return TypedCommand(name.lower(), argument.strip())
        return TypedMistake(
            f"There is no command /{name}: /help lists them. To send a text that begins with a slash, begin with //."
        )
    if busy and phrases.is_stop(text):
        return TypedCommand("stop")
    return TypedMessage(text)
