"""Tools of class ``write`` that a worker under test loads through CLARA_TOOLS.

``record`` can be looked up afterwards; ``shout`` cannot, so a lost outcome of it stays unknown.
``build`` is work of a slow service: it takes effect after ``takes`` seconds and can be looked up.
``announce`` reaches other people, so it is asked about. ``wait`` is no write: its result comes from outside.
"""

import os
from datetime import timedelta
from typing import Any

import httpx2

from activities.tools.tool import Arguments, Context, Tool, Verdict
from activities.tools.waiting import Waits
from clara.tools.tool import Effect, Risk


class Thing(Arguments):
    name: str


class Work(Thing):
    takes: float = 0


def _url(thing: Thing) -> str:
    return f"{os.environ['CLARA_TEST_WORLD']}/{thing.name}"


async def change(thing: Thing, context: Context) -> str:
    takes = {"takes": thing.takes} if isinstance(thing, Work) else None
    async with httpx2.AsyncClient(timeout=60) as http:
        response = await http.post(_url(thing), params=takes)
    response.raise_for_status()
    return f"{thing.name} is recorded"


async def look(thing: Thing, context: Context) -> Verdict:
    async with httpx2.AsyncClient(timeout=10) as http:
        response = await http.get(_url(thing))
    return Verdict("done" if response.status_code == 200 else "not_done", f"{thing.name} is recorded")


async def wait(thing: Thing, context: Context) -> str:
    raise Waits(f"news of {thing.name}", timedelta(days=7))


QUICK, SOON = timedelta(seconds=5), timedelta(seconds=2)

TOOLS: tuple[Tool[Any], ...] = (
    Tool(
        "record", "Records a thing.", Thing, change,
        effect=Effect.WRITE, timeout=QUICK, verify=look, settles_within=SOON, risk=Risk.CHANGE,
    ),
    Tool("shout", "Shouts a thing.", Thing, change, effect=Effect.WRITE, timeout=QUICK, risk=Risk.CHANGE),
    Tool("build", "Builds a thing.", Work, change, effect=Effect.WRITE, verify=look, risk=Risk.CHANGE),
    Tool(
        "announce", "Announces a thing.", Thing, change,
        effect=Effect.WRITE, timeout=QUICK, verify=look, settles_within=SOON, risk=Risk.OUTWARD,
    ),
    Tool("wait", "Waits for news.", Thing, wait),
)  # fmt: skip
