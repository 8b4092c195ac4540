"""What is kept of a person is known, table by table: it can be taken out and be wiped, all of it and nothing else."""

import base64
import json
import re
from collections.abc import AsyncIterator
from urllib.parse import urlsplit
from uuid import uuid4

import psycopg
import pytest

from clara.errors import UserError
from clara.memory.kinds import Owner
from clara.messages import ConversationKey
from store import conversations, migrations
from store.database import Pool, open_pool
from store.people import people
from store.turns import turns
from tests.store.people.filled import ended, message, secret, somebody, with_everything
from tests.traces import tables_with

SOMEBODYS = re.compile(
    r"(^|_)(user|user_id|owner|person|author|sender|recipient|turn_id|conversation|conversation_id|(asked|granted|approved|decided|created|added)_by)$"
)
"""Columns that say whose a row is. One whose name says so, and whose table nobody declares, fails the test."""


@pytest.fixture(scope="module")
async def fresh(database_url: str) -> AsyncIterator[Pool]:
    """A database with nothing in it but the schema: other tests leave tables of vectors behind."""
    name = f"people_{uuid4().hex[:8]}"
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(f"create database \"{name}\" encoding 'UTF8' template template0")
    url = urlsplit(database_url)._replace(path=f"/{name}").geturl()
    migrations.upgrade(url)
    pool = await open_pool(url)
    yield pool
    await pool.close()
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(f'drop database "{name}" with (force)')


async def _schema(pool: Pool) -> dict[str, list[str]]:
    """Tables and their columns."""
    async with pool.connection() as connection:
        rows = await (
            await connection.execute(
                "select table_name, array_agg(column_name::text) as columns from information_schema.columns"
                " where table_schema = current_schema() group by table_name"
            )
        ).fetchall()
    return {row["table_name"]: row["columns"] for row in rows}


async def test_every_table_is_declared_to_be_of_people_or_not(fresh: Pool) -> None:
    schema = await _schema(fresh)
    personal = {each.table for each in people.PERSONAL}
    undeclared = set(schema) - personal - set(people.IMPERSONAL)
    assert not undeclared, f"declare PERSONAL or IMPERSONAL where these are read and written: {sorted(undeclared)}"
    assert not personal & set(people.IMPERSONAL)
    assert personal | set(people.IMPERSONAL) == set(schema), "declared, but not there"
    assert all(people.IMPERSONAL.values()), "a reason is wanted"
    mine = {f"{table}.{column}" for table in people.IMPERSONAL for column in schema[table] if SOMEBODYS.search(column)}
    assert not mine, f"these say whose a row is, so the table is PERSONAL: {mine}"


async def test_a_row_is_found_by_every_column_that_says_whose_it_is(fresh: Pool) -> None:
    schema = await _schema(fresh)
    through_turn = {"turn_id", "conversation_id", "conversation"}
    for each in people.PERSONAL:
        owning = {column for column in schema[each.table] if SOMEBODYS.search(column)}
        direct = owning - through_turn
        for column in direct or owning:
            assert column in each.of, f"{each.table}.{column} says whose a row is, and `of` does not look at it"


async def _held(pool: Pool, owner: Owner) -> set[str]:
    """Tables in which the person's name stands anywhere, or what they said."""
    return await tables_with(pool, secret(owner))


async def _wipe(pool: Pool, owner: Owner, over: tuple[str, ...] = ()) -> dict[str, int]:
    async with pool.connection() as connection, connection.transaction():
        return await people.wipe(connection, owner, over)


async def test_wiping_leaves_nothing_and_counts_all_of_it(fresh: Pool) -> None:
    owner = somebody()
    await with_everything(fresh, owner, "1001")
    counted = await _wipe(fresh, owner)
    empty = [subject for subject, number in counted.items() if not number]
    assert not empty, f"the test keeps nothing there, so it proves nothing: {empty}"
    assert await _held(fresh, owner) == set()
    assert not any((await _wipe(fresh, owner)).values())


async def test_an_export_holds_every_subject_as_json(fresh: Pool) -> None:
    owner = somebody()
    await with_everything(fresh, owner, "1002")
    exported = json.loads(json.dumps(await people.export(fresh, owner)))
    subjects = {each.subject for each in people.PERSONAL if each.export}
    assert {key for key, rows in exported.items() if rows} == subjects | {"user"}
    assert base64.b64decode(exported["files"][0]["base64"]) == secret(owner).encode()
    assert exported["turns"][0]["message"]["text"] == f"what about {secret(owner)}?"
    other = await people.export(fresh, somebody())
    assert not any(rows for subject, rows in other.items() if subject != "user")


async def test_what_others_said_in_the_same_conversation_stays(fresh: Pool) -> None:
    owner, other = somebody(), somebody()
    await with_everything(fresh, owner, "1003")
    kept = await ended(fresh, message(other, "1003", "and what about tea?"), "tea is fine")
    await conversations.set_tier(fresh, message(other, "1003", "").conversation, "high")
    unused = ConversationKey(platform="discord", channel="1006")
    await conversations.set_tier(fresh, unused, "low")
    counted = await _wipe(fresh, owner)
    assert counted["turns"] == 1
    assert (await conversations.get(fresh, unused)).tier == "low", "somebody has set it who has not spoken yet"
    turn = await turns.get(fresh, kept)
    assert turn is not None
    assert (turn.reply, turn.position) == ("tea is fine", 2)
    assert (await conversations.get(fresh, turn.message.conversation)).tier == "high"
    assert await _held(fresh, owner) == set()
    assert await _held(fresh, other) == {"turns"}
    assert (await _wipe(fresh, other))["conversations"] == 1


async def test_a_turn_at_work_is_not_torn_out_but_one_that_is_known_to_be_over_is(fresh: Pool) -> None:
    owner = somebody()
    turn = await turns.begin(fresh, message(owner, "1004", "hello"))
    with pytest.raises(UserError, match="still answering"):
        await _wipe(fresh, owner)
    assert await turns.get(fresh, turn.id)
    assert (await _wipe(fresh, owner, (turn.id,)))["turns"] == 1


async def test_a_wipe_that_is_cut_off_has_done_nothing_and_is_repeated(fresh: Pool) -> None:
    owner = somebody()
    await with_everything(fresh, owner, "1005")
    async with fresh.connection() as connection, connection.transaction(force_rollback=True):
        await people.wipe(connection, owner)
    assert len(await _held(fresh, owner)) >= len(people.PERSONAL) - 5
    await _wipe(fresh, owner)
    assert await _held(fresh, owner) == set()
