"""The model's answers by (turn, step), and the results of the tools that they called."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, LiteralString

from psycopg.types.json import Jsonb
from pydantic import TypeAdapter

from clara.approvals.taint import Taint
from clara.llm.models import Usage
from clara.messages import ConversationKey, Part, Value
from clara.tools.provenance import Provenance
from clara.tools.tool import Risk
from store import audit, budgets, stream
from store.database import Connection, Pool
from store.people.personal import OF_THEIR_TURNS, Personal
from store.turns import taint

PERSONAL = (
    Personal("answers", "steps", OF_THEIR_TURNS),
    Personal("results", "tool_results", OF_THEIR_TURNS),
)

PARTS: TypeAdapter[tuple[Part, ...]] = TypeAdapter(tuple[Part, ...])


@dataclass(frozen=True)
class Step:
    turn_id: str
    step: int
    parts: tuple[Part, ...]
    provider: str
    model: str
    route: int
    usage: Usage


class KeptFile(Value):
    """A file that a tool has made, kept as a blob of the person."""

    blob_id: str
    name: str
    media_type: str
    size: int


_FILES: TypeAdapter[tuple[KeptFile, ...]] = TypeAdapter(tuple[KeptFile, ...])


@dataclass(frozen=True)
class ToolResult:
    turn_id: str
    step: int
    call_id: str
    tool: str
    preview: str
    is_error: bool
    ambiguous: bool
    size: int
    blob_id: str | None
    provenance: Provenance = Provenance.CLARA
    files: tuple[KeptFile, ...] = ()
    source: str = ""
    """Whose words it brought, as people call it; said where these are others'."""
    private: bool = False
    """It holds words that must not leave."""
    refused: bool = False
    """It was not run, by a rule of Clara's. This and the risk are for the audit alone."""
    risk: Risk | None = None
    """How far the call reaches; None: as far as its tool was offered with."""


_SAVE: LiteralString = (
    "insert into steps (turn_id, step, parts, provider, model, route, input_tokens, output_tokens, cached_tokens,"
    " cache_write_tokens, cost_usd) values (%(turn)s, %(step)s, %(parts)s, %(provider)s, %(model)s, %(route)s,"
    " %(input)s, %(output)s, %(cached)s, %(written)s, %(cost)s) on conflict (turn_id, step) do nothing"
)
_SETTLED: LiteralString = f"settled as ({budgets.SETTLE})"


def _values(step: Step) -> dict[str, Any]:
    return {
        "turn": step.turn_id,
        "step": step.step,
        "parts": Jsonb(PARTS.dump_python(step.parts, mode="json")),
        "provider": step.provider,
        "model": step.model,
        "route": step.route,
        "input": step.usage.input_tokens,
        "output": step.usage.output_tokens,
        "cached": step.usage.cached_tokens,
        "written": step.usage.cache_write_tokens,
        "cost": step.usage.cost_usd,
        "slot": budgets.of_step(step.step),
    }


async def save(connection: Connection, step: Step, read: Taint | None = None) -> bool:
    """Keep an answer, with what the turn had ``read`` for it, and settle what was reserved for it.

    False if an earlier attempt's is there already.
    """
    pinned: LiteralString = (
        f"pinned as (update turns {taint.PIN} where id = %(turn)s and taint is distinct from %(taint)s)"
    )
    values = {**_values(step), "taint": taint.dumped(read)}
    return (await connection.execute(f"with {_SETTLED}, {pinned} {_SAVE}", values)).rowcount == 1


async def save_last(
    connection: Connection, step: Step, conversation: str, reply: str, read: Taint | None = None
) -> bool:
    """The same for a turn's last answer, which completes the turn and tells its listeners: all of it or nothing."""
    frame = stream.end_frame(conversation, step.turn_id, "completed")
    channel, payload = stream.notification(frame)
    # One statement, which is a transaction of its own: each trip less is less to wait for the reply.
    row = await (
        await connection.execute(
            f"with {_SETTLED}, saved as ({_SAVE} returning turn_id), ended as ("
            f"  update turns {taint.PIN}, status = 'completed', reply = %(reply)s, ended_at = now()"
            "  where id in (select turn_id from saved) and status = 'running' returning id"
            "), told as (select pg_notify(%(channel)s, %(payload)s) from ended)"
            " select (select count(*) from saved) as saved, (select count(*) from told) as told",
            {**_values(step), "taint": taint.dumped(read), "reply": reply, "channel": channel, "payload": payload},
        )
    ).fetchone()
    return row is not None and row["saved"] == 1


async def of_turns(pool: Pool, turn_ids: Sequence[str]) -> dict[str, list[Step]]:
    """The answers of several turns, each in order."""
    async with pool.connection() as connection:
        rows = await (
            await connection.execute(
                "select turn_id, step, parts::text, provider, model, route, input_tokens, output_tokens, cached_tokens,"
                " cache_write_tokens, cost_usd from steps where turn_id = any(%s) order by turn_id, step",
                (list(turn_ids),),
            )
        ).fetchall()
    found: dict[str, list[Step]] = {}
    for row in rows:
        usage = Usage(
            input_tokens=row["input_tokens"],
            output_tokens=row["output_tokens"],
            cached_tokens=row["cached_tokens"],
            cache_write_tokens=row["cache_write_tokens"],
            cost_usd=None if row["cost_usd"] is None else float(row["cost_usd"]),
        )
        parts = PARTS.validate_json(row["parts"])
        step = Step(row["turn_id"], row["step"], parts, row["provider"], row["model"], row["route"], usage)
        found.setdefault(step.turn_id, []).append(step)
    return found


async def get(pool: Pool, turn_id: str, step: int) -> Step | None:
    return next((s for s in (await of_turns(pool, [turn_id])).get(turn_id, []) if s.step == step), None)


RESULT_COLUMNS: LiteralString = (
    "r.turn_id, r.step, r.call_id, r.tool, r.preview, r.is_error, r.ambiguous, r.size, r.blob_id::text, r.provenance,"
    " r.files::text, r.source, r.private"
)


def result_of_row(row: dict[str, Any]) -> ToolResult:
    """The result in a row that has its columns, and maybe others."""
    return ToolResult(
        turn_id=row["turn_id"],
        step=row["step"],
        call_id=row["call_id"],
        tool=row["tool"],
        preview=row["preview"],
        is_error=row["is_error"],
        ambiguous=row["ambiguous"],
        size=row["size"],
        blob_id=row["blob_id"],
        provenance=Provenance(row["provenance"]),
        files=_FILES.validate_json(row["files"]),
        source=row["source"],
        private=row["private"],
    )


async def save_result(connection: Connection, result: ToolResult) -> None:
    """Keep a tool's result, and record the call in the audit; the first one stays."""
    await connection.execute(
        "with kept as (insert into tool_results (turn_id, step, call_id, tool, preview, is_error, ambiguous, size,"
        " blob_id, provenance, files, source, private)"
        " values (%(turn)s, %(step)s, %(call)s, %(tool)s, %(preview)s, %(is_error)s,"
        " %(ambiguous)s, %(size)s, %(blob)s, %(provenance)s, %(files)s, %(source)s, %(private)s)"
        f" on conflict (turn_id, step, call_id) do nothing returning *) {audit.TOOL_RESULT}",
        {
            "turn": result.turn_id,
            "step": result.step,
            "call": result.call_id,
            "tool": result.tool,
            "preview": result.preview,
            "is_error": result.is_error,
            "ambiguous": result.ambiguous,
            "size": result.size,
            "blob": result.blob_id,
            "provenance": result.provenance,
            "files": Jsonb(_FILES.dump_python(result.files, mode="json")),
            "source": result.source,
            "private": result.private,
            "refused": result.refused,
            "risk": result.risk,
        },
    )


async def results_of_turns(pool: Pool, turn_ids: Sequence[str]) -> dict[str, dict[tuple[int, str], ToolResult]]:
    """The tools' results of several turns, by step and call."""
    async with pool.connection() as connection:
        rows = await (
            await connection.execute(
                f"select {RESULT_COLUMNS} from tool_results r where turn_id = any(%s)",
                (list(turn_ids),),
            )
        ).fetchall()
    found: dict[str, dict[tuple[int, str], ToolResult]] = {}
    for row in rows:
        result = result_of_row(row)
        found.setdefault(result.turn_id, {})[result.step, result.call_id] = result
    return found


async def result_of_call(pool: Pool, key: ConversationKey, user_id: str, call_id: str) -> ToolResult | None:
    """The newest result of a call of this id in a person's own turns of a conversation."""
    async with pool.connection() as connection:
        row = await (
            await connection.execute(
                "select r.turn_id, r.step from tool_results r join turns t on t.id = r.turn_id"
                " where t.conversation_id = %s and t.user_id = %s and r.call_id = %s order by t.position desc limit 1",
                (key.id, user_id, call_id),
            )
        ).fetchone()
    return await result(pool, row["turn_id"], row["step"], call_id) if row else None


async def result(pool: Pool, turn_id: str, step: int, call_id: str) -> ToolResult | None:
    return (await results_of_turns(pool, [turn_id])).get(turn_id, {}).get((step, call_id))
