"""The list of turns in windows of any width."""

from datetime import UTC, datetime, timedelta

import pytest
from rich.cells import cell_len

from gateway.inspection.turn_list import as_text
from store.turns.inspection import Listed

BEGUN = datetime(2026, 11, 25, 12, tzinfo=UTC)


def listed(words: str, conversation: str = "cli/me/main", message: str = "ab12" * 8) -> Listed:
    ended = BEGUN + timedelta(seconds=2.5)
    return Listed(f"turn/{conversation}/{message}", "completed", conversation, "cli:me", words, BEGUN, ended)


@pytest.mark.parametrize("columns", [80, 60, 40])
def test_nothing_that_matters_is_cut(columns: int) -> None:
    turns = [
        listed("hello"),
        listed("words " * 50),
        listed("言葉" * 50, "discord/123456789012345678/987654321098765432", "1234567890123456789"),
        listed("\u202e\x9b31m\nlines"),
    ]
    text = as_text(turns, columns)
    long = ("discord/", "1234567890123456789")  # such ids may wrap
    assert all(cell_len(line) < columns or any(name in line for name in long) for line in text.split("\n"))
    for whole in ("ab12ab12", *long, "completed", "2.5 s", "cli/me/main", "987654321098765432", "hello"):
        assert whole in text
    assert "31m lines" in text
    assert not {"\u202e", "\x9b"} & set(text)


def test_elsewhere_a_turn_is_a_line() -> None:
    assert as_text([listed("hello"), listed("words " * 50)], None).count("\n") == 1
    assert as_text([], 80) == "There are no such turns."
