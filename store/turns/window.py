"""What a model reads of a conversation, in one statement: its newest turns, with answers and results.

Each turn comes with its *version*. Whoever still has what was made of that version says so, and is then
spared the turn's content: of a long conversation only the last turns have changed since the last step.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, LiteralString

from pydantic import TypeAdapter

from clara.approvals.taint import Taint
from clara.messages import Part
from clara.tools.provenance import Provenance
from store import budgets
from store.database import Pool
from store.turns import taint, turns
from store.turns.steps import KeptFile
from store.turns.turns import Turn


@dataclass(frozen=True)
class StepAnswer:
    """What the model said in one step."""

    step: int
    parts: tuple[Part, ...]


@dataclass(frozen=True)
class Result:
    """What a tool brought, as far as the model reads it."""

    step: int
    call_id: str
    preview: str
    is_error: bool
    files: tuple[KeptFile, ...]
    tool: str = ""
    provenance: Provenance = Provenance.CLARA
    source: str = ""
    """Whose words it is, where these are others'."""


@dataclass(frozen=True)
class Content:
    turn: Turn
    answers: list[StepAnswer]
    results: dict[tuple[int, str], Result]
    """By step and call."""


@dataclass(frozen=True)
class PastTurn:
    """A turn of the window; ``content`` is None where the reader has what was made of this version."""

    id: str
    position: int
    version: str
    content: Content | None


@dataclass(frozen=True)
class Window:
    """``past`` is in order. ``unsettled``: the current turn has effects whose outcome is unknown."""

    past: list[PastTurn]
    current: Content
    waits: bool
    """Some of these turns wait for something outside, or have waited."""
    unsettled: bool
    taint: Taint
    """What the turn has read with all this."""
    limited: bool
    """Some budget was set by command."""
    context_tokens: int | None
    """Learned from a refusal: the provider of this conversation cannot read more."""


_ANSWERS: TypeAdapter[list[StepAnswer]] = TypeAdapter(list[StepAnswer])
_RESULTS: TypeAdapter[list[Result]] = TypeAdapter(list[Result])

# xmin changes with every change of a row, also where a row is written anew under the same id. Answers and results
# are only ever added, so their number is their version.
_TURNS: LiteralString = """
    select t.*, c.context_tokens, concat_ws('.', t.xmin,
        (select count(*) from steps s where s.turn_id = t.id),
        (select count(*) from tool_results r where r.turn_id = t.id)) as version
    from turns t join conversations c on c.id = t.conversation_id
    where t.conversation_id = %(conversation)s and t.position <= %(position)s
        and (t.position > c.fresh_after or t.position = %(position)s)
    order by t.position desc limit %(limit)s + 1"""
_READ: LiteralString = f"""
    with t as materialized ({_TURNS}), {taint.NEAREST}
    select t.id, t.position, t.version, t.context_tokens, k.id is null as is_new, {taint.COLUMNS},
        case when k.id is null then t.message::text end as message,
        t.status, t.tier, t.reply, t.started_at, t.ended_at, t.shown_at, t.offer_id, t.mark,
        case when k.id is null then (
            select json_agg(json_build_object('step', s.step, 'parts', s.parts) order by s.step)
            from steps s where s.turn_id = t.id)::text end as answers,
        case when k.id is null then (
            select json_agg(json_build_object(
                'step', r.step, 'call_id', r.call_id, 'preview', r.preview, 'is_error', r.is_error, 'files', r.files,
                'tool', r.tool, 'provenance', r.provenance, 'source', r.source))
            from tool_results r where r.turn_id = t.id)::text end as results,
        t.status = 'running' and exists (select from waits w where w.turn_id = t.id) as waits,
        t.position = %(position)s and exists (
            select from effects e where e.turn_id = t.id and e.state in ('ambiguous', 'intended')) as unsettled,
        {budgets.ANY_LIMIT} as limited
    from t left join unnest(%(known)s::text[], %(versions)s::text[]) k (id, version)
        on k.id = t.id and k.version = t.version
    order by t.position"""


async def read(pool: Pool, turn: Turn, limit: int, known: Mapping[str, str]) -> Window | None:
    """``turn`` and the newest ``limit`` turns before it, as far back as its conversation is read.

    ``known`` is the version of each turn whose content is not needed. None if the turn itself is gone.
    """
    parameters = {
        "conversation": turn.message.conversation.id,
        "position": turn.position,
        "turn": turn.id,
        "user": turn.message.user.id,
        "limit": limit,
        "known": list(known),
        "versions": list(known.values()),
    }
    async with pool.connection() as connection:
        rows = await (await connection.execute(_READ, parameters)).fetchall()
    if not rows or rows[-1]["id"] != turn.id:
        return None
    current = _content(rows[-1])
    past = [
        PastTurn(row["id"], row["position"], row["version"], _content(row) if row["is_new"] else None)
        for row in rows[:-1]
    ]
    return Window(
        past,
        current,
        waits=any(row["waits"] for row in rows),
        unsettled=rows[-1]["unsettled"],
        taint=taint.of_rows(rows[::-1]),
        limited=rows[-1]["limited"],
        context_tokens=rows[-1]["context_tokens"],
    )


def _content(row: dict[str, Any]) -> Content:
    results = _RESULTS.validate_json(row["results"]) if row["results"] else []
    return Content(
        turns.of_row(row),
        _ANSWERS.validate_json(row["answers"]) if row["answers"] else [],
        {(result.step, result.call_id): result for result in results},
    )
