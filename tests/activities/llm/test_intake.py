"""Whatever a model answers can be stored, and each of its calls has an id of its own."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from activities.llm.intake import NAME_LIMIT, call_id, keepable
from activities.llm.provider import Provider
from clara.llm.models import MAX_CALLS, Completion, Usage
from clara.messages import Part, TextPart, ThinkingPart, ToolCallPart
from tests.activities.llm.dialogues import WEATHER, answered, ask, calls_of, prompt, text_of, user

QUESTION = (user("How is the weather?"),)
_PARTS: TypeAdapter[tuple[Part, ...]] = TypeAdapter(tuple[Part, ...])


def completion(*parts: Part, model: str = "m") -> Completion:
    return Completion(parts=parts, stop="tools", usage=Usage(), model=model)


def call(id: str, name: str = "weather", arguments: dict[str, Any] | None = None, malformed: str | None = None) -> Part:
    return ToolCallPart(id=id, name=name, arguments=arguments or {}, malformed=malformed)


@pytest.mark.parametrize("model", ["colliding-ids", "nul-name", "nul-thinking", "nul-model", "hostile-arguments"])
async def test_what_comes_can_be_stored(provider: Provider, model: str) -> None:
    answer = await ask(provider, model, prompt(*QUESTION, tools=(WEATHER,)))
    check_storable(keepable(answer, 1, 0))


def check_storable(kept: Completion) -> None:
    for part in kept.parts:
        for text in _texts(part.model_dump(mode="json")):
            assert "\0" not in text
            text.encode()
    assert "\0" not in kept.model
    kept.model.encode()


def _texts(value: Any) -> list[str]:
    match value:
        case str():
            return [value]
        case dict():
            return [text for pair in value.items() for item in pair for text in _texts(item)]
        case list():
            return [text for item in value for text in _texts(item)]
    return []


async def test_each_call_has_an_id_and_a_result_of_its_own_whatever_the_provider_sent(provider: Provider) -> None:
    answer = keepable(await ask(provider, "colliding-ids", prompt(*QUESTION, tools=(WEATHER,))), 12, 3)
    calls = calls_of(answer)
    assert [made.id for made in calls] == [call_id(12, 3, n) for n in range(7)]
    assert [made.arguments for made in calls] == [{"n": n} for n in range(7)]
    dialogue = answered(QUESTION, answer, *(f"result {n}" for n in range(7)))
    after = await ask(provider, "colliding-ids", prompt(*dialogue, tools=(WEATHER,)))
    assert text_of(after) == "; ".join(f"result {n}" for n in range(7))


def test_ids_are_nine_letters_and_digits_that_no_other_call_of_the_conversation_has() -> None:
    ids = {call_id(turn, step, n) for turn in range(60) for step in range(40) for n in range(MAX_CALLS + 1)}
    assert len(ids) == 60 * 40 * (MAX_CALLS + 1)
    assert all(len(id) == 9 and id.isalnum() and id.isascii() for id in ids)


def test_thoughts_still_point_to_their_calls() -> None:
    details = [{"type": "reasoning.encrypted", "data": "x", "id": "tool_0"}, {"type": "reasoning.text", "id": "other"}]
    thought = ThinkingPart(provider="openrouter", block={"reasoning_details": details})
    kept = keepable(completion(thought, call("tool_0")), 1, 0)
    assert isinstance(kept.parts[0], ThinkingPart)
    assert [each["id"] for each in kept.parts[0].block["reasoning_details"]] == [call_id(1, 0, 0), "other"]


def test_of_too_many_calls_one_is_kept_to_say_so() -> None:
    kept = keepable(completion(TextPart(text="Well."), *(call(f"c{n}") for n in range(2_500))), 1, 0)
    assert len(calls_of(kept)) == MAX_CALLS + 1
    assert text_of(kept) == "Well."


def test_long_names_and_broken_arguments_are_shortened() -> None:
    (kept,) = calls_of(keepable(completion(call("a", "n" * 10_000, malformed="x" * 100_000)), 1, 0))
    assert len(kept.name) == NAME_LIMIT
    assert kept.malformed is not None
    assert len(kept.malformed) < 5_000


@pytest.mark.parametrize("model", ["nested-200", "nested-900", "nested-50000", "huge-number"])
async def test_arguments_that_no_store_takes_come_back_to_the_model(provider: Provider, model: str) -> None:
    (made,) = calls_of(keepable(await ask(provider, model, prompt(*QUESTION, tools=(WEATHER,))), 1, 0))
    assert made.arguments == {}
    assert made.malformed is not None
    assert made.malformed.startswith('{"a":')


async def test_arguments_may_be_nested_as_people_nest_them(provider: Provider) -> None:
    (made,) = calls_of(keepable(await ask(provider, "nested-30", prompt(*QUESTION, tools=(WEATHER,))), 1, 0))
    assert made.malformed is None


def _nested(levels: int) -> dict[str, Any]:
    value: dict[str, Any] = {}
    for _ in range(levels):
        value = {"a": value}
    return value


def test_thoughts_that_no_store_takes_are_left_out() -> None:
    thought = ThinkingPart(provider="x", block={"reasoning_details": [_nested(300)]})
    assert keepable(completion(thought, TextPart(text="Hi")), 1, 0).parts == (TextPart(text="Hi"),)


_any_text = st.text(alphabet=st.characters(codec=None), max_size=8)
_json = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | _any_text,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_any_text, inner, max_size=3),
    max_leaves=6,
)
_objects = st.dictionaries(_any_text, _json, max_size=3)
_parts = st.lists(
    st.builds(TextPart, text=_any_text)
    | st.builds(ThinkingPart, provider=st.just("x"), block=_objects)
    | st.builds(ToolCallPart, id=_any_text, name=_any_text, arguments=_objects, malformed=st.none() | _any_text),
    max_size=5,
)


@settings(max_examples=60)
@given(parts=_parts, model=_any_text)
def test_whatever_the_parts_are_they_can_be_stored(parts: list[Part], model: str) -> None:
    kept = keepable(completion(*parts, model=model), 1, 0)
    check_storable(kept)
    assert _PARTS.validate_json(_PARTS.dump_json(kept.parts)) == kept.parts
    assert len(calls_of(kept)) == sum(isinstance(part, ToolCallPart) for part in parts)
