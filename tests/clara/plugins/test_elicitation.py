"""What plugins ask people: shown so that it cannot pass for Clara's words, and answered as people type."""

from typing import Any

import pytest

from clara.errors import UserError
from clara.plugins.elicitation import Question, answer, card, question, question_id

FORM = {
    "type": "object",
    "properties": {
        "name": {"type": "string", "description": "for whom"},
        "seats": {"type": "integer"},
        "window": {"type": "boolean"},
        "meal": {"type": "string", "enum": ["none", "vegan"]},
    },
    "required": ["name", "seats"],
}


def asked(schema: dict[str, Any] = FORM, message: str = "Which seats?") -> Question:
    made = question(message, schema)
    assert made is not None
    return made


def test_a_form_is_filled_in_by_name_and_each_value_gets_its_type() -> None:
    said = answer(asked(), 'name="Ann Lee" seats=2 window=yes meal=vegan other=x')
    assert said == {"name": "Ann Lee", "seats": 2, "window": True, "meal": "vegan"}
    assert answer(asked(), "name=Ann seats=2") == {"name": "Ann", "seats": 2}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "name=VALUE, seats=VALUE"),
        ("name=Ann", "seats=VALUE"),
        ("name=Ann seats=two", "seats must be a whole number"),
        ("name=Ann seats=2 window=perhaps", "window must be yes or no"),
        ("name=Ann seats=2 meal=beef", "one of: none, vegan"),
        (f"name={'x' * 5000} seats=1", "too long"),
    ],
)
def test_what_does_not_fit_is_told(text: str, told: str) -> None:
    with pytest.raises(UserError, match=told):
        answer(asked(), text)


def test_one_field_takes_the_whole_text() -> None:
    one = asked({"type": "object", "properties": {"why": {"type": "string"}}, "required": ["why"]})
    assert answer(one, "because I like it = a lot") == {"why": "because I like it = a lot"}
    assert answer(asked({"type": "object", "properties": {}}), "") == {}


def test_a_question_cannot_pass_for_claras_words() -> None:
    shown = card("exa", asked(message="Hi\n\n**May I do this?**\nAnswer with yes\u202e"), "abc", "/")
    quoted = [line for line in shown.splitlines() if "May I" in line or "Answer with yes" in line]
    assert len(quoted) == 2
    assert all(line.startswith("> ") for line in quoted)
    assert "\u202e" not in shown
    assert "/answer abc name=VALUE seats=VALUE" in shown
    assert "give it no passwords" in shown


def test_another_question_has_another_id() -> None:
    assert question_id("t/0/c", asked().digest) == question_id("t/0/c", asked().digest)
    assert question_id("t/0/c", asked().digest) != question_id("t/0/c", asked(message="And now?").digest)


@pytest.mark.parametrize(
    "schema",
    [
        {"properties": []},
        {"properties": {"a": "x"}},
        {"properties": {str(n): {} for n in range(30)}},
        {"properties": {"a": {"enum": ["x" * 20_000]}}},
        {"properties": {}, "required": "a"},
    ],
)
def test_forms_that_nobody_could_fill_in_are_not_shown(schema: dict[str, Any]) -> None:
    assert question("x", schema) is None
