"""Memories as the settings want them: in Clara's own database, and with vectors in another one."""

from pathlib import Path

import psycopg

from activities.memory import commands
from activities.memory.memories import Memories
from activities.memory.opening import open_memories
from clara.memory.kinds import Owner
from clara.memory.requests import MemoryCommand
from clara.settings import Settings, load
from store.database import Pool
from store.memory.opening import collection_name
from tests.loopback.embeddings import KEY, EmbeddingServer


def settings(database_url: str, home: Path, **more: str) -> Settings:
    return load({"DATABASE_URL": database_url, "CLARA_HOME": str(home), **more})


def with_vectors(server: EmbeddingServer) -> dict[str, str]:
    return {
        "EMBEDDINGS_PROVIDER": "openai",
        "OPENAI_API_KEY": KEY,
        "EMBEDDINGS_BASE_URL": server.url,
        "EMBEDDINGS_MODEL": "some-model",
        "EMBEDDINGS_DIMENSIONS": "384",
    }


async def tables(database_url: str) -> set[str]:
    async with await psycopg.AsyncConnection.connect(database_url) as connection:
        rows = await (
            await connection.execute("select tablename from pg_tables where schemaname = 'public'")
        ).fetchall()
    return {row[0] for row in rows}


async def remembers(memories: Memories, owner: Owner, vectors: int) -> None:
    await commands.run(memories, MemoryCommand(user_id=owner, name="add", argument="likes green tea"))
    found = await commands.run(memories, MemoryCommand(user_id=owner, name="search", argument="tea"))
    assert found.data[0]["text"] == "likes green tea"
    gone = await commands.run(memories, MemoryCommand(user_id=owner, name="forget-me", confirmed=True))
    assert (gone.data["memories"], gone.data["vectors"]) == (1, vectors)


async def test_vectors_live_in_the_database_that_the_setting_names(
    pool: Pool, database_url: str, owner: Owner, tmp_path: Path
) -> None:
    async with await psycopg.AsyncConnection.connect(database_url, autocommit=True) as connection:
        await connection.execute("create database vectors")
    other = database_url.rpartition("/")[0] + "/vectors"
    elsewhere = {"MEM0_DATABASE_URL": other, "MEM0_COLLECTION_NAME": "elsewhere"}
    async with EmbeddingServer() as server:
        chosen = settings(database_url, tmp_path, **with_vectors(server), **elsewhere)
        async with open_memories(chosen, pool) as memories:
            await remembers(memories, owner, vectors=1)
    assert await tables(other) == {"elsewhere_some_model_384"}
    assert "elsewhere_some_model_384" not in await tables(database_url)


async def test_without_settings_everything_lives_in_claras_own(
    pool: Pool, database_url: str, owner: Owner, tmp_path: Path
) -> None:
    async with EmbeddingServer() as server:
        chosen = settings(database_url, tmp_path, **with_vectors(server))
        async with open_memories(chosen, pool) as memories:
            await remembers(memories, owner, vectors=1)
    assert "clara_memories_some_model_384" in await tables(database_url)


async def test_words_only_need_no_table_of_vectors(pool: Pool, database_url: str, owner: Owner, tmp_path: Path) -> None:
    words = settings(database_url, tmp_path, MEM0_COLLECTION_NAME="words", EMBEDDINGS_PROVIDER="hash")
    async with open_memories(words, pool) as memories:
        await remembers(memories, owner, vectors=0)
    assert not [table for table in await tables(database_url) if table.startswith("words")]


def test_a_collection_is_named_after_its_model() -> None:
    assert collection_name("clara_memories", "nomic-embed-text", 768) == "clara_memories_nomic_embed_text_768"
    small, large = (f"openai/text-embedding-3-{size}" for size in ("small", "large"))  # alike in their first letters
    assert collection_name("clara_memories", small, 1024) != collection_name("clara_memories", large, 1024)
    assert len(collection_name("c" * 31, "m" * 200, 8192)) < 63  # Postgres cuts longer names without a word
