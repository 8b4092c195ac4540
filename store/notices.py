"""Notices: messages without a turn. Each is kept once by its key, and shown once."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString

from clara.messages import ConversationKey
from clara.notices import READ_THE_STORE, Notice, notice_id
from store import stream
from store.database import Pool
from store.people.personal import Personal

PERSONAL = (Personal("notices", "notices", "t.user_id = %(person)s"),)


@dataclass(frozen=True)
class KeptNotice:
    notice: Notice
    kept_at: datetime
    shown_at: datetime | None

    @property
    def id(self) -> str:
        return notice_id(self.notice.key)


_COLUMNS: LiteralString = "key, user_id, conversation, reply_to, text, kept_at, shown_at"


def _kept(row: dict[str, Any]) -> KeptNotice:
    notice = Notice(
        key=row["key"],
        user_id=row["user_id"],
        to=ConversationKey.parse(row["conversation"]),
        reply_to=row["reply_to"],
        text=row["text"],
    )
    return KeptNotice(notice, row["kept_at"], row["shown_at"])


async def keep(pool: Pool, notice: Notice) -> bool:
    """Keep a notice that is to be sent; False if one of its key was kept before, which then stays as it is."""
    async with pool.connection() as connection, connection.transaction():
        done = await connection.execute(
            "insert into notices (key, user_id, conversation, reply_to, text) values (%s, %s, %s, %s, %s)"
            " on conflict (key) do nothing",
            (notice.key, notice.user_id, notice.to.id, notice.reply_to, notice.text),
        )
        if done.rowcount and notice.to.platform in READ_THE_STORE:
            await stream.notify(connection, stream.message_frame(notice.to.id, notice_id(notice.key)))
    return done.rowcount == 1


async def get(pool: Pool, key: str) -> KeptNotice | None:
    async with pool.connection() as connection:
        row = await (await connection.execute(f"select {_COLUMNS} from notices where key = %s", (key,))).fetchone()
    return _kept(row) if row else None


async def unshown(pool: Pool, key: ConversationKey, limit: int = 20) -> list[KeptNotice]:
    """Notices of a conversation that nobody was shown yet, oldest first: the newest ``limit`` of them."""
    async with pool.connection() as connection:
        rows = await (
            await connection.execute(
                f"select {_COLUMNS} from notices where conversation = %s and shown_at is null"
                " order by kept_at desc, key limit %s",
                (key.id, limit),
            )
        ).fetchall()
    return [_kept(row) for row in reversed(rows)]


async def mark_shown(pool: Pool, key: str) -> None:
    async with pool.connection() as connection:
        await connection.execute("update notices set shown_at = now() where key = %s and shown_at is null", (key,))
