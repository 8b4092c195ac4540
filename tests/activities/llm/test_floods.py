"""Answers without an end: they are hung up, what came of them counts, and others are not kept waiting."""

import asyncio
import itertools
import time
from collections.abc import AsyncIterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from activities.http import events as bounds
from activities.llm.provider import Provider
from clara.errors import Unavailable
from clara.llm.models import answer_limit
from clara.messages import ThinkingPart
from tests.activities.llm.dialogues import WEATHER, Heard, ask, calls_of, prompt, text_of, user
from tests.loopback.models import Exchange, Flood, ModelServer, Reply

LIMIT = answer_limit(8192)


@pytest.fixture
async def exchange(server: ModelServer) -> AsyncIterator[list[Exchange]]:
    """What the server sees from here on; each flood must have been hung up by the client."""
    before, seen = len(server.log), list[Exchange]()
    yield seen
    await server.wait_until(lambda log: all(each.outcome != "running" for each in log[before:]), 10)
    seen += server.log[before:]
    assert [each.outcome for each in seen] == ["hung up"] * len(seen)
    assert max(each.bytes for each in seen) < bounds.STREAM_BYTES + 16 * 2**20


async def test_an_endless_text_is_cut_where_an_answer_may_end(provider: Provider, exchange: list[Exchange]) -> None:
    heard = Heard()
    completion = await ask(provider, "flood-text", heard=heard)
    assert completion.stop == "size"
    assert LIMIT // 2 < len(text_of(completion)) <= LIMIT
    assert "".join(heard.pieces) == text_of(completion)


async def test_endless_thoughts_are_cut(provider: Provider, exchange: list[Exchange]) -> None:
    completion = await ask(provider, "flood-thinking")
    assert completion.stop == "size"
    assert all(isinstance(part, ThinkingPart) for part in completion.parts)
    assert len(str(completion.parts)) < 2 * LIMIT


async def test_endless_arguments_become_a_call_that_cannot_be_read(
    provider: Provider, exchange: list[Exchange]
) -> None:
    completion = await ask(provider, "flood-arguments", prompt(user("Hi"), tools=(WEATHER,)))
    (call,) = calls_of(completion)
    assert completion.stop == "tools"
    assert call.malformed is not None
    assert len(call.malformed) <= LIMIT


@pytest.mark.parametrize("shape", ["comments", "line", "lines"])
async def test_an_endless_stream_that_says_nothing_is_a_fault(
    provider: Provider, exchange: list[Exchange], monkeypatch: pytest.MonkeyPatch, shape: str
) -> None:
    monkeypatch.setattr(bounds, "STREAM_BYTES", 4 * 2**20)
    with pytest.raises(Unavailable) as caught:
        await ask(provider, f"flood-{shape}")
    assert caught.value.kind == "garbled"


async def test_bytes_are_counted_as_they_are_after_unpacking(provider: Provider, exchange: list[Exchange]) -> None:
    completion = await ask(provider, "flood-bomb")
    assert completion.stop == "size"
    assert len(text_of(completion)) <= LIMIT


async def test_the_body_of_an_error_is_read_in_part(provider: Provider, exchange: list[Exchange]) -> None:
    with pytest.raises(Unavailable) as caught:
        await ask(provider, "flood-error")
    assert caught.value.kind == "server"


async def test_an_answer_of_many_small_pieces_is_not_copied_for_each(provider: Provider, server: ModelServer) -> None:
    """Some 70,000 pieces, 10 MB together; where each one copies what came before, this takes minutes."""
    server.script = lambda request: Flood("thinking", piece="ab" * 40)
    try:
        async with asyncio.timeout(100):
            completion = await ask(provider, "any", prompt(user("Hi"), max_tokens=180_000))
    finally:
        server.script = None
    assert completion.stop == "size"


async def test_the_loop_goes_on_while_an_endless_answer_comes(provider: Provider, exchange: list[Exchange]) -> None:
    lags: list[float] = []

    async def watch() -> None:
        while True:
            before = time.monotonic()
            await asyncio.sleep(0.005)
            lags.append(time.monotonic() - before - 0.005)

    watching = asyncio.create_task(watch())
    await asyncio.gather(*(ask(provider, "flood-text") for _ in range(4)))
    watching.cancel()
    assert sorted(lags)[len(lags) // 2] < 0.25, "half of the time the loop is free for others soon"


async def test_after_a_flood_the_provider_still_works(provider: Provider) -> None:
    await ask(provider, "flood-text")
    assert (await ask(provider, "echo")).stop == "end"


async def test_a_long_answer_in_one_event_is_no_flood(provider: Provider, server: ModelServer) -> None:
    server.script = lambda request: Reply((LIMIT // 2 * "a",))
    try:
        assert len(text_of(await ask(provider, "any"))) == LIMIT // 2
    finally:
        server.script = None


_ends = st.sampled_from([b"\n\n", b"\r\n\r\n", b"\r\r"])
_events = st.lists(st.tuples(st.integers(0, 90), _ends), min_size=1, max_size=12)


@settings(max_examples=100)
@given(events=_events, cuts=st.lists(st.integers(1, 40), min_size=1, max_size=6))
def test_where_the_bytes_are_cut_does_not_matter(events: list[tuple[int, bytes]], cuts: list[int]) -> None:
    """An event is too long by its own length, however the network cuts it and whatever stood before it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bounds, "EVENT_BYTES", 60)
        stream = b"".join(b"x" * length + end for length, end in events)
        counted, at = bounds._Event(), 0
        for cut in itertools.cycle(cuts):
            counted.add(stream[at : at + cut])
            at += cut
            if at >= len(stream):
                break
    longest = max(length for length, _ in events)
    if not 57 <= longest <= 60:  # the end of an event that is cut in two may count with it
        assert counted.is_too_long == (longest > 60)
