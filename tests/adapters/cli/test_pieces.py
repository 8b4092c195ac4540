# ruff: noqa: RUF001 -- other scripts are looked at
"""Answers on a screen."""

import re
from typing import get_args

from adapters.cli.render.pieces import Kind, Piece, render
from adapters.cli.turns.progress import cropped


def bare(piece: Piece, columns: int = 60) -> list[str]:
    return re.sub(r"\x1b\[[0-9;]*m", "", render(piece, columns)).split("\n")


def test_markdown_is_set_without_spaces_at_the_ends_of_lines() -> None:
    text = "# Title\n\nSome **bold** words.\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n- point\n"
    lines = bare(Piece("answer", text))
    assert lines == ["Title", "", "Some bold words.", "", "a  b", "────", "1  2", "", " • point"]


def test_code_keeps_its_empty_lines() -> None:
    assert bare(Piece("answer", "```python\na = 1\n\n\nb = 2\n```")) == [" a = 1", "", "", " b = 2"]


def test_no_line_is_wider_than_the_terminal() -> None:
    for kind in ("answer", "person", "tool", "note", "words", "warning", "past"):
        piece = Piece(kind, "word " * 60 + "\nleft\tright " + "word " * 30)
        assert all(len(line) < 40 for line in bare(piece, 40)), kind


def test_the_past_takes_one_line_for_each_of_its_lines() -> None:
    assert len(bare(Piece("past", "question " * 50 + "\n" + "answer " * 50))) == 2


def test_markup_of_the_typesetter_itself_means_nothing() -> None:
    assert bare(Piece("person", "[bold]not bold[/bold]")) == ["› [bold]not bold[/bold]"]


def test_an_answer_longer_than_the_screen_is_seen_at_its_end() -> None:
    assert cropped("a\nb\nc\nd", 2) == "c\nd"
    assert cropped("a\nb", -3) == "b"


def test_a_narrow_window_cuts_no_column() -> None:
    words = "/model [high|mid|low|default]\tShow or choose how capable a model answers here\n/help\tList these"
    assert "/model [high|mid|low|default]  Show" in bare(Piece("words", words), 80)[0]
    narrow = bare(Piece("words", words), 40)
    assert narrow[:2] == ["/model [high|mid|low|default]", "    Show or choose how capable a model"]
    assert narrow[-2:] == ["/help", "    List these"]


TRICKS = (
    "a&#x202e;b &#155;31m [l&#x2066;ink](http://a/%E2%80%AE) <http://a/%E2%80%AE%1b]0;x%07>"
    " `\u202ecode` \x1b]0;x\x07 \x9b"
)


def test_nothing_that_is_set_is_obeyed_by_a_terminal() -> None:
    for kind in get_args(Kind):
        told = re.sub(r"\x1b\[[0-9;]*m", "", render(Piece(kind, TRICKS + "\n```\n\u202e\x1b[2J\n```"), 60))
        assert not {"\x1b", "\x9b", "\x07", "\u202e", "\u2066"} & set(told), kind


def test_emoji_and_other_scripts_are_set_as_they_are() -> None:
    for text in ("👩‍👩‍👧 family", "שלום עולם", "نمی‌خواهم", "🏴󠁧󠁢󠁳󠁣󠁴󠁿 flag"):
        assert bare(Piece("answer", text)) == [text]
