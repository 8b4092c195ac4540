"""The model's answers by (turn, step), and the results of the tools that they called."""

from collections.abc import Sequence
from dataclasses import dataclass

from psycopg.types.json import Jsonb
from pydantic import TypeAdapter

from clara.messages import ConversationKey, Part, Value
from clara.models import Usage
from clara.provenance import Provenance
from store.database import Connection, Pool

_PARTS: TypeAdapter[tuple[Part, ...]] = TypeAdapter(tuple[Part, ...])


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


async def save(connection: Connection, step: Step) -> bool:
    """Keep an answer, in the caller's transaction; False if an earlier attempt's is there already."""
    done = await connection.execute(
        "insert into steps (turn_id, step, parts, provider, model, route, input_tokens, output_tokens,"
        " cached_tokens, cache_write_tokens, cost_usd) values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
        " on conflict (turn_id, step) do nothing",
        (
            step.turn_id,
            step.step,
            Jsonb(_PARTS.dump_python(step.parts, mode="json")),
            step.provider,
            step.model,
            step.route,
            step.usage.input_tokens,
            step.usage.output_tokens,
            step.usage.cached_tokens,
            step.usage.cache_write_tokens,
            step.usage.cost_usd,
        ),
    )
    return done.rowcount == 1


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
        parts = _PARTS.validate_json(row["parts"])
        step = Step(row["turn_id"], row["step"], parts, row["provider"], row["model"], row["route"], usage)
        found.setdefault(step.turn_id, []).append(step)
    return found


async def get(pool: Pool, turn_id: str, step: int) -> Step | None:
    return next((s for s in (await of_turns(pool, [turn_id])).get(turn_id, []) if s.step == step), None)


async def save_result(connection: Connection, result: ToolResult) -> None:
    """Keep a tool's result; the first one stays."""
    await connection.execute(
        "insert into tool_results (turn_id, step, call_id, tool, preview, is_error, ambiguous, size, blob_id,"
        " provenance, files) values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
        " on conflict (turn_id, step, call_id) do nothing",
        (
            result.turn_id,
            result.step,
            result.call_id,
            result.tool,
            result.preview,
            result.is_error,
            result.ambiguous,
            result.size,
            result.blob_id,
            result.provenance,
            Jsonb(_FILES.dump_python(result.files, mode="json")),
        ),
    )


async def results_of_turns(pool: Pool, turn_ids: Sequence[str]) -> dict[str, dict[tuple[int, str], ToolResult]]:
    """The tools' results of several turns, by step and call."""
    async with pool.connection() as connection:
        rows = await (
            await connection.execute(
                "select turn_id, step, call_id, tool, preview, is_error, ambiguous, size, blob_id::text,"
                " provenance, files::text"
                " from tool_results where turn_id = any(%s)",
                (list(turn_ids),),
            )
        ).fetchall()
    found: dict[str, dict[tuple[int, str], ToolResult]] = {}
    for row in rows:
        kept = {"provenance": Provenance(row["provenance"]), "files": _FILES.validate_json(row["files"])}
        result = ToolResult(**{**row, **kept})
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
