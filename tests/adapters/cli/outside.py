"""Tools that the worker under test loads: one that waits, one that is asked about, one that makes files."""

from datetime import timedelta
from typing import Any

from activities.tools.tool import Arguments, Context, File, Tool, ToolOutput
from activities.tools.waiting import Waits
from clara.tools.tool import Effect


class Question(Arguments):
    whom: str


async def ask(arguments: Question, context: Context) -> str:
    raise Waits(f"an answer of {arguments.whom}", timedelta(days=7))


class Announcement(Arguments):
    text: str


async def announce(arguments: Announcement, context: Context) -> str:
    return f"announced {arguments.text}."


class Drawing(Arguments):
    names: list[str]


async def draw(arguments: Drawing, context: Context) -> ToolOutput:
    return ToolOutput("drawn", tuple(File(name, "text/plain", f"a {name}".encode()) for name in arguments.names))


TOOLS: tuple[Tool[Any], ...] = (
    Tool("ask_person", "Asks somebody.", Question, ask),
    Tool(
        "announce", "Tells everybody.", Announcement, announce,
        effect=Effect.WRITE, view=lambda announcement: f'"{announcement.text}" to everybody',
    ),
    Tool("draw", "Draws files.", Drawing, draw),
)  # fmt: skip
