"""A step back in a person's memory: what was kept last is history, and what it had replaced counts again."""

from dataclasses import dataclass

from clara.memory.kinds import Memory, Owner
from store.database import Connection
from store.memory.records import COLUMNS, LIVE


@dataclass(frozen=True)
class Undone:
    taken_back: Memory
    restored: tuple[Memory, ...]
    """What ``taken_back`` had replaced. The same words may be another memory by now, which is not among these."""


async def undo(connection: Connection, owner: Owner) -> Undone | None:
    """Take back what was kept last, in the caller's transaction and under ``writing.lock``; None without anything.

    Done again it goes further back. Moods are no part of it: they pass by themselves.
    """
    found = await connection.execute(
        f"select {COLUMNS} from memories where user_id = %s and {LIVE} and kind <> 'emotional'"
        " order by kept_at desc, id limit 1",
        (owner,),
    )
    row = await found.fetchone()
    if row is None:
        return None
    last = Memory(**row)
    before = await (
        await connection.execute(
            "select id::text from memories where user_id = %s and replaced_by = %s and state = 'replaced'"
            " and not undone order by kept_at",
            (owner, last.id),
        )
    ).fetchall()
    await connection.execute(
        "update memories set state = 'replaced', undone = true, replaced_by = %s, ended_at = now()"
        " where id = %s and user_id = %s",
        (before[0]["id"] if before else None, last.id, owner),
    )
    restored = [memory for row in before if (memory := await _restore(connection, owner, row["id"]))]
    return Undone(last, tuple(restored))


async def _restore(connection: Connection, owner: Owner, memory_id: str) -> Memory | None:
    """Have a memory count again; None where its words are another memory by now, whose history it stays."""
    same = await (
        await connection.execute(
            "select o.id from memories o join memories m on o.user_id = m.user_id and o.fingerprint = m.fingerprint"
            " and coalesce(o.project, '') = coalesce(m.project, '')"
            " where m.id = %s and m.user_id = %s and o.id <> m.id and o.state = 'active' and o.kind <> 'emotional'",
            (memory_id, owner),
        )
    ).fetchone()
    if same:
        await connection.execute(
            "update memories set replaced_by = %s where id = %s and user_id = %s", (same["id"], memory_id, owner)
        )
        return None
    row = await (
        await connection.execute(
            "update memories set state = 'active', replaced_by = null, ended_at = null, collection = null"
            f" where id = %s and user_id = %s returning {COLUMNS}",
            (memory_id, owner),
        )
    ).fetchone()
    return Memory(**row) if row else None
