"""By turn: what was learned from it, and what it was given. Written once, read by every retry."""

from collections.abc import Sequence
from dataclasses import dataclass

from psycopg.types.json import Jsonb
from pydantic import TypeAdapter

from clara.memory.extraction import Accepted
from clara.memory.kinds import Owner
from clara.memory.recall import Recalled, RecallOutcome
from clara.memory.reconcile import Decision
from store.database import Connection, Pool
from store.people.personal import Personal

PERSONAL = (
    Personal("lessons", "memory_lessons", "t.user_id = %(person)s"),
    Personal("recalls", "memory_recalls", "t.user_id = %(person)s"),
)

_DECISIONS: TypeAdapter[list[Decision]] = TypeAdapter(list[Decision])
_ITEMS: TypeAdapter[list[Recalled]] = TypeAdapter(list[Recalled])


@dataclass(frozen=True)
class Lesson:
    turn_id: str
    user_id: str
    accepted: Accepted
    decisions: list[Decision] | None
    """One for each fact; None until they are made."""


async def learn(pool: Pool, turn_id: str, owner: Owner, accepted: Accepted, model: str) -> Accepted:
    """Keep what a model found, unless another attempt was first: then that one's answer counts."""
    async with pool.connection() as connection:
        await connection.execute(
            "insert into memory_lessons (turn_id, user_id, accepted, model) values (%s, %s, %s, %s)"
            " on conflict (turn_id) do nothing",
            (turn_id, owner, Jsonb(accepted.model_dump(mode="json")), model),
        )
    found = await get(pool, turn_id)
    return found.accepted if found else accepted


async def decide(pool: Pool, turn_id: str, decisions: Sequence[Decision]) -> list[Decision]:
    """Keep what becomes of each fact, unless it is decided already."""
    async with pool.connection() as connection:
        await connection.execute(
            "update memory_lessons set decisions = %s where turn_id = %s and decisions is null",
            (Jsonb(_DECISIONS.dump_python(list(decisions), mode="json")), turn_id),
        )
    found = await get(pool, turn_id)
    return found.decisions if found and found.decisions is not None else list(decisions)


_SELECT = "select turn_id, user_id, accepted, decisions from memory_lessons where turn_id = %s"


async def get(pool: Pool, turn_id: str) -> Lesson | None:
    async with pool.connection() as connection:
        return await find(connection, turn_id)


async def find(connection: Connection, turn_id: str) -> Lesson | None:
    """Within the caller's transaction; the row stays as it is until its end."""
    row = await (await connection.execute(f"{_SELECT} for update", (turn_id,))).fetchone()
    if row is None:
        return None
    decisions = None if row["decisions"] is None else _DECISIONS.validate_python(row["decisions"])
    return Lesson(row["turn_id"], row["user_id"], Accepted.model_validate(row["accepted"]), decisions)


async def keep_recall(pool: Pool, turn_id: str, owner: Owner, items: Sequence[Recalled], notice: str) -> RecallOutcome:
    """Keep what a turn is given; a repeated attempt returns what the first one gave."""
    async with pool.connection() as connection:
        row = await (
            await connection.execute(
                # An update that changes nothing returns what the first attempt has kept.
                "insert into memory_recalls (turn_id, user_id, items, notice) values (%s, %s, %s, %s)"
                " on conflict (turn_id) do update set turn_id = excluded.turn_id"
                " returning jsonb_array_length(items) as count, notice",
                (turn_id, owner, Jsonb(_ITEMS.dump_python(list(items), mode="json")), notice),
            )
        ).fetchone()
    assert row is not None
    return RecallOutcome(count=row["count"], notice=row["notice"])


async def recall_of(pool: Pool, turn_id: str) -> tuple[list[Recalled], str]:
    """What a turn was given, and what could not be searched; nothing if it was given nothing."""
    async with pool.connection() as connection:
        row = await (
            await connection.execute("select items, notice from memory_recalls where turn_id = %s", (turn_id,))
        ).fetchone()
    return (_ITEMS.validate_python(row["items"]), row["notice"]) if row else ([], "")
