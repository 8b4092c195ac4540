"""What turns may call, by the hash of its content: most turns of an installation share one offer."""

from collections.abc import Sequence
from typing import LiteralString

from psycopg.types.json import Jsonb
from pydantic import TypeAdapter

from clara.messages import ConversationKey
from clara.tools.offer import FOUND_KEPT, Offer, OfferedTool, offer_id
from store import conversations
from store.database import Pool
from store.people.personal import Personal

PERSONAL = (
    # Those that nobody else was made: they may name tools of the person's own accounts and plugins.
    Personal(
        "offers",
        "offers",
        "exists (select from turns o where o.offer_id = t.id and o.user_id = %(person)s)"
        " and not exists (select from turns o where o.offer_id = t.id and o.user_id <> %(person)s)",
        key="id",
    ),
)

_OFFER: TypeAdapter[Offer] = TypeAdapter(tuple[OfferedTool, ...])


async def pin(pool: Pool, turn_id: str, offer: Offer) -> str:
    """Pin an offer to a turn that has none; returns the id of the one that counts."""
    return await _set(pool, turn_id, offer, "coalesce(offer_id, %(offer)s)")


async def replace(pool: Pool, turn_id: str, offer: Offer) -> str:
    """Pin another offer to a turn: with what was found for it, or has changed since. Returns its id."""
    return await _set(pool, turn_id, offer, "%(offer)s")


async def _set(pool: Pool, turn_id: str, offer: Offer, value: LiteralString) -> str:
    values = {"offer": offer_id(offer), "tools": Jsonb(_OFFER.dump_python(offer, mode="json")), "turn": turn_id}
    async with pool.connection() as connection:
        row = await (
            await connection.execute(
                # Only for a turn that is there: nobody would find the offer of one that was forgotten.
                "with there as (select id from turns where id = %(turn)s), kept as ("
                "  insert into offers (id, tools) select %(offer)s, %(tools)s from there on conflict (id) do nothing"
                f") update turns set offer_id = {value} where id = %(turn)s returning offer_id",
                values,
            )
        ).fetchone()
    if row is None:
        raise LookupError(f"there is no turn {turn_id}")
    pinned: str = row["offer_id"]
    return pinned


async def get(pool: Pool, id: str) -> Offer:
    """An offer that a turn has pinned."""
    async with pool.connection() as connection:
        row = await (await connection.execute("select tools::text from offers where id = %s", (id,))).fetchone()
    if row is None:
        raise LookupError(f"there is no offer {id}")
    return _OFFER.validate_json(row["tools"])


async def remember_found(pool: Pool, key: ConversationKey, names: Sequence[str]) -> None:
    """Keep what was found for the turns that follow: the newest FOUND_KEPT, each once."""
    async with pool.connection() as connection, connection.transaction():
        await conversations.ensure(connection, key)
        row = await (
            await connection.execute("select found_tools from conversations where id = %s for update", (key.id,))
        ).fetchone()
        known = list(row["found_tools"]) if row else []
        kept = [*known, *(name for name in names if name not in known)][-FOUND_KEPT:]
        await connection.execute("update conversations set found_tools = %s where id = %s", (kept, key.id))
