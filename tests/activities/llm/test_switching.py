"""A conversation may change its provider at any point, whatever its history holds."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from activities.llm.anthropic.request import request_body as anthropic_body
from activities.llm.dialogue import BEGINNING, GO_ON, INTERRUPTED, Rules, orderly
from activities.llm.openai_compatible.request import Dialect
from activities.llm.openai_compatible.request import request_body as openai_body
from activities.llm.providers import Providers
from clara.llm.models import Prompt
from clara.messages import Message, Part, TextPart, ThinkingPart, ToolCallPart, ToolResultPart
from tests.activities.llm.dialogues import (
    WEATHER,
    answered,
    ask,
    call,
    calls_of,
    clara,
    no_images,
    prompt,
    result,
    text_of,
    user,
)
from tests.loopback.models import Request, anthropic_api, openai_api

RULES = Rules("anthropic", r"[a-zA-Z0-9_-]{1,64}")
OLD_HEADERS = {"anthropic-version": "2023-06-01"}


async def as_anthropic(asked: Prompt) -> Request:
    """The request as Anthropic's API reads it; Refused where it would not."""
    return anthropic_api.read(await anthropic_body(asked, "claude-test", no_images, native=False), OLD_HEADERS)


async def as_openai(asked: Prompt, model: str = "gpt-test") -> Request:
    return openai_api.read(await openai_body(asked, "openai", model, Dialect(), no_images))


@pytest.mark.parametrize(("first", "second"), [("anthropic", "openai"), ("openai", "anthropic")])
@pytest.mark.parametrize("model", ["parallel-tools", "thinking", "malformed-tool"])
async def test_the_other_provider_goes_on_in_mid_turn(
    providers: Providers, first: str, second: str, model: str
) -> None:
    question = (user("How is the weather?"),)
    completion = await ask(await providers.get(first), model, prompt(*question, tools=(WEATHER,)))
    texts = [f"result {n}" for n, _ in enumerate(calls_of(completion))]
    dialogue = answered(question, completion, *texts)
    after = await ask(await providers.get(second), "obey", prompt(*dialogue, tools=(WEATHER,)))
    assert text_of(after) == "You said: How is the weather?"
    back = (*dialogue, Message(role="assistant", parts=after.parts), user("Thanks"))
    assert (await ask(await providers.get(first), "echo", prompt(*back, tools=(WEATHER,)))).stop == "end"


@pytest.mark.parametrize(
    "id", ["functions.weather:0", "chatcmpl-tool-" + "0123456789abcdef" * 4, "weird id with spaces/é", ""]
)
async def test_foreign_ids_become_valid_and_stay_the_same(id: str) -> None:
    asked = prompt(user("Hi"), clara(call(id)), user(result(id)), tools=(WEATHER,))
    for read in (as_anthropic, as_openai):
        once, again = await read(asked), await read(asked)
        made = [message.calls[0].id for message in once.messages if message.calls]
        assert made == [message.calls[0].id for message in again.messages if message.calls]
        assert once.results[0].call_id == made[0]


async def test_ids_that_are_fine_stay_as_they_are() -> None:
    asked = prompt(user("Hi"), clara(call("functions.weather:0")), user(result("functions.weather:0")))
    assert (await as_openai(asked, "moonshotai/Kimi-K2")).messages[1].calls[0].id == "functions.weather:0"
    claude = await as_openai(asked, "anthropic/claude-sonnet-4")
    assert ":" not in claude.messages[1].calls[0].id, "Claude refuses it behind other APIs too"


def test_neighbours_of_one_role_are_merged() -> None:
    assert orderly([user("one"), user("two"), clara("a"), clara("b"), user("three")], RULES) == [
        user("one", "two"),
        clara("a", "b"),
        user("three"),
    ]


def test_an_interrupted_call_gets_a_result_that_says_so() -> None:
    dialogue = orderly([user("go"), clara(call("x"), call("y")), user(result("y", "done")), user("what now?")], RULES)
    assert dialogue[2] == user(result("x", INTERRUPTED, is_error=True), result("y", "done"), "what now?")


def test_of_two_calls_with_one_id_the_later_is_answered() -> None:
    history = [user("go"), clara(call("call_0")), user("stop. again!"), clara(call("call_0")), user(result("call_0"))]
    dialogue = orderly(history, RULES)
    assert INTERRUPTED in str(dialogue[2])
    assert "sunny" in str(dialogue[4])


def test_a_late_result_is_put_behind_its_call() -> None:
    dialogue = orderly([user("go"), clara(call("x")), user("wait"), clara("ok"), user(result("x", "late"))], RULES)
    assert dialogue == [user("go"), clara(call("x")), user(result("x", "late"), "wait"), clara("ok"), user(GO_ON)]


def test_a_result_whose_call_was_trimmed_becomes_text() -> None:
    dialogue = orderly([user(result("gone", "42 files")), clara("There are 42."), user("Thanks")], RULES)
    assert "42 files" in dialogue[0].text
    assert not any(isinstance(part, ToolResultPart) for part in dialogue[0].parts)


def test_a_dialogue_that_lost_its_beginning_starts_with_the_user() -> None:
    assert orderly([clara("…as I said."), user("And?")], RULES)[0] == user(BEGINNING)


def test_blank_texts_and_empty_messages_disappear() -> None:
    assert orderly([user(" \n"), user("Hi"), clara(""), user("Still there?")], RULES) == [user("Hi", "Still there?")]


def test_thinking_of_another_provider_is_dropped() -> None:
    thought = ThinkingPart(provider="openrouter", block={"reasoning_details": []})
    dialogue = orderly([user("go"), clara(thought, call("x")), user(result("x"))], RULES)
    assert dialogue[1] == clara(call("x"))


_ids = st.sampled_from(["call_0", "call_1", "functions.a:0", "x" * 60, ""])
_names = st.sampled_from(["weather", "no such/tool", ""])
_texts = st.sampled_from(["hello", "", " ", "more words"])


_part: st.SearchStrategy[Part] = st.one_of(
    st.builds(TextPart, text=_texts),
    st.builds(ToolCallPart, id=_ids, name=_names, arguments=st.just({"n": 1})),
    st.builds(ToolResultPart, call_id=_ids, name=_names, text=_texts, is_error=st.booleans()),
    st.builds(ThinkingPart, provider=st.sampled_from(["anthropic", "openai"]), block=st.just({"type": "thinking"})),
)


def _message_of(role: Any, parts: list[Part]) -> Message:
    return Message(role=role, parts=tuple(parts))


_histories = st.lists(
    st.builds(_message_of, st.sampled_from(["user", "assistant"]), st.lists(_part, max_size=4)), max_size=8
)


@settings(max_examples=60)
@given(history=_histories, offered=st.booleans(), may_call=st.booleans())
async def test_every_history_is_accepted_by_both_apis(history: list[Message], offered: bool, may_call: bool) -> None:
    tools = (WEATHER,) if offered else ()
    asked = Prompt(system="Be kind.", messages=tuple(history), tools=tools, may_call_tools=may_call)
    await as_anthropic(asked)
    await as_openai(asked)
    await as_openai(asked, "anthropic/claude-sonnet-4")
