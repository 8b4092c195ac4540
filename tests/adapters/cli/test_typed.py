"""What a typed line means."""

import pytest

from adapters.cli.session.typed import TypedCommand, TypedMessage, TypedMistake, read_line


@pytest.mark.parametrize(
    ("line", "meaning"),
    [
        ("hello", TypedMessage("hello")),
        ("  hello there \n", TypedMessage("hello there")),
        ("", None),
        ("   \n", None),
        ("/stop", TypedCommand("stop")),
        ("/Model high", TypedCommand("model", "high")),
        ("/clara model high", TypedCommand("model", "high")),
        ("//etc is a folder", TypedMessage("/etc is a folder")),
        ("two lines\n/stop", TypedMessage("two lines\n/stop")),
        ("stop at the red light", TypedMessage("stop at the red light")),
    ],
)
def test_reading_a_line(line: str, meaning: object) -> None:
    assert read_line(line, busy=True) == meaning


def test_an_unknown_command_is_not_sent_and_says_what_to_do() -> None:
    refused = read_line("/etc/hosts", busy=False)
    assert isinstance(refused, TypedMistake)
    assert "/help" in refused.reason
    assert "//" in refused.reason


def test_a_stop_phrase_is_a_message_where_nothing_runs() -> None:
    assert read_line("Never mind!", busy=True) == TypedCommand("stop")
    assert read_line("Never mind!", busy=False) == TypedMessage("Never mind!")
