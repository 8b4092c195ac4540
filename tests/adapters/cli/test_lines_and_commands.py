"""What a typed line means."""

import pytest

from adapters.cli.commands import HANDLERS, Command, Refused, Say, read_line
from clara import commands


def test_every_command_of_the_terminal_can_be_run() -> None:
    assert set(HANDLERS) == {command.name for command in commands.for_surface("terminal")}


@pytest.mark.parametrize(
    ("line", "meaning"),
    [
        ("hello", Say("hello")),
        ("  hello there \n", Say("hello there")),
        ("", None),
        ("   \n", None),
        ("/stop", Command("stop")),
        ("/Model high", Command("model", "high")),
        ("//etc is a folder", Say("/etc is a folder")),
        ("two lines\n/stop", Say("two lines\n/stop")),
        ("stop at the red light", Say("stop at the red light")),
    ],
)
def test_reading_a_line(line: str, meaning: object) -> None:
    assert read_line(line, busy=True) == meaning


def test_an_unknown_command_is_not_sent_and_says_what_to_do() -> None:
    refused = read_line("/etc/hosts", busy=False)
    assert isinstance(refused, Refused)
    assert "/help" in refused.reason
    assert "//" in refused.reason


def test_a_stop_phrase_is_a_message_where_nothing_runs() -> None:
    assert read_line("Never mind!", busy=True) == Command("stop")
    assert read_line("Never mind!", busy=False) == Say("Never mind!")
