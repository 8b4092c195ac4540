"""Frames through Postgres, whole and in order."""

import asyncio
import uuid

import psycopg
from hypothesis import given
from hypothesis import strategies as st

from clara.stream import Assembly, Frame
from store.database import Pool, open_pool
from store.stream import PREVIEW_LIMIT, TEXT_BYTES, TurnStream, end_frame, listen, pieces
from tests.patience import PATIENCE_S


async def collect(database_url: str, platform: str, ready: asyncio.Event, frames: list[Frame]) -> None:
    async for frame in listen(database_url, platform):
        if frame is None:
            ready.set()
        else:
            frames.append(frame)


async def test_text_arrives_whole_whatever_it_is_made_of(pool: Pool, database_url: str) -> None:
    platform = f"t{uuid.uuid4().hex[:8]}"
    ready, frames = asyncio.Event(), list[Frame]()
    listener = asyncio.create_task(collect(database_url, platform, ready, frames))
    await asyncio.wait_for(ready.wait(), PATIENCE_S)
    text = "word " * 3_000 + '\n"quotes" \\ 日本語 🦜 ' * 500 + "\x01" * 3_000
    async with TurnStream(pool, f"{platform}/c", "turn/x", 0, 1) as stream:
        for start in range(0, len(text), 777):
            stream.text(text[start : start + 777])
            await asyncio.sleep(0)
        stream.tool("current_time")
    async with asyncio.timeout(PATIENCE_S):
        while not any(frame.kind == "tool" for frame in frames):
            await asyncio.sleep(0.02)
    listener.cancel()
    seen = Assembly()
    for frame in frames:
        seen.add(frame)
    assert seen.step_text == text
    assert [frame.seq for frame in frames] == list(range(len(frames)))


async def test_of_an_endless_text_only_the_beginning_is_shown(pool: Pool, database_url: str) -> None:
    platform = f"t{uuid.uuid4().hex[:8]}"
    ready, frames = asyncio.Event(), list[Frame]()
    listener = asyncio.create_task(collect(database_url, platform, ready, frames))
    await asyncio.wait_for(ready.wait(), PATIENCE_S)
    async with TurnStream(pool, f"{platform}/c", "turn/x", 0, 1) as stream:
        for _ in range(2_000):
            stream.text("word " * 1_000)
        stream.tool("current_time")
        async with asyncio.timeout(PATIENCE_S):
            while not any(frame.kind == "tool" for frame in frames):
                await asyncio.sleep(0.02)
    listener.cancel()
    shown = sum(len(frame.text) for frame in frames if frame.kind == "text")
    assert PREVIEW_LIMIT <= shown < PREVIEW_LIMIT + 10_000


async def test_listener_hears_again_after_its_connection_broke(pool: Pool, database_url: str) -> None:
    platform = f"t{uuid.uuid4().hex[:8]}"
    ready, frames = asyncio.Event(), list[Frame]()
    listener = asyncio.create_task(collect(database_url, platform, ready, frames))
    await asyncio.wait_for(ready.wait(), PATIENCE_S)
    ready.clear()
    async with pool.connection() as connection:
        await connection.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'clara-listen'"
        )
    await asyncio.wait_for(ready.wait(), PATIENCE_S)
    async with TurnStream(pool, f"{platform}/c", "turn/x", 0, 1) as stream:
        stream.text("back")
    async with asyncio.timeout(PATIENCE_S):
        while not frames:
            await asyncio.sleep(0.02)
    listener.cancel()
    assert frames[0].text == "back"


async def test_lost_database_does_not_hurt_an_answer(database_url: str) -> None:
    from psycopg_pool import AsyncConnectionPool

    nowhere: Pool = AsyncConnectionPool("postgresql://x@127.0.0.1:1/x", open=False, timeout=0.2)
    async with TurnStream(nowhere, "cli/c", "turn/x", 0, 1) as stream:
        stream.text("nobody hears this")
        await asyncio.sleep(0.3)


@given(st.text(max_size=9_000))
def test_pieces_fit_and_add_up(text: str) -> None:
    parts = list(pieces(text))
    assert "".join(parts) == text
    for part in parts:
        frame = Frame(conversation="x" * 150, turn="x" * 260, step=99, attempt=9, seq=9999, kind="text", text=part)
        assert len(frame.model_dump_json().encode("utf-8", "surrogatepass")) < 8_000


def test_end_frame_is_small() -> None:
    assert len(end_frame("c" * 150, "t" * 260, "completed").model_dump_json()) < TEXT_BYTES


async def test_notify_limit_is_what_we_think(database_url: str) -> None:
    async with await psycopg.AsyncConnection.connect(database_url, autocommit=True) as connection:
        await connection.execute("select pg_notify('x', %s)", ("x" * 7_999,))


async def test_stream_ends_at_once_and_whole_however_short_it_was(database_url: str) -> None:
    # A pool that has to open its second connection while the stream ends once swallowed the stream's
    # cancellation, and the answer waited for ever.
    for pause in (0.0, 0.0, 0.001, 0.003, 0.01, 0.03):
        fresh = await open_pool(database_url)
        async with (
            asyncio.timeout(PATIENCE_S),
            fresh.connection(),
            TurnStream(fresh, "cli/c", "turn/x", 0, 1) as stream,
        ):
            stream.text("hi")
            await asyncio.sleep(pause)
        await fresh.close()
