"""What the Discord adapter must still know after a crash: where it reads, and what it has sent."""

from dataclasses import dataclass

from clara.attention import Mode
from store.database import Pool
from store.people.personal import OF_THEIR_MESSAGES, Personal

PERSONAL = (Personal("discord_messages", "discord_sent", OF_THEIR_MESSAGES),)
IMPERSONAL = {
    "discord_channels": "channels and where she reads on in them: without it what is said while she is away is missed",
    "discord_guilds": "servers and where she reads on in them",
    "discord_registrations": "which slash commands Discord was told",
}

UNDELIVERED_DAYS = 7
"""A reply that could not be written for so long is no longer tried."""

KEEP_SENT = "14 days"
"""Longer than a turn can live: after that nobody asks again which messages it has."""


@dataclass(frozen=True)
class Channel:
    """A channel, thread or direct message. ``cursor`` None: nothing was read there yet."""

    id: int
    guild_id: int | None
    mode: Mode | None
    cursor: int | None


@dataclass(frozen=True)
class Sent:
    """One message of a turn or a notice. Without ``message_id`` it is unknown whether Discord has it."""

    attempt: int
    message_id: int | None
    first: bool
    """It was claimed just now: nobody tried to send it before."""
    age_s: float
    """Since the first claim of this attempt."""


async def channels(pool: Pool) -> list[Channel]:
    async with pool.connection() as connection:
        rows = await (
            await connection.execute("select channel_id as id, guild_id, mode, cursor from discord_channels")
        ).fetchall()
    return [Channel(**row) for row in rows]


async def advance(pool: Pool, channel_id: int, guild_id: int | None, message_id: int) -> None:
    """Every message of the channel up to ``message_id`` has been dealt with. Never goes back."""
    async with pool.connection() as connection:
        await connection.execute(
            "insert into discord_channels (channel_id, guild_id, cursor) values (%s, %s, %s)"
            " on conflict (channel_id) do update set cursor = greatest(discord_channels.cursor, excluded.cursor)",
            (channel_id, guild_id, message_id),
        )


async def marks(pool: Pool) -> dict[int, int]:
    """By server: the newest id that was there when all its channels were last looked at."""
    async with pool.connection() as connection:
        rows = await (await connection.execute("select guild_id, mark from discord_guilds")).fetchall()
    return {row["guild_id"]: row["mark"] for row in rows}


async def set_mark(pool: Pool, guild_id: int, mark: int) -> None:
    """All channels that the server has now have their cursors."""
    async with pool.connection() as connection:
        await connection.execute(
            "insert into discord_guilds (guild_id, mark) values (%s, %s)"
            " on conflict (guild_id) do update set mark = greatest(discord_guilds.mark, excluded.mark)",
            (guild_id, mark),
        )


async def set_mode(pool: Pool, channel_id: int, guild_id: int, mode: Mode) -> None:
    async with pool.connection() as connection:
        await connection.execute(
            "insert into discord_channels (channel_id, guild_id, mode) values (%s, %s, %s)"
            " on conflict (channel_id) do update set mode = excluded.mode",
            (channel_id, guild_id, mode),
        )


async def claim(pool: Pool, turn_id: str, part: int) -> Sent:
    """Say that a part is about to be sent, and learn whether somebody has said so before."""
    async with pool.connection() as connection:
        row = await (
            await connection.execute(
                "insert into discord_sent (turn_id, part) values (%s, %s)"
                " on conflict (turn_id, part) do update set part = excluded.part"
                " returning attempt, message_id, xmax = 0 as first,"
                " extract(epoch from now() - claimed_at)::float8 as age_s",
                (turn_id, part),
            )
        ).fetchone()
    assert row is not None
    return Sent(**row)


async def record(pool: Pool, turn_id: str, part: int, message_id: int) -> None:
    """A part has arrived at Discord."""
    async with pool.connection() as connection:
        await connection.execute(
            "update discord_sent set message_id = %s where turn_id = %s and part = %s", (message_id, turn_id, part)
        )


async def renew(pool: Pool, turn_id: str, part: int, gone: int) -> None:
    """The message ``gone`` was deleted: the part is to be sent again, under another nonce."""
    async with pool.connection() as connection:
        await connection.execute(
            "update discord_sent set message_id = null, attempt = (attempt + 1) %% 10, claimed_at = now()"
            " where turn_id = %s and part = %s and message_id = %s",
            (turn_id, part, gone),
        )


async def sent(pool: Pool, turn_id: str) -> dict[int, int]:
    """The known messages of a turn: part to message id."""
    async with pool.connection() as connection:
        rows = await (
            await connection.execute(
                "select part, message_id from discord_sent where turn_id = %s and message_id is not null", (turn_id,)
            )
        ).fetchall()
    return {row["part"]: row["message_id"] for row in rows}


async def of_others(pool: Pool, id: str, message_ids: list[int]) -> set[int]:
    """Those of the messages that are known to belong to another turn or notice than ``id``."""
    async with pool.connection() as connection:
        rows = await (
            await connection.execute(
                "select message_id from discord_sent where message_id = any(%s) and turn_id <> %s", (message_ids, id)
            )
        ).fetchall()
    return {row["message_id"] for row in rows}


async def undelivered(pool: Pool) -> list[int]:
    """The channels with replies of ended turns, or notices, that nobody was shown."""
    async with pool.connection() as connection:
        rows = await (
            await connection.execute(
                "select distinct c.channel from turns t join conversations c on c.id = t.conversation_id"
                " where c.platform = 'discord' and t.shown_at is null"
                " and t.ended_at > now() - make_interval(days => %(days)s)"
                " union select split_part(conversation, '/', 2) from notices"
                " where starts_with(conversation, 'discord/') and shown_at is null"
                " and kept_at > now() - make_interval(days => %(days)s)",
                {"days": UNDELIVERED_DAYS},
            )
        ).fetchall()
    return [int(row["channel"]) for row in rows]


async def was_claimed(pool: Pool, turn_id: str, part: int) -> bool:
    """Whether somebody has said before that this part is about to be sent."""
    async with pool.connection() as connection:
        rows = await connection.execute("select 1 from discord_sent where turn_id = %s and part = %s", (turn_id, part))
        return await rows.fetchone() is not None


async def prune(pool: Pool) -> None:
    """Forget the messages of turns that ended long ago."""
    async with pool.connection() as connection:
        await connection.execute(f"delete from discord_sent where claimed_at < now() - interval '{KEEP_SENT}'")


async def known_turns(pool: Pool, turn_ids: list[str]) -> set[str]:
    """Those of the turns that have begun, so that their messages were accepted."""
    async with pool.connection() as connection:
        rows = await (await connection.execute("select id from turns where id = any(%s)", (turn_ids,))).fetchall()
    return {row["id"] for row in rows}


async def registered(pool: Pool, application_id: int) -> str | None:
    """The digest of the commands that Discord was told last."""
    async with pool.connection() as connection:
        row = await (
            await connection.execute(
                "select digest from discord_registrations where application_id = %s", (application_id,)
            )
        ).fetchone()
    return row["digest"] if row else None


async def set_registered(pool: Pool, application_id: int, digest: str) -> None:
    async with pool.connection() as connection:
        await connection.execute(
            "insert into discord_registrations (application_id, digest) values (%s, %s)"
            " on conflict (application_id) do update set digest = excluded.digest",
            (application_id, digest),
        )
