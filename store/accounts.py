"""Accounts of people with other services. Their tokens are sealed: see store/sealing."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import LiteralString

from clara.accounts import Account, Service
from store.database import Pool
from store.people.personal import Personal

_SHOWN: LiteralString = "user_id, service, login, base_url, scopes, connected_at, fault"

PERSONAL = (
    Personal("accounts", "accounts", "t.user_id = %(person)s", export="to_jsonb(t) - 'sealed'"),
    Personal("account_proposals", "account_proposals", "t.user_id = %(person)s", export=None),
)

PROPOSED: LiteralString = "1 hour"
"""A token whose check did not come to an end is deleted after that."""


@dataclass(frozen=True)
class Proposal:
    base_url: str
    sealed: bytes


async def propose(pool: Pool, reference: str, user_id: str, service: Service, base_url: str, sealed: bytes) -> None:
    """Keep a token that is to be checked."""
    async with pool.connection() as connection:
        await connection.execute(f"delete from account_proposals where made_at < now() - interval '{PROPOSED}'")
        await connection.execute(
            "insert into account_proposals (reference, user_id, service, base_url, sealed) values (%s, %s, %s, %s, %s)",
            (reference, user_id, service, base_url, sealed),
        )


async def proposal(pool: Pool, reference: str, user_id: str) -> Proposal | None:
    """None where it was decided about, or its person was forgotten."""
    async with pool.connection() as connection:
        row = await (
            await connection.execute(
                "select base_url, sealed from account_proposals where reference = %s and user_id = %s",
                (reference, user_id),
            )
        ).fetchone()
    return Proposal(row["base_url"], bytes(row["sealed"])) if row else None


async def accept(pool: Pool, reference: str, login: str, base_url: str, scopes: tuple[str, ...]) -> bool:
    """The proposed token is the account's from now on, in place of one before; False where it is gone."""
    async with pool.connection() as connection:
        done = await connection.execute(
            "with proposed as (delete from account_proposals where reference = %(reference)s returning *)"
            " insert into accounts as a (user_id, service, login, base_url, scopes, sealed)"
            " select user_id, service, %(login)s, %(base_url)s, %(scopes)s, sealed from proposed"
            " on conflict (user_id, service) do update set login = excluded.login, base_url = excluded.base_url,"
            " scopes = excluded.scopes, sealed = excluded.sealed, connected_at = now(), fault = '',"
            " version = a.version + 1, expires_at = null, refreshing_until = null",
            {"reference": reference, "login": login, "base_url": base_url, "scopes": list(scopes)},
        )
    return done.rowcount == 1


async def reject(pool: Pool, reference: str) -> None:
    async with pool.connection() as connection:
        await connection.execute("delete from account_proposals where reference = %s", (reference,))


async def keep(
    pool: Pool,
    user_id: str,
    service: Service,
    login: str,
    scopes: tuple[str, ...],
    sealed: bytes,
    expires_at: datetime | None,
) -> None:
    """Keep an account whose tokens are renewed, in place of one before."""
    async with pool.connection() as connection:
        await connection.execute(
            "insert into accounts as a (user_id, service, login, base_url, scopes, sealed, expires_at)"
            " values (%s, %s, %s, '', %s, %s, %s)"
            " on conflict (user_id, service) do update set login = excluded.login, base_url = '',"
            " scopes = excluded.scopes, sealed = excluded.sealed, connected_at = now(), fault = '',"
            " version = a.version + 1, expires_at = excluded.expires_at, refreshing_until = null",
            (user_id, service, login, list(scopes), sealed, expires_at),
        )


async def of_person(pool: Pool, user_id: str) -> list[Account]:
    """By service."""
    async with pool.connection() as connection:
        rows = await (
            await connection.execute(f"select {_SHOWN} from accounts where user_id = %s order by service", (user_id,))
        ).fetchall()
    return [Account(**row) for row in rows]


async def get(pool: Pool, user_id: str, service: Service) -> tuple[Account, bytes] | None:
    """An account and its sealed token."""
    async with pool.connection() as connection:
        row = await (
            await connection.execute(
                f"select {_SHOWN}, sealed from accounts where user_id = %s and service = %s", (user_id, service)
            )
        ).fetchone()
    if row is None:
        return None
    sealed = bytes(row.pop("sealed"))
    return Account(**row), sealed


@dataclass(frozen=True)
class Held:
    """The tokens of an account that are renewed."""

    sealed: bytes
    version: int
    expires_at: datetime | None
    fault: str


async def held(pool: Pool, user_id: str, service: Service) -> Held | None:
    async with pool.connection() as connection:
        row = await (
            await connection.execute(
                "select sealed, version, expires_at, fault from accounts where user_id = %s and service = %s",
                (user_id, service),
            )
        ).fetchone()
    return Held(**{**row, "sealed": bytes(row["sealed"])}) if row else None


async def claim_refresh(pool: Pool, user_id: str, service: Service, version: int, lease: timedelta) -> bool:
    """Become the one who gets a new token in place of this version of it; False while another one does or has."""
    async with pool.connection() as connection:
        done = await connection.execute(
            "update accounts set refreshing_until = now() + %s where user_id = %s and service = %s and version = %s"
            " and fault = '' and (refreshing_until is null or refreshing_until < now())",
            (lease, user_id, service, version),
        )
    return done.rowcount == 1


async def extend_refresh(pool: Pool, user_id: str, service: Service, version: int, lease: timedelta) -> None:
    """Stay the one who gets a new token in place of this version."""
    async with pool.connection() as connection:
        await connection.execute(
            "update accounts set refreshing_until = now() + %s where user_id = %s and service = %s and version = %s"
            " and refreshing_until is not null",
            (lease, user_id, service, version),
        )


async def refreshed(
    pool: Pool, user_id: str, service: Service, version: int, sealed: bytes, expires_at: datetime | None
) -> None:
    """Keep a new token in place of this version of it, unless the person connected anew, or left, meanwhile."""
    async with pool.connection() as connection:
        await connection.execute(
            "update accounts set sealed = %s, expires_at = %s, version = version + 1, refreshing_until = null"
            " where user_id = %s and service = %s and version = %s",
            (sealed, expires_at, user_id, service, version),
        )


async def give_up_refresh(pool: Pool, user_id: str, service: Service, version: int, fault: str) -> None:
    """Let others try; ``fault``, a sentence, says that it is of no use, and is empty where it may be."""
    async with pool.connection() as connection:
        await connection.execute(
            "update accounts set refreshing_until = null, fault = %s"
            " where user_id = %s and service = %s and version = %s",
            (fault, user_id, service, version),
        )


async def mark(pool: Pool, user_id: str, service: Service, fault: str) -> None:
    """It cannot be used any more: ``fault`` says why."""
    async with pool.connection() as connection:
        await connection.execute(
            "update accounts set fault = %s where user_id = %s and service = %s", (fault, user_id, service)
        )


async def remove(pool: Pool, user_id: str, service: Service) -> bool:
    """Disconnect; False where there was none."""
    async with pool.connection() as connection:
        done = await connection.execute("delete from accounts where user_id = %s and service = %s", (user_id, service))
    return done.rowcount == 1
