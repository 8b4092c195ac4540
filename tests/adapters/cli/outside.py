"""A tool whose result comes from outside, which the worker under test loads through CLARA_TOOLS."""

from datetime import timedelta
from typing import Any

from activities.tools.tool import Arguments, Context, Tool
from activities.tools.waiting import Waits


class Question(Arguments):
    whom: str


async def ask(arguments: Question, context: Context) -> str:
    raise Waits(f"an answer of {arguments.whom}", timedelta(days=7))


TOOLS: tuple[Tool[Any], ...] = (Tool("ask_person", "Asks somebody.", Question, ask),)
