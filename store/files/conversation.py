"""Files of a conversation by their names: what a person attached, and what tools made for them."""

from dataclasses import dataclass
from typing import LiteralString

from clara.filenames import same
from clara.messages import ConversationKey
from clara.tools.provenance import Provenance
from store.database import Pool


@dataclass(frozen=True)
class ConversationFile:
    """Its bytes are a blob of the person's."""

    blob_id: str
    name: str
    origin: Provenance


_BROUGHT: LiteralString = (
    "select a.file->>'blob_id' as blob_id, a.file->>'name' as name, 'person' as origin, t.position, 0 as step"
    " from turns t cross join lateral jsonb_array_elements(t.message->'attachments') a (file)"
    " where t.conversation_id = %(conversation)s and t.user_id = %(user)s"
)
_MADE: LiteralString = (
    "select f.file->>'blob_id', f.file->>'name', r.provenance, t.position, 1 + r.step"
    " from turns t join tool_results r on r.turn_id = t.id cross join lateral jsonb_array_elements(r.files) f (file)"
    " where t.conversation_id = %(conversation)s and t.user_id = %(user)s"
)


async def find(pool: Pool, key: ConversationKey, user_id: str, name: str) -> ConversationFile | None:
    """The newest file of that name that was attached by the person, or made for them, in the conversation."""
    async with pool.connection() as connection:
        rows = await (
            await connection.execute(
                f"select * from ({_BROUGHT} union all {_MADE}) found order by position desc, step desc",
                {"conversation": key.id, "user": user_id},
            )
        ).fetchall()
    for row in rows:
        if row["name"] == name or same(row["name"], name):
            return ConversationFile(row["blob_id"], row["name"], Provenance(row["origin"]))
    return None


async def origin(pool: Pool, key: ConversationKey, turn_id: str, window: int) -> Provenance:
    """The words furthest from the person that a turn may have been made of.

    What tools brought counts, in the turn and in the ``window`` turns before it, and what others said beside them.
    """
    async with pool.connection() as connection:
        row = await (
            await connection.execute(
                "with seen as ("
                "  select id, message from turns where conversation_id = %(conversation)s"
                "  and position <= (select position from turns where id = %(turn)s) order by position desc"
                "  limit %(window)s"
                ") select array(select distinct provenance from tool_results where turn_id in (select id from seen))"
                "   as brought, exists (select from seen where message->>'origin' <> 'person'"
                "   or exists (select from jsonb_array_elements(message->'quoted') q where not (q->>'is_clara')::bool)"
                " ) as quoted",
                {"conversation": key.id, "turn": turn_id, "window": window + 1},
            )
        ).fetchone()
    assert row is not None
    brought = {Provenance(each) for each in row["brought"]}
    return Provenance.OTHERS if row["quoted"] else max(brought | {Provenance.CLARA}, key=list(Provenance).index)
