"""Reading the book of memories. Every statement names its owner; without one nothing is read."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, LiteralString
from uuid import UUID

from clara.errors import UserError
from clara.memory.kinds import Kind, Memory, Owner
from store.database import Pool
from store.people.personal import Personal

PERSONAL = (Personal("memories", "memories", "t.user_id = %(person)s"),)

COLUMNS: LiteralString = (
    "id::text, user_id, kind, text, quoted, reading, keywords, project, private, origin, turn_id, conversation,"
    " emotion, valence, expires_at, created_at"
)
PROJECTS = 50
PAGE = 500
_QUOTES = " \t\n`'\"\u2018\u2019\u201c\u201d\u201e"
LIVE: LiteralString = "state = 'active' and (expires_at is null or expires_at > now())"


async def _read(pool: Pool, owner: Owner, condition: LiteralString, parameters: dict[str, Any]) -> list[Memory]:
    async with pool.connection() as connection:
        rows = await (
            await connection.execute(
                f"select {COLUMNS} from memories where user_id = %(owner)s and {condition}",
                {**parameters, "owner": owner},
            )
        ).fetchall()
    return [Memory(**row) for row in rows]


async def newest(
    pool: Pool, owner: Owner, kinds: Sequence[Kind], limit: int, open_only: bool = False, project: str | None = None
) -> list[Memory]:
    """The newest memories of some kinds. ``open_only``: without what was told in private."""
    return await _read(
        pool,
        owner,
        f"{LIVE} and kind = any(%(kinds)s) and (not %(open)s or not private)"
        " and (%(project)s::text is null or project = %(project)s) order by created_at desc, id limit %(limit)s",
        {"kinds": list(kinds), "limit": limit, "open": open_only, "project": project},
    )


async def chosen(
    pool: Pool, owner: Owner, ids: Sequence[str], open_only: bool = False, projects: Sequence[str] = ()
) -> list[Memory]:
    """Those of ``ids`` that are this person's and may be said here, in the order of ``ids``.

    Whatever an index of vectors answers, this is what decides: foreign, forgotten and private ones
    fall out, and so do other projects'.
    """
    found = await _read(
        pool,
        owner,
        f"{LIVE} and id = any(%(ids)s) and (not %(open)s or not private)"
        " and (project is null or project = any(%(projects)s))",
        {"ids": [UUID(i) for i in ids], "open": open_only, "projects": list(projects)},
    )
    order = {memory_id: position for position, memory_id in enumerate(ids)}
    return sorted(found, key=lambda memory: order[memory.id])


async def projects(pool: Pool, owner: Owner) -> list[str]:
    """The projects of which this person has memories, those with the newest first; at most PROJECTS."""
    async with pool.connection() as connection:
        rows = await (
            await connection.execute(
                f"select project from memories where user_id = %s and project is not null and {LIVE}"
                " group by project order by max(created_at) desc limit %s",
                (owner, PROJECTS),
            )
        ).fetchall()
    return [row["project"] for row in rows]


async def find(pool: Pool, owner: Owner, memory_id: str, ended: bool = False) -> Memory:
    """A memory by its id, or by the first digits of it; UserError if this person has none such.

    ``ended``: also one that was replaced or taken back.

    The list shows ids in backticks: an id may be pasted with those, or with quotes.
    """
    found = await _read(
        pool,
        owner,
        f"({LIVE} or (%(ended)s and state = 'replaced')) and replace(id::text, '-', '') like %(prefix)s limit 2",
        {"prefix": digits(memory_id) + "%", "ended": ended},
    )
    if not found:
        raise UserError("You have no memory with that id. The list shows the ids.")
    if len(found) > 1:
        raise UserError("Several of your memories begin like that. Please give more of the id.")
    return found[0]


def digits(memory_id: str) -> str:
    """The hexadecimal digits of an id, or of its beginning; UserError for anything else."""
    found = memory_id.strip(_QUOTES).casefold().replace("-", "")
    if not 4 <= len(found) <= 32 or not set(found) <= set("0123456789abcdef"):
        raise UserError("That is not the id of a memory. The list shows the ids.")
    return found


@dataclass(frozen=True)
class Former:
    """A memory that counts no more."""

    memory: Memory
    ended_at: datetime
    undone: bool
    """Its person took it back; otherwise another one replaced it."""


async def former(pool: Pool, owner: Owner, memory_id: str) -> list[Former]:
    """The history of a memory, the newest end first: what it has replaced, and what that had; itself if it ended."""
    async with pool.connection() as connection:
        rows = await (
            await connection.execute(
                f"select {COLUMNS}, ended_at, undone from memories where user_id = %(owner)s and id in ("
                " with recursive chain as (select %(id)s::uuid as id"
                "  union select m.id from memories m join chain c on m.replaced_by = c.id where m.user_id = %(owner)s"
                " ) select id from chain) and state = 'replaced' order by ended_at desc, id",
                {"id": memory_id, "owner": owner},
            )
        ).fetchall()
    return [Former(ended_at=row.pop("ended_at"), undone=row.pop("undone"), memory=Memory(**row)) for row in rows]


async def lasting(pool: Pool, owner: Owner) -> AsyncIterator[Memory]:
    """All that is remembered of a person but for moods, oldest first, a page at a time."""
    after: tuple[datetime, UUID] = (datetime(1, 1, 2, tzinfo=UTC), UUID(int=0))
    while page := await _read(
        pool,
        owner,
        f"{LIVE} and kind <> 'emotional' and (created_at, id) > (%(at)s, %(id)s) order by created_at, id limit %(n)s",
        {"at": after[0], "id": after[1], "n": PAGE},
    ):
        for memory in page:
            yield memory
        after = page[-1].created_at, UUID(page[-1].id)


async def counts(pool: Pool, owner: Owner) -> dict[str, int]:
    """How many memories there are of each kind."""
    async with pool.connection() as connection:
        rows = await (
            await connection.execute(
                f"select kind, count(*) as n from memories where user_id = %s and {LIVE} group by kind order by kind",
                (owner,),
            )
        ).fetchall()
    return {row["kind"]: row["n"] for row in rows}
