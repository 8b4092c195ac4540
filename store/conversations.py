"""What is set for a conversation: its tier and project, where its context begins, what its provider can read."""

from dataclasses import dataclass

from clara.messages import ConversationKey, Tier
from store.database import Connection, Pool
from store.people.personal import Personal

# Those in which nobody else has spoken, and at the terminal those that bear the person's name.
PERSONAL = (
    Personal(
        "conversations",
        "conversations",
        "not exists (select from turns o where o.conversation_id = t.id and o.user_id <> %(person)s)"
        " and (exists (select from turns o where o.conversation_id = t.id)"
        "  or starts_with(t.id, replace(%(person)s, ':', '/') || '/'))",
    ),
)


@dataclass(frozen=True)
class Conversation:
    id: str
    tier: Tier | None
    fresh_after: int
    """Turns up to this position are no longer read by the model."""
    context_tokens: int | None
    """Learned from a refusal: the provider cannot read more."""
    project: str | None
    """Whose project memories are recalled and kept here."""
    found_tools: tuple[str, ...] = ()
    """Tools that were found by searching, oldest first; they are offered from then on."""


async def ensure(connection: Connection, key: ConversationKey) -> None:
    await connection.execute(
        "insert into conversations (id, platform, channel) values (%s, %s, %s) on conflict (id) do nothing",
        (key.id, key.platform, key.channel),
    )


async def get(pool: Pool, key: ConversationKey) -> Conversation:
    """The settings of a conversation; the defaults where it is not known yet."""
    async with pool.connection() as connection:
        row = await (
            await connection.execute(
                "select tier, fresh_after, context_tokens, project, found_tools from conversations where id = %s",
                (key.id,),
            )
        ).fetchone()
    if row is None:
        return Conversation(key.id, None, 0, None, None)
    found = tuple(row["found_tools"])
    return Conversation(key.id, row["tier"], row["fresh_after"], row["context_tokens"], row["project"], found)


async def set_tier(pool: Pool, key: ConversationKey, tier: Tier | None) -> None:
    """Answer this conversation at ``tier`` from now on; None leaves it to the defaults."""
    async with pool.connection() as connection, connection.transaction():
        await ensure(connection, key)
        await connection.execute("update conversations set tier = %s where id = %s", (tier, key.id))


async def set_project(pool: Pool, key: ConversationKey, project: str | None) -> None:
    """From now on the conversation is about ``project``, or about none."""
    async with pool.connection() as connection, connection.transaction():
        await ensure(connection, key)
        await connection.execute("update conversations set project = %s where id = %s", (project, key.id))


async def start_fresh(pool: Pool, key: ConversationKey) -> None:
    """Begin anew: what was said so far stays stored and searchable, but is not read by the model."""
    async with pool.connection() as connection, connection.transaction():
        await ensure(connection, key)
        await connection.execute(
            "update conversations set fresh_after ="
            " coalesce((select max(position) from turns where conversation_id = %(id)s), fresh_after)"
            " where id = %(id)s",
            {"id": key.id},
        )


async def learn_context_tokens(pool: Pool, key: ConversationKey, tokens: int) -> None:
    async with pool.connection() as connection:
        await connection.execute("update conversations set context_tokens = %s where id = %s", (tokens, key.id))
