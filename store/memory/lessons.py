"""By turn: what was learned from it, and what it was given. Written once, read by every retry."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from psycopg.types.json import Jsonb
from pydantic import TypeAdapter

from clara.memory.extraction import Accepted, Quotation
from clara.memory.kinds import Owner
from clara.memory.recall import Recalled, RecallOutcome
from clara.memory.reconcile import Decision
from store.database import Connection, Pool
from store.memory import writing
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


async def learn(pool: Pool, turn_id: str, owner: Owner, accepted: Accepted, model: str) -> Accepted | None:
    """Keep what a model found, unless another attempt was first: then that one's answer counts.

    None where the turn is gone, because its person was forgotten meanwhile: then nothing is kept.
    """
    async with pool.connection() as connection, connection.transaction():
        if not await writing.lock_turn(connection, owner, turn_id):
            return None
        await connection.execute(
            "insert into memory_lessons (turn_id, user_id, accepted, model) values (%s, %s, %s, %s)"
            " on conflict (turn_id) do nothing",
            (turn_id, owner, Jsonb(accepted.model_dump(mode="json")), model),
        )
        found = await find(connection, turn_id)
    return found.accepted if found else None


async def settle(connection: Connection, turn_id: str) -> None:
    """Everything is stored that was learned from the turn: the words go, and that it was learned stays.

    In the caller's transaction. A retry finds nothing to do, and asks no model again.
    """
    await connection.execute(
        "update memory_lessons set decisions = '[]', accepted = jsonb_build_object("
        " 'rejected', coalesce(accepted -> 'rejected', '[]'))"
        " where turn_id = %s",
        (turn_id,),
    )


async def decide(pool: Pool, turn_id: str, decisions: Sequence[Decision]) -> list[Decision]:
    """Keep what becomes of each fact, unless it is decided already."""
    async with pool.connection() as connection:
        await connection.execute(
            "update memory_lessons set decisions = %s where turn_id = %s and decisions is null",
            (_dumped(decisions), turn_id),
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
    return _of_row(row) if row else None


def _of_row(row: dict[str, Any]) -> Lesson:
    decisions = None if row["decisions"] is None else _DECISIONS.validate_python(row["decisions"])
    return Lesson(row["turn_id"], row["user_id"], Accepted.model_validate(row["accepted"]), decisions)


def _dumped(decisions: Sequence[Decision] | None) -> Jsonb | None:
    return None if decisions is None else Jsonb(_DECISIONS.dump_python(list(decisions), mode="json"))


async def drop(
    connection: Connection, owner: Owner, named: Callable[[str], bool], related: Callable[[str], bool]
) -> None:
    """Take out of lessons that are not stored yet what is forgotten, in the caller's transaction.

    ``named`` says of a text that the forgotten words are in it, and ``related`` that a relation has to do with them.
    """
    rows = await (
        await connection.execute(
            "select turn_id, user_id, accepted, decisions from memory_lessons where user_id = %s"
            " and accepted <> jsonb_build_object('rejected', accepted -> 'rejected') order by turn_id for update",
            (owner,),
        )
    ).fetchall()
    for row in rows:
        lesson = _of_row(row)
        accepted, decisions = lesson.accepted, lesson.decisions
        gone = [named(each.text) for each in accepted.quotations]
        kept = accepted.quotations
        if decisions is None:
            kept = tuple(each for each, out in zip(kept, gone, strict=True) if not out)
        else:  # their numbers are what they were written under: a place stays, without its words
            kept = tuple(Quotation(text="") if out else each for each, out in zip(kept, gone, strict=True))
            decisions = [Decision(action="drop") if out else each for each, out in zip(decisions, gone, strict=True)]
        mood = None if accepted.mood and named(accepted.mood.text) else accepted.mood
        relations = tuple(each for each in accepted.relations if not related(f"{each.subject} {each.object}"))
        left = accepted.model_copy(update={"quotations": kept, "mood": mood, "relations": relations})
        if left != accepted:
            await connection.execute(
                "update memory_lessons set accepted = %s, decisions = %s where turn_id = %s",
                (Jsonb(left.model_dump(mode="json")), _dumped(decisions), lesson.turn_id),
            )


async def keep_recall(pool: Pool, turn_id: str, owner: Owner, items: Sequence[Recalled], notice: str) -> RecallOutcome:
    """Keep what a turn is given; a repeated attempt returns what the first one gave.

    A memory that was forgotten since it was found is left out.
    """
    async with pool.connection() as connection, connection.transaction():
        # Who forgets one of them meanwhile waits, and then finds it here to wipe it.
        await writing.lock_shared(connection, owner)
        row = await (
            await connection.execute(
                # An update that changes nothing returns what the first attempt has kept.
                "insert into memory_recalls (turn_id, user_id, items, notice)"
                " select %(turn)s, %(owner)s, coalesce(jsonb_agg(item order by place), '[]'), %(notice)s"
                " from jsonb_array_elements(%(items)s) with ordinality given (item, place)"
                " where item->>'id' is null or exists (select from memories where user_id = %(owner)s"
                "  and id = (item->>'id')::uuid and state = 'active')"
                " on conflict (turn_id) do update set turn_id = excluded.turn_id"
                " returning jsonb_array_length(items) as count, notice",
                {
                    "turn": turn_id,
                    "owner": owner,
                    "notice": notice,
                    "items": Jsonb(_ITEMS.dump_python(list(items), mode="json")),
                },
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


async def drop_recalled(
    connection: Connection,
    owner: Owner,
    ids: Sequence[str],
    named: Callable[[str], bool],
    related: Callable[[str], bool],
) -> None:
    """Take out of what turns were given the memories ``ids``, and all else that says the same."""
    rows = await (
        await connection.execute(
            "select turn_id, items from memory_recalls where user_id = %s order by turn_id for update", (owner,)
        )
    ).fetchall()
    for row in rows:
        items = _ITEMS.validate_python(row["items"])
        kept = [
            item
            for item in items
            if item.id not in ids and not named(item.text) and not (item.id is None and related(item.text))
        ]
        if len(kept) < len(items):
            await connection.execute(
                "update memory_recalls set items = %s where turn_id = %s",
                (Jsonb(_ITEMS.dump_python(kept, mode="json")), row["turn_id"]),
            )
