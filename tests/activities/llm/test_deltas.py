"""Streamed pieces become text and arguments that any store takes."""

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from activities.llm.deltas import TextDeltas, parse_arguments


def joined(*pieces: str) -> tuple[str, list[str]]:
    heard: list[str] = []
    deltas = TextDeltas(heard.append)
    for piece in pieces:
        deltas.add(piece)
    return deltas.end(), heard


def test_halves_wait_for_each_other() -> None:
    assert joined("a\ud83d", "\ude00b") == ("a\U0001f600b", ["a", "\U0001f600b"])


def test_lonely_halves_and_nuls_are_no_text() -> None:
    assert joined("\ude00x\0y", "\ud83d")[0] == "�xy�"


@settings(max_examples=50)
@given(st.lists(st.text(alphabet=st.characters(codec=None), max_size=5), max_size=5))
def test_whatever_comes_can_be_stored_and_was_heard(pieces: list[str]) -> None:
    text, heard = joined(*pieces)
    text.encode()
    assert "\0" not in text
    assert "".join(heard) == text


def test_only_an_object_is_arguments() -> None:
    assert parse_arguments('{"a": 1}') == ({"a": 1}, None)
    assert parse_arguments("") == ({}, None)
    assert parse_arguments("", cut_off=True) == ({}, "")
    for raw in ("[1]", '"x"', "null", "{", '{"a": NaN}', "{'a': 1}", "[" * 100_000):
        assert parse_arguments(raw) == ({}, raw)


@settings(max_examples=30)
@given(st.dictionaries(st.text(), st.recursive(st.none() | st.integers() | st.text(), st.lists, max_leaves=4)))
def test_arguments_survive_unless_they_cannot_be_stored(arguments: dict[str, object]) -> None:
    parsed, malformed = parse_arguments(json.dumps(arguments))
    assert malformed is None
    if "\\u0000" not in json.dumps(arguments):
        assert parsed == arguments
