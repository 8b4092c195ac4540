"""An answer arrives piece by piece, is counted, and can be stopped."""

import asyncio

import pytest

from activities.llm.provider import Provider
from clara.errors import Unavailable
from clara.messages import TextPart
from tests.activities.llm.dialogues import Heard, ask, text_of
from tests.loopback.models import KEY, ModelServer


async def test_pieces_come_in_order_and_add_up(provider: Provider) -> None:
    heard = Heard()
    completion = await ask(provider, "echo", "The rain in Spain", heard)
    assert heard.pieces == ["You", " said:", " The", " rain", " in", " Spain"]
    assert completion.parts == (TextPart(text="You said: The rain in Spain"),)
    assert completion.stop == "end"
    assert completion.model == "echo"


async def test_tokens_are_counted(provider: Provider) -> None:
    usage = (await ask(provider, "echo")).usage
    assert usage.input_tokens > 10
    assert usage.output_tokens > 1
    assert usage.cost_usd is None, "nobody knows what echo costs"


async def test_an_answer_that_reached_the_token_limit_says_so(provider: Provider) -> None:
    assert (await ask(provider, "length")).stop == "length"


async def test_a_model_may_say_nothing(provider: Provider) -> None:
    completion = await ask(provider, "empty")
    assert completion.parts == ()
    assert completion.stop == "end"


async def test_characters_that_came_in_halves_are_joined(provider: Provider) -> None:
    heard = Heard()
    completion = await ask(provider, "emoji-halves", heard=heard)
    assert text_of(completion) == "A smile: \U0001f600 and half a one: �"
    assert "".join(heard.pieces) == text_of(completion)


async def test_the_server_sees_the_hang_up_when_a_call_is_cancelled(provider: Provider, server: ModelServer) -> None:
    before, heard = len(server.log), Heard()
    task = asyncio.create_task(ask(provider, "slow-50", "one two three four five six seven eight nine", heard))
    await heard.first.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await server.wait_until(lambda log: log[before].outcome == "hung up")


async def test_a_call_is_cancelled_while_the_server_is_silent(anthropic: Provider, server: ModelServer) -> None:
    before = len(server.log)
    task = asyncio.create_task(ask(anthropic, "stall-0"))
    await server.wait_until(lambda log: len(log) > before and log[before].pieces)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await server.wait_until(lambda log: log[before].outcome == "hung up")


async def test_after_a_cancelled_call_the_provider_still_works(provider: Provider) -> None:
    heard = Heard()
    task = asyncio.create_task(ask(provider, "slow-50", "one two three four five", heard))
    await heard.first.wait()
    task.cancel()
    await asyncio.wait([task])
    assert (await ask(provider, "echo")).stop == "end"


@pytest.mark.parametrize(
    ("model", "kind"),
    [
        ("eof", "truncated"),
        ("eof-0", "truncated"),
        ("cut", "truncated"),
        ("cut-0", "truncated"),
        ("garbage", "garbled"),
        ("not-utf-8", "garbled"),
        ("odd-shapes", "garbled"),
    ],
)
async def test_a_broken_stream_never_becomes_an_answer(provider: Provider, model: str, kind: str) -> None:
    heard = Heard()
    with pytest.raises(Unavailable) as caught:
        await ask(provider, model, heard=heard)
    assert caught.value.kind == kind
    assert KEY not in str(caught.value)
    assert bool(heard.pieces) == ("-0" not in model), "what came before the break was shown"


async def test_a_stream_that_falls_silent_is_given_up(impatient: Provider, server: ModelServer) -> None:
    before = len(server.log)
    with pytest.raises(Unavailable) as caught:
        await ask(impatient, "stall")
    assert caught.value.kind == "truncated"
    await server.wait_until(lambda log: log[before].outcome == "hung up")


async def test_an_answer_that_ends_with_an_error_is_none(openai: Provider) -> None:
    with pytest.raises(Unavailable) as caught:
        await ask(openai, "finish-error")
    assert caught.value.kind == "server"
