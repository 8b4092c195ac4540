"""Logins of people at plugins: encrypted tokens, and logins that have begun and wait for the browser."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, LiteralString

from psycopg.types.json import Jsonb

from store.database import Pool
from store.people.personal import Personal

PERSONAL = (
    Personal("plugin_logins", "plugin_logins", "t.user_id = %(person)s", export=None),
    Personal("plugin_login_requests", "plugin_login_requests", "t.user_id = %(person)s", export=None),
)


@dataclass(frozen=True)
class KeptLogin:
    plugin_id: str
    user_id: str
    sealed: bytes
    version: int
    expires_at: datetime | None
    lost_at: datetime | None
    connected_at: datetime


@dataclass(frozen=True)
class Pending:
    """A login that has begun."""

    id: str
    plugin_id: str
    plugin: str
    """Its name."""
    user_id: str
    sealed: bytes
    url: str
    """Where the person says yes, with their browser."""
    conversation: str | None
    answer: Mapping[str, Any] | None


# Logins


async def get(pool: Pool, plugin_id: str, user_id: str) -> KeptLogin | None:
    async with pool.connection() as connection:
        row = await (
            await connection.execute(
                "select plugin_id, user_id, sealed, version, expires_at, lost_at, connected_at from plugin_logins"
                " where plugin_id = %s and user_id = %s",
                (plugin_id, user_id),
            )
        ).fetchone()
    return KeptLogin(**{**row, "sealed": bytes(row["sealed"])}) if row else None


async def of_plugin(pool: Pool, plugin_id: str) -> list[str]:
    """The persons who are connected to a plugin."""
    async with pool.connection() as connection:
        rows = await (
            await connection.execute(
                "select user_id from plugin_logins where plugin_id = %s order by user_id", (plugin_id,)
            )
        ).fetchall()
    return [row["user_id"] for row in rows]


async def of_person(pool: Pool, user_id: str) -> list[tuple[str, str]]:
    """The plugins that a person is connected to: ids and names."""
    async with pool.connection() as connection:
        rows = await (
            await connection.execute(
                "select p.id, p.name from plugin_logins l join plugins p on p.id = l.plugin_id where l.user_id = %s"
                " order by p.name",
                (user_id,),
            )
        ).fetchall()
    return [(row["id"], row["name"]) for row in rows]


async def keep(pool: Pool, plugin_id: str, user_id: str, sealed: bytes, expires_at: datetime | None) -> bool:
    """Keep a new login in place of an earlier one; False where the plugin is gone."""
    async with pool.connection() as connection:
        done = await connection.execute(
            "insert into plugin_logins as t (plugin_id, user_id, sealed, expires_at)"
            " select id, %s, %s, %s from plugins where id = %s"
            " on conflict (plugin_id, user_id) do update set sealed = excluded.sealed, version = t.version + 1,"
            " expires_at = excluded.expires_at, lost_at = null, refreshing_until = null, connected_at = now()",
            (user_id, sealed, expires_at, plugin_id),
        )
    return done.rowcount == 1


async def claim_refresh(pool: Pool, plugin_id: str, user_id: str, version: int, lease: timedelta) -> bool:
    """Become the one who gets a new token in place of this version of it; False while another one does or has."""
    async with pool.connection() as connection:
        done = await connection.execute(
            "update plugin_logins set refreshing_until = now() + %s where plugin_id = %s and user_id = %s"
            " and version = %s and lost_at is null and (refreshing_until is null or refreshing_until < now())",
            (lease, plugin_id, user_id, version),
        )
    return done.rowcount == 1


async def extend_refresh(pool: Pool, plugin_id: str, user_id: str, version: int, lease: timedelta) -> None:
    """Stay the one who gets a new token in place of this version."""
    async with pool.connection() as connection:
        await connection.execute(
            "update plugin_logins set refreshing_until = now() + %s where plugin_id = %s and user_id = %s"
            " and version = %s and refreshing_until is not null",
            (lease, plugin_id, user_id, version),
        )


async def refreshed(
    pool: Pool, plugin_id: str, user_id: str, version: int, sealed: bytes, expires_at: datetime | None
) -> bool:
    """Keep a new token in place of this version of it; False where the person connected anew, or left, meanwhile."""
    async with pool.connection() as connection:
        done = await connection.execute(
            "update plugin_logins set sealed = %s, expires_at = %s, version = version + 1, refreshing_until = null"
            " where plugin_id = %s and user_id = %s and version = %s",
            (sealed, expires_at, plugin_id, user_id, version),
        )
    return done.rowcount == 1


async def give_up_refresh(pool: Pool, plugin_id: str, user_id: str, version: int, lost: bool) -> None:
    """Let others try; ``lost`` says that it is of no use, because the server no longer takes this login."""
    async with pool.connection() as connection:
        await connection.execute(
            "update plugin_logins set refreshing_until = null, lost_at = case when %s then now() else lost_at end"
            " where plugin_id = %s and user_id = %s and version = %s",
            (lost, plugin_id, user_id, version),
        )


async def remove(pool: Pool, plugin_id: str, user_id: str) -> None:
    async with pool.connection() as connection, connection.transaction():
        values = (plugin_id, user_id)
        await connection.execute("delete from plugin_logins where plugin_id = %s and user_id = %s", values)
        await connection.execute("delete from plugin_login_requests where plugin_id = %s and user_id = %s", values)


# Logins that have begun


async def begin(pool: Pool, login: Pending, lifetime: timedelta) -> bool:
    """Keep one that has begun, the only one of its person and plugin; False where the plugin is gone."""
    async with pool.connection() as connection, connection.transaction():
        await connection.execute(
            "delete from plugin_login_requests where (plugin_id = %s and user_id = %s) or until < now()",
            (login.plugin_id, login.user_id),
        )
        done = await connection.execute(
            "insert into plugin_login_requests (id, plugin_id, user_id, sealed, url, conversation, until)"
            " select %s, id, %s, %s, %s, %s, now() + %s from plugins where id = %s",
            (login.id, login.user_id, login.sealed, login.url, login.conversation, lifetime, login.plugin_id),
        )
    return done.rowcount == 1


async def pending(pool: Pool, id: str) -> Pending | None:
    """One that has begun and waits for the browser."""
    return await _pending(pool, "r.id = %s", (id,))


async def pending_of(pool: Pool, plugin_id: str, user_id: str) -> Pending | None:
    return await _pending(pool, "r.plugin_id = %s and r.user_id = %s", (plugin_id, user_id))


async def bring(pool: Pool, id: str, answer: Mapping[str, str], by_hand: bool = False) -> str | None:
    """Keep what the browser came back with, once: whose login it is; None where that came before, or never began.

    ``by_hand``: its person brings it, so they hear what comes of it there, and not in their conversation again.
    """
    async with pool.connection() as connection:
        row = await (
            await connection.execute(
                "update plugin_login_requests set answer = %s,"
                " conversation = case when %s then null else conversation end"
                " where id = %s and answer is null and until > now() returning user_id",
                (Jsonb(dict(answer)), by_hand, id),
            )
        ).fetchone()
    return row["user_id"] if row else None


async def take(pool: Pool, id: str) -> Pending | None:
    """One with its answer, which nobody can take again; None where it was taken, is over, or was not answered."""
    async with pool.connection() as connection, connection.transaction():
        row = await (
            await connection.execute(
                f"select {_PENDING} where r.id = %s and r.taken_at is null and r.answer is not null and r.until > now()"
                " for update of r",
                (id,),
            )
        ).fetchone()
        if row is not None:
            await connection.execute(
                "update plugin_login_requests set taken_at = now(), answer = '{}' where id = %s", (id,)
            )
    return Pending(**{**row, "sealed": bytes(row["sealed"])}) if row else None


async def is_connected_by(pool: Pool, id: str) -> Pending | None:
    """One whose answer was taken, if its person has been connected since."""
    async with pool.connection() as connection:
        row = await (
            await connection.execute(
                f"select {_PENDING} join plugin_logins l using (plugin_id, user_id)"
                " where r.id = %s and l.connected_at >= r.taken_at",
                (id,),
            )
        ).fetchone()
    return Pending(**{**row, "sealed": bytes(row["sealed"])}) if row else None


async def name_of(pool: Pool, user_id: str) -> str | None:
    """What a person was called when they spoke last."""
    async with pool.connection() as connection:
        row = await (
            await connection.execute(
                "select message->'user'->>'name' as name from turns where user_id = %s"
                " order by started_at desc limit 1",
                (user_id,),
            )
        ).fetchone()
    return row["name"] if row else None


async def answers(pool: Pool) -> bool:
    """Whether the database answers."""
    async with pool.connection() as connection:
        await connection.execute("select 1")
    return True


_PENDING: LiteralString = (
    "r.id, r.plugin_id, p.name as plugin, r.user_id, r.sealed, r.url, r.conversation, r.answer"
    " from plugin_login_requests r join plugins p on p.id = r.plugin_id"
)


async def _pending(pool: Pool, where: LiteralString, values: tuple[str, ...]) -> Pending | None:
    async with pool.connection() as connection:
        row = await (
            await connection.execute(
                f"select {_PENDING} where {where} and r.answer is null and r.until > now()", values
            )
        ).fetchone()
    return Pending(**{**row, "sealed": bytes(row["sealed"])}) if row else None
