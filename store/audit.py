"""The audit: what ran, who asked for it, by whose approval, and what came of it.

It is only ever added to: a trigger refuses to change or delete a row, but for those of a person who is forgotten. A
call of a tool is written by the statement that keeps its result (``TOOL_RESULT``), a write that was cut with the end
of its turn, everything else by ``write``.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, LiteralString

from store.database import Connection, Pool
from store.people.personal import Personal

PERSONAL = (Personal("audit", "audit", "t.user_id = %(person)s"),)

Outcome = Literal["ok", "error", "unknown", "refused", "denied"]
"""``refused``: by Clara, as the policy has it; ``denied``: a person said no, or nothing in time."""

FORGETTING: LiteralString = "select set_config('clara.forgetting', %s, true)"
"""For the caller's transaction: the rows of this person may be deleted."""

TOOL_RESULT: LiteralString = """
    insert into audit (event, user_id, turn_id, step, call_id, tool, risk, approver, approval, outcome,
        arguments_sha256, result_sha256, result_size)
    select 'tool', t.user_id, kept.turn_id, kept.step, kept.call_id, kept.tool,
        coalesce(%(risk)s, (select o ->> 'risk' from offers, jsonb_array_elements(offers.tools) o
            where offers.id = t.offer_id and o ->> 'name' = kept.tool limit 1), ''),
        case when a.state is distinct from 'allowed' then '' when a.answered_by = t.user_id then 'person'
            when a.answered_by = 'operator' then 'operator' else 'administrator' end,
        coalesce(a.id, ''),
        case when a.state in ('denied', 'lapsed') then 'denied' when %(refused)s then 'refused'
            when kept.ambiguous then 'unknown' when kept.is_error then 'error' else 'ok' end,
        (select encode(sha256(convert_to((p -> 'arguments')::text, 'UTF8')), 'hex')
            from steps s, jsonb_array_elements(s.parts) p
            where s.turn_id = kept.turn_id and s.step = kept.step and p ->> 'type' = 'tool_call'
                and p ->> 'id' = kept.call_id limit 1),
        encode(sha256(coalesce((select b.data from blobs b where b.id = kept.blob_id),
            convert_to(kept.preview, 'UTF8'))), 'hex'),
        kept.size
    from kept join turns t on t.id = kept.turn_id
    left join approvals a on (a.turn_id, a.step, a.call_id) = (kept.turn_id, kept.step, kept.call_id)"""
"""The second half of a statement whose part ``kept`` is the new row of ``tool_results``."""

_CUT_WRITES: LiteralString = f"""
    with ended as (
        select turn_id, (regexp_match(key, '/([0-9]+)/[^/]+$'))[1]::integer as step,
            (regexp_match(key, '/([^/]+)$'))[1] as call_id, tool,
            state in ('intended', 'ambiguous') as ambiguous, state = 'failed' as is_error,
            coalesce(result, '') as preview, null::uuid as blob_id, length(coalesce(result, '')) as size
        from effects where turn_id = %(turn)s
    ), kept as (
        select * from ended e where not exists (
            select from audit known where known.event = 'tool'
                and (known.turn_id, known.step, known.call_id) = (e.turn_id, e.step, e.call_id)
                and known.outcome = case when e.ambiguous then 'unknown' when e.is_error then 'error' else 'ok' end)
    ) {TOOL_RESULT}"""


@dataclass(frozen=True)
class Entry:
    id: int
    at: datetime
    event: str
    user_id: str
    turn_id: str | None
    step: int | None
    call_id: str | None
    tool: str
    risk: str
    approver: str
    """Who said yes: person, operator or administrator; empty where nobody was asked."""
    approval: str
    outcome: Outcome
    arguments_sha256: str | None
    result_sha256: str | None
    result_size: int | None
    detail: str


async def write(
    connection: Connection,
    event: str,
    user_id: str,
    outcome: Outcome,
    detail: str = "",
    turn_id: str | None = None,
    tool: str = "",
) -> None:
    """Record what is no call of a tool, such as an answer by somebody who may not give it, in the caller's transaction.

    ``event`` is a short name, ``user_id`` is who did it, and ``detail`` holds no secret and nobody's words.
    """
    await connection.execute(
        "insert into audit (event, user_id, turn_id, tool, outcome, detail) values (%s, %s, %s, %s, %s, %s)",
        (event, user_id, turn_id, tool, outcome, detail),
    )


async def cut_writes(connection: Connection, turn_id: str) -> None:
    """Record the writes of a turn that ended without a result, as far as it is known now what became of them.

    In the caller's transaction. One of which more is known than the audit says is recorded anew; the rest is not.
    """
    await connection.execute(_CUT_WRITES, {"turn": turn_id, "refused": False, "risk": None})


async def entries(
    pool: Pool,
    limit: int,
    turn_id: str | None = None,
    user_id: str | None = None,
    since: datetime | None = None,
) -> list[Entry]:
    """The newest entries that fit, oldest first."""
    async with pool.connection() as connection:
        rows = await (
            await connection.execute(
                "select id, at, event, user_id, turn_id, step, call_id, tool, risk, approver, approval, outcome,"
                " arguments_sha256, result_sha256, result_size, detail from audit"
                " where (%(turn)s::text is null or turn_id = %(turn)s)"
                " and (%(user)s::text is null or user_id = %(user)s)"
                " and (%(since)s::timestamptz is null or at >= %(since)s) order by id desc limit %(limit)s",
                {"turn": turn_id, "user": user_id, "since": since, "limit": limit},
            )
        ).fetchall()
    return [Entry(**row) for row in reversed(rows)]
