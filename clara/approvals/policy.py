"""Whether a tool call runs at once, is asked about, or is refused: one function, whose default is one table.

Rules of the operator come from ``policy.toml`` (clara/approvals/rules.py). They loosen and tighten the default, and
none of them reaches below the floor: what a person may not use at all stays refused.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from clara.approvals.rules import Rule
from clara.approvals.taint import Taint
from clara.messages import Value
from clara.tools.tool import Risk

REACHES = {
    Risk.LOOK: "It sends words of yours to the outside",
    Risk.CHANGE: "It writes what I read again later",
    Risk.OUTWARD: "It reaches other people",
    Risk.EXECUTE: "It runs code that could reach anything",
    Risk.ADMIN: "It changes what I am able to do",
}
LASTING = frozenset({Risk.LOOK, Risk.CHANGE, Risk.OUTWARD})
"""A yes to these may be given for later calls as well."""

MOST_SOURCES = 3


@dataclass(frozen=True)
class Call:
    """What is known of a call when it is about to run."""

    tool: str
    risk: Risk
    toolset: str = ""
    person: str = ""
    """Who asks, as ``<platform>:<id>``."""
    admin: bool = False
    remembers: bool = False
    """It writes what later turns read as something of Clara's own: memories, notes."""
    leaks: bool = False
    """It only looks, and what it sends for that could carry private words."""


class Decision(Value):
    """``why`` is a sentence, for the person where it is asked, for the model where it is refused."""

    what: Literal["run", "ask", "refuse"]
    why: str = ""
    lasting: bool = False
    """A yes may be given for later calls as well, and one that was given before counts: see store/grants.py."""


RUN = Decision(what="run")


def decide(call: Call, taint: Taint, rules: Sequence[Rule] = ()) -> Decision:
    """What becomes of a call, if no earlier yes of the person's counts for it.

    After other people's words no earlier yes counts, and a rule that loosens counts only where it names all of
    them: whoever wrote them must not use what was allowed for the person's own wishes.
    """
    if call.risk is Risk.ADMIN and not call.admin:
        return Decision(what="refuse", why=f"{call.tool} is for administrators, so it was not run.")
    rule = next((rule for rule in rules if rule.fits(call.tool, call.toolset, call.person, taint)), None)
    what = rule.decision if rule else _default(call, taint)
    if what == "refuse":
        return Decision(what="refuse", why=f"The policy of this installation forbids {call.tool}, so it was not run.")
    if what == "run":
        return RUN
    return Decision(what="ask", why=_why(call, taint), lasting=call.risk in LASTING and not taint)


def _default(call: Call, taint: Taint) -> Literal["run", "ask"]:
    match call.risk:
        case Risk.LOOK:
            return "ask" if call.leaks and taint and taint.private else "run"
        case Risk.CHANGE:
            return "ask" if call.remembers and taint else "run"
        case Risk.OUTWARD | Risk.EXECUTE | Risk.ADMIN:
            return "ask"


def _why(call: Call, taint: Taint) -> str:
    why = f"{REACHES[call.risk]}."
    if not taint:
        return why
    more = len(taint.others) - MOST_SOURCES
    named = ", ".join(taint.others[:MOST_SOURCES]) + (f" and {more} more" if more > 0 else "")
    return f"{why} I have read words of others, and they may be behind it: {named}."


_KINDS = (
    ("looks at something", Call("", Risk.LOOK)),
    (
        "looks outside, where what it sends could carry private words",
        Call("", Risk.LOOK, leaks=True),
    ),
    ("changes things of the person's own", Call("", Risk.CHANGE)),
    ("writes memories or notes", Call("", Risk.CHANGE, remembers=True)),
    ("reaches other people (`outward`)", Call("", Risk.OUTWARD)),
    ("runs code that could reach anything (`execute`)", Call("", Risk.EXECUTE)),
    ("changes Clara for everybody (`admin`), an administrator asks", Call("", Risk.ADMIN, admin=True)),
    ("changes Clara for everybody, anybody else asks", Call("", Risk.ADMIN)),
)


def table() -> str:
    """The default as a table in Markdown, for docs/safety.md."""
    lines = ["| a tool that … | has read the person's words | also other people's words |", "|---|---|---|"]
    for told, call in _KINDS:
        cells = [_cell(decide(call, taint)) for taint in (Taint(), Taint(others=("x",), private=True))]
        lines.append(f"| {told} | {cells[0]} | {cells[1]} |")
    return "\n".join(lines)


def _cell(decision: Decision) -> str:
    if decision.what == "ask":
        return "asks; a yes may last" if decision.lasting else "asks each time"
    return {"run": "runs", "refuse": "refused"}[decision.what]
