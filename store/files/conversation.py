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
    """What was attached may be anybody's words, whoever attached it."""


_BROUGHT: LiteralString = (
    "select a.file->>'blob_id' as blob_id, a.file->>'name' as name, 'others' as origin, t.position, 0 as step"
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
