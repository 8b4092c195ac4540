"""Which configured provider offers embeddings: asked once, and known to every process from then on."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from store.database import Pool

IMPERSONAL = {"embedding_offers": "which providers offer embeddings, and how long their vectors are"}

CLAIM_S = 30
"""For so long nobody else asks a provider that somebody is asking."""


@dataclass(frozen=True)
class Offer:
    """What is known of one provider with its settings: vectors of ``dimensions``, or why there are none."""

    settings: str
    dimensions: int | None
    why: str
    due: bool
    """Whether it may be asked again: the finding was an outage, and that was long enough ago."""


async def known(pool: Pool, settings: Sequence[str]) -> dict[str, Offer]:
    """What is known, by the mark of the settings; a provider that was never asked is not in it."""
    async with pool.connection() as connection:
        rows = await (
            await connection.execute(
                "select settings, dimensions, why, coalesce(again_at <= now(), false) as due from embedding_offers"
                " where settings = any(%s)",
                (list(settings),),
            )
        ).fetchall()
    return {row["settings"]: Offer(**row) for row in rows}


async def claim(pool: Pool, settings: str) -> bool:
    """Whether this process is to ask now: nobody has, or it is due again. A claim ends by itself."""
    async with pool.connection() as connection:
        done = await connection.execute(
            "insert into embedding_offers (settings, why, again_at) values (%(settings)s, 'is being asked',"
            " now() + make_interval(secs => %(claim)s)) on conflict (settings)"
            " do update set again_at = excluded.again_at where embedding_offers.again_at <= now()",
            {"settings": settings, "claim": CLAIM_S},
        )
    return done.rowcount == 1


async def note(pool: Pool, settings: str, dimensions: int | None, why: str, again: timedelta | None) -> None:
    """Keep a finding. ``again``: when to ask again; None where the answer holds until the settings change."""
    async with pool.connection() as connection:
        await connection.execute(
            "insert into embedding_offers (settings, dimensions, why, again_at) values (%(settings)s, %(dimensions)s,"
            " %(why)s, now() + %(again)s) on conflict (settings) do update set dimensions = excluded.dimensions,"
            " why = excluded.why, again_at = excluded.again_at, asked_at = now()",
            {"settings": settings, "dimensions": dimensions, "why": why, "again": again},
        )


async def forget(pool: Pool, settings: Sequence[str]) -> None:
    """Have them asked anew."""
    async with pool.connection() as connection:
        await connection.execute("delete from embedding_offers where settings = any(%s)", (list(settings),))
