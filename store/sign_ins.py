"""Accounts that are being connected in a browser: begun, answered once, taken once."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, LiteralString

from psycopg.types.json import Jsonb

from clara.accounts import Service
from store.database import Pool
from store.people.personal import Personal

PERSONAL = (Personal("account_sign_ins", "account_sign_ins", "t.user_id = %(person)s", export=None),)

_COLUMNS: LiteralString = "id, user_id, service, sealed, url, conversation, answer"


@dataclass(frozen=True)
class SignIn:
    """One that has begun."""

    id: str
    user_id: str
    service: Service
    sealed: bytes
    url: str
    """Where the person says yes, with their browser."""
    conversation: str | None
    """Where they are told that it is done."""
    answer: Mapping[str, Any] | None = None


async def begin(pool: Pool, made: SignIn, lifetime: timedelta) -> None:
    """Keep one that has begun, the only one of its person and service."""
    async with pool.connection() as connection, connection.transaction():
        await connection.execute(
            "delete from account_sign_ins where (user_id = %s and service = %s) or until < now()",
            (made.user_id, made.service),
        )
        await connection.execute(
            "insert into account_sign_ins (id, user_id, service, sealed, url, conversation, until)"
            " values (%s, %s, %s, %s, %s, %s, now() + %s)",
            (made.id, made.user_id, made.service, made.sealed, made.url, made.conversation, lifetime),
        )


async def pending(pool: Pool, id: str) -> SignIn | None:
    """One that waits for the browser."""
    return await _one(
        pool, f"select {_COLUMNS} from account_sign_ins where id = %s and answer is null and until > now()", id
    )


async def bring(pool: Pool, id: str, answer: Mapping[str, str]) -> str | None:
    """Keep what the browser came back with, once, and tell whose it is.

    None where it came before, or too late, or never began.
    """
    async with pool.connection() as connection:
        row = await (
            await connection.execute(
                "update account_sign_ins set answer = %s where id = %s and answer is null and until > now()"
                " returning user_id",
                (Jsonb(dict(answer)), id),
            )
        ).fetchone()
    return row["user_id"] if row else None


async def take(pool: Pool, id: str) -> SignIn | None:
    """One with its answer, which nobody can take again; None where it was taken, is over, or was not answered."""
    return await _one(
        pool,
        "with taken as (select * from account_sign_ins where id = %s and taken_at is null and answer is not null"
        " and until > now() for update), emptied as (update account_sign_ins a set taken_at = now(), answer = '{}'"
        f" from taken where a.id = taken.id) select {_COLUMNS} from taken",
        id,
    )


async def is_connected_by(pool: Pool, id: str) -> SignIn | None:
    """One whose answer was taken, if its person has been connected since."""
    return await _one(
        pool,
        f"select {_COLUMNS} from account_sign_ins s where id = %s and exists (select from accounts a"
        " where a.user_id = s.user_id and a.service = s.service and a.connected_at >= s.taken_at)",
        id,
    )


async def _one(pool: Pool, query: LiteralString, id: str) -> SignIn | None:
    async with pool.connection() as connection:
        row = await (await connection.execute(query, (id,))).fetchone()
    return SignIn(**{**row, "sealed": bytes(row["sealed"])}) if row else None
