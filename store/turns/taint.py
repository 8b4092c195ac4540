"""What a turn has read of other people's words and of private ones, found out at each step and kept with the turn."""

import json
from collections.abc import Sequence
from typing import Any, LiteralString

from psycopg.types.json import Jsonb

from clara.approvals.taint import Source, Taint, TurnRead, taint
from clara.llm import history
from clara.messages import Attachment, Quoted
from clara.tools.provenance import Provenance
from store.database import Pool
from store.turns import turns
from store.turns.turns import Turn

LATER = 5
"""Turns after one that has waited, which it reads as well."""

# For a statement whose ``t`` are turns. The nearest turn that is pinned has read what stands before it, so of the turns
# before it only those count that ended later: they may have waited, and read more.
NEAREST: LiteralString = """
    nearest as (
        select position, started_at from t where taint is not null and id <> %(turn)s order by position desc limit 1
    )"""
COLUMNS: LiteralString = """
    case when t.id = %(turn)s or t.position = (select position from nearest) then t.taint::text end as taint,
    case when t.user_id <> %(user)s then coalesce(t.message->'user'->>'name', t.user_id) end as stranger,
    case when t.taint is null or t.id = %(turn)s then json_build_object(
        'origin', t.message->'origin', 'vouched', t.message->'vouched',
        'quoted', t.message->'quoted', 'attachments', t.message->'attachments'
    )::text end as came,
    case when t.ended_at is null or (t.position < (select position from nearest)
        and t.ended_at < (select started_at from nearest)) is not true then (
        select json_agg(distinct jsonb_build_array(r.tool, r.provenance, r.source, r.private))::text
        from tool_results r where r.turn_id = t.id and (r.provenance = 'others' or r.private)) end as brought,
    case when t.id = %(turn)s then (
        select m.items::text from memory_recalls m where m.turn_id = t.id) end as recalled"""

# As much as the model can be shown at most; what of it is shown depends on the provider.
_READ: LiteralString = f"""
    with me as (
        select t.position, t.conversation_id, c.fresh_after
        from turns t join conversations c on c.id = t.conversation_id where t.id = %(turn)s
    ), t as materialized (
        (select t.* from turns t, me where t.conversation_id = me.conversation_id and t.position <= me.position
            and (t.position > me.fresh_after or t.id = %(turn)s) order by t.position desc limit %(window)s + 1)
        union all
        (select t.* from turns t, me where t.conversation_id = me.conversation_id and t.position > me.position
            order by t.position desc limit %(later)s)
    ), {NEAREST}
    select {COLUMNS} from t order by t.id <> %(turn)s, t.position desc"""


async def grow(pool: Pool, turn: Turn) -> Taint:
    """Find out what a turn reads, and what was said after it as well, and keep that with it."""
    parameters = {
        **{"turn": turn.id, "user": turn.message.user.id},
        **{"window": history.WINDOW + history.STRIDE, "later": LATER},
    }
    async with pool.connection() as connection:
        rows = await (await connection.execute(_READ, parameters)).fetchall()
        found = of_rows(rows)
        await connection.execute(f"update turns {PIN} where id = %(turn)s", {"turn": turn.id, "taint": dumped(found)})
    return found


PIN: LiteralString = "set taint = coalesce(%(taint)s, taint)"


def dumped(found: Taint | None) -> Jsonb | None:
    """For ``PIN``; None changes nothing."""
    return None if found is None else Jsonb(found.model_dump(mode="json"))


def of_rows(rows: Sequence[dict[str, Any]]) -> Taint:
    """The taint of the first of these turns, which have COLUMNS: the others are beside it, the nearest first."""
    if not rows:
        return Taint()  # it is gone, and nothing can be read in it any more
    current, *beside = [_of_row(row) for row in rows]
    return taint(current, beside)


_OUTSIDE: LiteralString = """
    with me as (
        select t.id, t.conversation_id, t.position, t.message, c.fresh_after
        from turns t join conversations c on c.id = t.conversation_id where t.id = %(turn)s
    ), seen as (
        select t.id from turns t, me where t.conversation_id = me.conversation_id and t.position <= me.position
            and (t.position > me.fresh_after or t.id = me.id) order by t.position desc limit %(window)s + 1
    ), brought as (
        select r.preview from tool_results r where r.turn_id in (select id from seen) and r.tool = any(%(tools)s)
            and r.provenance = 'others' and not r.private order by r.created_at desc limit %(most)s
    )
    select preview as text from brought
    union all select q->>'text' from me, jsonb_array_elements(me.message->'quoted') q where not (q->>'is_clara')::bool
    union all select f.text from me, jsonb_array_elements(me.message->'attachments') a
        join file_readings f on f.blob_id::text = a->>'blob_id' where f.kind = 'text'"""

OUTSIDE_RESULTS = 40
"""The newest results in which an address is looked up."""


async def outside(pool: Pool, turn_id: str, tools: Sequence[str]) -> list[str]:
    """What others wrote that no model had a hand in: what ``tools`` brought, and what came with the message."""
    window = history.WINDOW + history.STRIDE
    parameters = {"turn": turn_id, "tools": list(tools), "window": window, "most": OUTSIDE_RESULTS}
    async with pool.connection() as connection:
        rows = await (await connection.execute(_OUTSIDE, parameters)).fetchall()
    return [row["text"] for row in rows]


async def is_any_touched(pool: Pool, turn_ids: Sequence[str]) -> bool:
    """Whether others' words are in any of these turns, and may be in their replies."""
    async with pool.connection() as connection:
        row = await (
            await connection.execute(
                "select exists (select from turns t where id = any(%s) and ("
                " coalesce(taint->'others', '[]') <> '[]'"
                " or jsonb_array_length(coalesce(message->'quoted', '[]')) > 0"
                " or jsonb_array_length(coalesce(message->'attachments', '[]')) > 0"
                " or exists (select from tool_results r where r.turn_id = t.id and r.provenance = 'others')"
                ")) as touched",
                (list(turn_ids),),
            )
        ).fetchone()
    return row is not None and row["touched"]


async def of_turn(pool: Pool, turn_id: str) -> Taint:
    """What a turn had read when the model was asked last; found out now where it never was."""
    async with pool.connection() as connection:
        row = await (await connection.execute("select taint::text from turns where id = %s", (turn_id,))).fetchone()
    if row is not None and row["taint"] is not None:
        return Taint.model_validate_json(row["taint"])
    turn = await turns.get(pool, turn_id)
    return await grow(pool, turn) if turn else Taint()


def _of_row(row: dict[str, Any]) -> TurnRead:
    message = json.loads(row["came"]) if row["came"] else {}
    recalled = json.loads(row["recalled"]) if row["recalled"] else []
    return TurnRead(
        results=[
            Source(tool, Provenance(origin), name, private)
            for tool, origin, name, private in json.loads(row["brought"] or "[]")
        ],
        origin=message.get("origin") or "person",
        vouched=bool(message.get("vouched")),
        quoted=[Quoted.model_validate(each) for each in message.get("quoted") or ()],
        attachments=[Attachment.model_validate(each) for each in message.get("attachments") or ()],
        stranger=row["stranger"],
        recalled=bool(recalled),
        reworded=any(not each.get("quoted", False) for each in recalled if each.get("kind") not in _THEIRS),
        pinned=Taint.model_validate_json(row["taint"]) if row["taint"] else None,
    )


_THEIRS = (None, "emotional")
"""Kinds that Clara words and that can hold nothing but moods and relations of what the person said."""
