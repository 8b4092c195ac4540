"""Tool calls of well-behaved and of sloppy servers, and their results."""

from typing import get_args

import pytest

from activities.llm.intake import keepable
from activities.llm.provider import Provider
from clara.errors import ModelRefused
from clara.messages import ThinkingPart
from tests.activities.llm.dialogues import (
    WEATHER,
    Heard,
    answered,
    ask,
    call,
    calls_of,
    clara,
    prompt,
    result,
    text_of,
    user,
)
from tests.loopback.models import ModelServer
from tests.loopback.models.plan import Sloppiness

QUESTION = (user("How is the weather?"),)


async def test_a_call_and_its_result(provider: Provider) -> None:
    heard = Heard()
    completion = await ask(provider, "tool-then-answer", prompt(*QUESTION, tools=(WEATHER,)), heard)
    (made,) = calls_of(completion)
    assert (made.name, made.arguments, made.malformed) == ("weather", {"city": "Köln"}, None)
    assert completion.stop == "tools"
    assert heard.tools == ["weather"]
    assert text_of(completion) == "Let me look."
    dialogue = answered(QUESTION, completion, "rain, 8 °C")
    after = await ask(provider, "tool-then-answer", prompt(*dialogue, tools=(WEATHER,)))
    assert text_of(after) == "The tool said: rain, 8 °C"


async def test_parallel_calls_keep_their_results_apart(provider: Provider) -> None:
    completion = await ask(provider, "parallel-tools", prompt(*QUESTION, tools=(WEATHER,)))
    rome, oslo = calls_of(completion)
    assert (rome.arguments, oslo.arguments) == ({"city": "Rome"}, {"city": "Oslo"})
    dialogue = answered(QUESTION, completion, "hot", "cold")
    after = await ask(provider, "parallel-tools", prompt(*dialogue, tools=(WEATHER,)))
    assert text_of(after) == f"{rome.id}=hot; {oslo.id}=cold"


@pytest.mark.parametrize(
    ("model", "raw"), [("malformed-tool", '{"city": "Par'), ("list-arguments", '["Paris"]'), ("length-in-call", "")]
)
async def test_arguments_that_are_no_object_are_kept_as_text(provider: Provider, model: str, raw: str) -> None:
    completion = await ask(provider, model, prompt(*QUESTION, tools=(WEATHER,)))
    (made,) = calls_of(completion)
    assert (made.arguments, made.malformed) == ({}, raw)
    assert completion.stop == "tools"
    dialogue = answered(QUESTION, completion, "The arguments were no JSON object.")
    after = await ask(provider, "echo", prompt(*dialogue, tools=(WEATHER,)))
    assert after.stop == "end"


async def test_no_text_at_all_means_no_arguments(provider: Provider) -> None:
    (made,) = calls_of(await ask(provider, "no-arguments", prompt(*QUESTION, tools=(WEATHER,))))
    assert (made.arguments, made.malformed) == ({}, None)


async def test_arguments_hold_only_what_a_database_can_store(provider: Provider) -> None:
    (made,) = calls_of(await ask(provider, "hostile-arguments", prompt(*QUESTION, tools=(WEATHER,))))
    assert made.arguments == {"a": "xy�", "b": [1, "\U0001f600"]}


@pytest.mark.parametrize("how", [how for how in get_args(Sloppiness) if how])
async def test_sloppy_servers_are_understood(openai: Provider, how: str) -> None:
    heard = Heard()
    completion = keepable(await ask(openai, f"sloppy-{how}", prompt(*QUESTION, tools=(WEATHER,)), heard), 1, 0)
    one, two = calls_of(completion)
    assert (one.name, one.arguments, two.name, two.arguments) == ("one", {"n": 0}, "two", {"n": 1})
    assert one.id != two.id
    assert heard.tools == ["one", "two"]
    assert completion.stop == "tools"
    dialogue = answered(QUESTION, completion, "1", "2")
    assert text_of(await ask(openai, f"sloppy-{how}", prompt(*dialogue, tools=(WEATHER,)))) == "Done."


async def test_ids_that_count_from_zero_in_each_answer_do_not_collide(provider: Provider) -> None:
    dialogue = (
        *QUESTION,
        clara(call("call_0", city="Rome")),
        user(result("call_0", "hot")),
        clara(call("call_0", city="Oslo")),
        user(result("call_0", "cold")),
    )
    completion = await ask(provider, "parallel-tools", prompt(*dialogue, tools=(WEATHER,)))
    assert [part.partition("=")[2] for part in text_of(completion).split("; ")] == ["hot", "cold"]


async def test_the_last_step_declares_its_tools_but_forbids_them(provider: Provider, server: ModelServer) -> None:
    dialogue = (*QUESTION, clara(call("a")), user(result("a")))
    forbidden = prompt(*dialogue, tools=(WEATHER,), may_call_tools=False)
    await ask(provider, "echo", forbidden)
    body = server.log[-1].body
    assert len(body["tools"]) == 1
    assert body["tool_choice"] in ("none", {"type": "none"})


async def test_old_calls_are_accepted_when_no_tools_are_offered(provider: Provider, server: ModelServer) -> None:
    await ask(provider, "echo", prompt(*QUESTION, clara(call("a")), user(result("a"))))
    assert "Not available" in str(server.log[-1].body["tools"])


async def test_without_tools_nothing_is_declared(provider: Provider, server: ModelServer) -> None:
    await ask(provider, "echo")
    assert not {"tools", "tool_choice"} & set(server.log[-1].body)


async def test_thinking_goes_back_to_its_provider_as_it_came(provider: Provider, server: ModelServer) -> None:
    first = await ask(provider, "thinking", prompt(*QUESTION, tools=(WEATHER,)))
    (thought,) = (part for part in first.parts if isinstance(part, ThinkingPart))
    assert thought.provider == provider.name
    assert "Let me think about it." in str(thought.block)
    dialogue = answered(QUESTION, first, "fine")
    after = await ask(provider, "thinking", prompt(*dialogue, tools=(WEATHER,)))
    assert text_of(after) == "Thought 1 times before."
    sent = server.log[-1].body["messages"]
    if provider.name == "anthropic":
        assert thought.block == {"type": "thinking", "thinking": "Let me think about it.", "signature": "signed(22)"}
        assert {k: v for k, v in sent[1]["content"][0].items() if k != "cache_control"} == thought.block


async def test_thinking_of_a_finished_turn_is_left_out(provider: Provider) -> None:
    first = await ask(provider, "thinking", prompt(*QUESTION, tools=(WEATHER,)))
    dialogue = (*answered(QUESTION, first, "fine"), clara("It is fine."), user("And tomorrow?"), clara(call("b")))
    after = await ask(provider, "thinking", prompt(*dialogue, user(result("b")), tools=(WEATHER,)))
    assert text_of(after) == "Thought 0 times before."


async def test_thinking_that_has_become_void_does_not_block_the_conversation(
    anthropic: Provider, server: ModelServer
) -> None:
    first = await ask(anthropic, "thinking", prompt(*QUESTION, tools=(WEATHER,)))
    dialogue = answered(QUESTION, first, "fine")
    before = len(server.log)
    after = await ask(anthropic, "void-signature", prompt(*dialogue, tools=(WEATHER,)))
    assert text_of(after) == "Without thinking."
    assert len(server.log) == before + 2


async def test_a_model_that_declines_is_not_asked_again(provider: Provider) -> None:
    with pytest.raises(ModelRefused, match="declined") as caught:
        await ask(provider, "refusal")
    assert caught.value.kind == "bad_request"
