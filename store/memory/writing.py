"""Writing in the book of memories, always in the name of the owner."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import NAMESPACE_URL, uuid5

from psycopg.errors import UniqueViolation

from clara.errors import UserError
from clara.memory.kinds import Kind, Origin, Owner, fingerprint
from store.database import Connection, Pool

RECALLS_DAYS = 60
"""What turns were given is kept for so long, for whoever asks why Clara said something."""


@dataclass(frozen=True)
class Draft:
    """A memory that is to be written. ``dedupe_key`` says what it was learned from.

    ``text`` is the person's own, word for word, unless it is not ``quoted``.
    """

    text: str
    dedupe_key: str
    origin: Origin
    kind: Kind = "user"
    project: str | None = None
    private: bool = True
    turn_id: str | None = None
    quoted: bool = True
    reading: str | None = None
    keywords: tuple[str, ...] = ()
    conversation: str | None = None
    emotion: str | None = None
    valence: float | None = None
    expires_at: datetime | None = None
    created_at: datetime | None = field(default=None)


@dataclass(frozen=True)
class Written:
    """Which memory holds the text now. Not ``created`` where it was known, or learned before."""

    id: str
    created: bool
    active: bool


async def lock(connection: Connection, owner: Owner) -> None:
    """Until the end of the transaction nobody else changes this person's memories."""
    await connection.execute("select pg_advisory_xact_lock(hashtextextended('memory ' || %s, 0))", (owner,))


async def lock_shared(connection: Connection, owner: Owner) -> None:
    """Until the end of the transaction nobody changes this person's memories; others may read them in the same way."""
    await connection.execute("select pg_advisory_xact_lock_shared(hashtextextended('memory ' || %s, 0))", (owner,))


async def lock_turn(connection: Connection, owner: Owner, turn_id: str) -> bool:
    """``lock``, and whether the person's turn is still there.

    What is made of a turn is written in such a transaction. Who is forgotten while a model still reads their
    words takes the turn away under the same lock, and nothing brings the words back.
    """
    await lock(connection, owner)
    row = await (
        await connection.execute("select 1 from turns where id = %s and user_id = %s", (turn_id, owner))
    ).fetchone()
    return row is not None


async def is_taken_back(connection: Connection, owner: Owner, turn_id: str) -> bool:
    """Whether something that a tool remembered of this turn was forgotten since, or taken back.

    Which of its sentences that was, a forgotten row no longer tells, so nothing more is learned from the turn.
    """
    row = await (
        await connection.execute(
            "select 1 from memories where user_id = %s and starts_with(dedupe_key, %s)"
            " and (state = 'forgotten' or undone) limit 1",
            (owner, f"tool {turn_id}/"),
        )
    ).fetchone()
    return row is not None


async def write(connection: Connection, owner: Owner, draft: Draft) -> Written:
    """Keep a memory once, in the caller's transaction and under ``lock``.

    What was learned from the same source before stays as it is, even if it was forgotten since;
    the same words again are the same memory, said last at the later time, which is no longer private if they
    were said openly, a key memory if they are to be one, and a quotation if they were only Clara's wording.
    """
    mark = fingerprint(draft.text)
    known = await (
        await connection.execute(
            "select id::text, state from memories where user_id = %(user)s and (dedupe_key = %(key)s or"
            " (state = 'active' and kind <> 'emotional' and %(kind)s <> 'emotional'"
            " and coalesce(project, '') = %(project)s and fingerprint = %(mark)s)) order by dedupe_key = %(key)s desc",
            {
                "user": owner,
                "key": draft.dedupe_key,
                "project": draft.project or "",
                "mark": mark,
                "kind": draft.kind,
            },
        )
    ).fetchone()
    if known:
        await connection.execute(
            "update memories set private = private and %(private)s,"
            " collection = case when private and not %(private)s then null else collection end,"
            " kind = case when %(key)s then 'key' else kind end,"
            " project = case when %(key)s then null else project end,"
            " text = case when %(quoted)s and not quoted then %(text)s else text end, quoted = quoted or %(quoted)s,"
            " created_at = greatest(created_at, coalesce(%(said)s, created_at))"
            " where id = %(id)s and user_id = %(owner)s and state = 'active'",
            {
                "private": draft.private,
                "key": draft.kind == "key",
                "quoted": draft.quoted,
                "text": draft.text,
                "said": draft.created_at,
                "id": known["id"],
                "owner": owner,
            },
        )
        return Written(known["id"], created=False, active=known["state"] == "active")
    memory_id = id_of(owner, draft)
    await connection.execute(
        "insert into memories (id, user_id, kind, text, fingerprint, project, private, origin, turn_id, conversation,"
        " quoted, reading, keywords, emotion, valence, expires_at, dedupe_key, created_at)"
        " values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, coalesce(%s, now()))",
        (
            memory_id,
            owner,
            draft.kind,
            draft.text,
            mark,
            draft.project,
            draft.private,
            draft.origin,
            draft.turn_id,
            draft.conversation,
            draft.quoted,
            draft.reading,
            list(draft.keywords),
            draft.emotion,
            draft.valence,
            draft.expires_at,
            draft.dedupe_key,
            draft.created_at,
        ),
    )
    return Written(memory_id, created=True, active=True)


def id_of(owner: Owner, draft: Draft) -> str:
    """The id that a memory of this draft has, whichever attempt wrote it."""
    return str(uuid5(NAMESPACE_URL, f"clara:memory:{owner}\0{draft.dedupe_key}"))


async def replace(connection: Connection, owner: Owner, old: str, new: str) -> bool:
    """``new`` says now what ``old`` said; the old one stays, as history. Key memories are never replaced."""
    done = await connection.execute(
        "update memories set state = 'replaced', replaced_by = %s, ended_at = now()"
        " where id = %s and user_id = %s and state = 'active' and kind <> 'key' and id <> %s",
        (new, old, owner, new),
    )
    return done.rowcount == 1


async def set_key(pool: Pool, owner: Owner, memory_id: str, limit: int) -> None:
    """Keep a memory in every context from now on; UserError where there are too many."""
    try:
        async with pool.connection() as connection, connection.transaction():
            await lock(connection, owner)
            await check_keys(connection, owner, limit)
            await connection.execute(
                "update memories set kind = 'key', project = null where id = %s and user_id = %s and state = 'active'"
                " and kind <> 'emotional'",
                (memory_id, owner),
            )
    except UniqueViolation:
        raise UserError("You have another memory with the same words. Please forget one of the two first.") from None


async def check_keys(connection: Connection, owner: Owner, limit: int) -> None:
    row = await (
        await connection.execute(
            "select count(*) as keys from memories where user_id = %s and kind = 'key' and state = 'active'", (owner,)
        )
    ).fetchone()
    assert row is not None
    if row["keys"] >= limit:
        raise UserError(f"You have {row['keys']} key memories, and {limit} is the limit. Please forget one first.")


async def tidy(connection: Connection, owner: Owner) -> None:
    """Delete what has expired, and what turns of long ago were given."""
    await connection.execute("delete from memories where user_id = %s and expires_at < now()", (owner,))
    await connection.execute(
        "delete from memory_recalls where user_id = %s and created_at < now() - make_interval(days => %s)",
        (owner, RECALLS_DAYS),
    )
