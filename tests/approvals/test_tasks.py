"""How often a person is asked about ordinary wishes: never for looking, for their own things, and for code."""

import sys
import tomllib
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from activities.tools.tool import Tool
from clara.approvals.leaking import carries
from clara.approvals.policy import Call, decide
from clara.approvals.taint import Taint
from clara.tools.provenance import Provenance

TASKS: list[tuple[str, str, bool, list[str]]] = [
    tuple(each) for each in tomllib.loads((Path(__file__).parent / "tasks.toml").read_text())["tasks"]
]
FOUND = "1. https://found.example/1 and 2. https://found.example/2 and https://found.example/3"
MOST = {"look": 0, "own": 0, "code": 0, "search": 1, "other": 1}


def questions(tools: dict[str, Tool[Any]], said: str, before: bool, calls: list[str]) -> int:
    """How often a model asks that makes these calls, one in each step."""
    taint = Taint(others=("the page found.example/0",) if before else (), private=True)
    read = [FOUND] if before else []
    asked = 0
    for each in calls:
        name, _, sent = each.partition(": ")
        tool = tools[name]
        leaks = tool.sends is not None and carries([sent], said, read)
        call = Call(name, tool.offered.risk, remembers=tool.remembers, leaks=leaks)
        asked += decide(call, taint).what == "ask"
        if tool.provenance is Provenance.OTHERS:
            taint = taint.joined(Taint(others=(f"what {name} brought",)))
            read.append(FOUND)
    return asked


@pytest.mark.parametrize(("kind", "said", "before", "calls"), TASKS, ids=[each[1] for each in TASKS])
def test_a_wish_of_the_persons_own_is_not_asked_about(
    tools: dict[str, Tool[Any]], kind: str, said: str, before: bool, calls: list[str]
) -> None:
    assert questions(tools, said, before, calls) <= MOST[kind]


def test_how_many_questions_there_are(tools: dict[str, Tool[Any]]) -> None:
    assert len(TASKS) == 60
    tasks, asked = Counter[str](), Counter[str]()
    for kind, said, before, calls in TASKS:
        tasks[kind] += 1
        asked[kind] += questions(tools, said, before, calls)
    lines = [f"{kind:10}{tasks[kind]:4} wishes{asked[kind]:4} questions" for kind in tasks]
    sys.stdout.write("\n" + "\n".join(lines) + "\n")
    assert asked.total() <= 10
