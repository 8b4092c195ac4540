"""What is shown of an answer while its frames come, and that the reply has the last word."""

import itertools
from typing import Any

from adapters.cli.render.pieces import Piece
from adapters.cli.turns.answer_view import ANEW, DIFFERS, AnswerView
from adapters.cli.turns.calls import Outcome, ShownCall
from clara.stream import Frame


class Sender:
    """Makes frames as the worker does: numbered within an attempt at a step."""

    def __init__(self) -> None:
        self._seq: dict[tuple[int, int], Any] = {}

    def __call__(self, text: str, kind: str = "text", step: int = 0, attempt: int = 1) -> Frame:
        seq = next(self._seq.setdefault((step, attempt), itertools.count()))
        values = {"conversation": "cli/me/main", "turn": "turn/cli/me/main/1", "step": step, "attempt": attempt}
        return Frame.model_validate({**values, "seq": seq, "kind": kind, "text": text})


def shown(pieces: list[Piece]) -> list[tuple[str, str]]:
    return [(piece.kind, piece.text) for piece in pieces]


def test_finished_blocks_are_printed_and_the_rest_stays_live() -> None:
    answer, frame = AnswerView(), Sender()
    assert answer.add(frame("First par")) == []
    assert answer.tail == "First par"
    assert shown(answer.add(frame("agraph.\n\nSecond\n"))) == [("answer", "First paragraph.")]
    assert answer.tail == "Second\n"
    assert shown(answer.end("completed", "First paragraph.\n\nSecond\nand more")) == [("answer", "Second\nand more")]


def test_a_reply_of_which_nothing_was_heard_is_printed_whole() -> None:
    assert shown(AnswerView().end("completed", "All of it.")) == [("answer", "All of it.")]


def test_nothing_is_printed_twice_when_everything_was_shown() -> None:
    answer, frame = AnswerView(), Sender()
    pieces = answer.add(frame("A.\n\nB.\n\nC\n")) + answer.end("completed", "A.\n\nB.\n\nC")
    assert shown(pieces) == [("answer", "A.\n\nB."), ("answer", "C")]


def test_the_reply_wins_over_what_was_streamed() -> None:
    answer, frame = AnswerView(), Sender()
    answer.add(frame("Wrong.\n\nAlso wrong\n"))
    assert shown(answer.end("completed", "Right.")) == [("note", DIFFERS), ("answer", "Right.")]


def call(name: str, outcome: Outcome = "done", step: int = 0, reason: str = "") -> ShownCall:
    return ShownCall(step, f"call {name}", name, {"title": "milk"}, f"{name}: milk", outcome, reason)


def test_tools_are_shown_when_it_is_known_what_became_of_them() -> None:
    answer, frame = AnswerView(), Sender()
    answer.add(frame("Let me look."))
    assert shown(answer.add(frame("read_note: milk", "tool"))) == [("answer", "Let me look.")]
    assert answer.add(frame("save_note: milk", "tool")) == []
    assert answer.doing == "read_note: milk and 1 more"
    read, save = call("read_note", "failed", reason="There is none."), call("save_note", "none")
    assert shown(answer.settle([read, save], over=False)) == [("tool", "✗ read_note: milk (There is none.)")]
    assert answer.doing == "save_note: milk"
    following = frame("It is noon.", step=1)
    assert answer.begins_step(following)
    assert shown(answer.settle([read, call("save_note")], over=True)) == [("tool", "✓ save_note: milk")]
    answer.add(following)
    assert answer.doing == ""
    assert shown(answer.end("completed", "It is noon.")) == [("answer", "It is noon.")]


def test_a_tool_that_tells_what_it_is_at_is_not_over() -> None:
    answer, frame = AnswerView(), Sender()
    answer.add(frame("execute_python: loop", "tool"))
    notice = frame("round 7", "notice", step=1)
    assert not answer.begins_step(notice)
    answer.add(notice)
    assert answer.notice == "round 7"
    following = frame("It is done.", step=1)
    assert answer.begins_step(following), "and now its tool is over"
    assert shown(answer.settle([call("execute_python")], over=True)) == [("tool", "✓ execute_python: milk")]
    answer.add(following)
    assert not answer.begins_step(frame(" More.", step=1))
    assert shown(answer.end("completed", "It is done. More.")) == [("answer", "It is done. More.")]


def test_a_tool_without_a_result_is_no_success() -> None:
    answer, frame = AnswerView(), Sender()
    answer.add(frame("pay: milk", "tool"))
    pieces = answer.settle([call("pay", "none"), call("send", "unknown")], over=True)
    assert shown(pieces) == [
        ("tool", "✗ pay: milk (it brought no result)"),
        ("tool", "? send: milk (the outcome is unknown)"),
    ]


def test_a_reply_after_a_tool_is_not_confused_with_the_words_before_it() -> None:
    """The frames of the last step were missed."""
    answer, frame = AnswerView(), Sender()
    pieces = [*answer.add(frame("Let me look.")), *answer.add(frame("search: milk", "tool"))]
    pieces += [*answer.settle([call("search")], over=True), *answer.end("completed", "Found it.")]
    assert shown(pieces) == [("answer", "Let me look."), ("tool", "✓ search: milk"), ("answer", "Found it.")]


def test_tools_of_which_nothing_was_heard_are_shown_before_the_reply() -> None:
    answer = AnswerView()
    pieces = [*answer.settle([call("search")], over=True), *answer.end("completed", "Found it.")]
    assert shown(pieces) == [("tool", "✓ search: milk"), ("answer", "Found it.")]


def test_a_new_attempt_that_says_the_same_goes_on_without_repeating() -> None:
    answer, frame = AnswerView(), Sender()
    pieces = answer.add(frame("Same.\n\nAnd th\n"))
    pieces += answer.add(frame("Sa", attempt=2))
    assert answer.tail == ""
    pieces += answer.add(frame("me.\n\nAnd then the end.\n", attempt=2))
    pieces += answer.end("completed", "Same.\n\nAnd then the end.")
    assert shown(pieces) == [("answer", "Same."), ("answer", "And then the end.")]


def test_a_new_attempt_that_says_something_else_is_announced() -> None:
    answer, frame = AnswerView(), Sender()
    pieces = answer.add(frame("Old.\n\nrest\n"))
    pieces += answer.add(frame("New.\n\nmore\n", attempt=2))
    pieces += answer.add(frame(" late", attempt=1))
    pieces += answer.end("completed", "New.\n\nmore")
    assert shown(pieces) == [("answer", "Old."), ("note", ANEW), ("answer", "New."), ("answer", "more")]


def test_what_was_missed_is_not_papered_over() -> None:
    """Whoever begins to listen in the middle sees the text grow, but only the whole reply is printed."""
    answer, frame = AnswerView(), Sender()
    frame("Missed.\n\n")
    assert answer.add(frame("the middle.\n\nthe end\n")) == []
    assert answer.tail == "… the middle.\n\nthe end\n"
    whole = "Missed.\n\nthe middle.\n\nthe end"
    assert shown(answer.end("completed", whole)) == [("answer", whole)]


def test_a_gap_after_something_was_printed() -> None:
    answer, frame = AnswerView(), Sender()
    pieces = answer.add(frame("Heard.\n\n")) + answer.add(frame("B\n"))
    frame("missed")
    pieces += answer.add(frame("\n\nC\n\nD\n"))
    pieces += answer.end("completed", "Heard.\n\nB\nmissed\n\nC\n\nD")
    assert shown(pieces) == [("answer", "Heard."), ("answer", "B\nmissed\n\nC\n\nD")]


def test_a_stopped_turn_keeps_what_was_said_so_far() -> None:
    answer, frame = AnswerView(), Sender()
    answer.add(frame("Once upon"))
    assert shown(answer.end("stopped", "Stopped.")) == [("answer", "Once upon"), ("warning", "Stopped.")]


def test_a_notice_lasts_until_there_is_other_news() -> None:
    answer, frame = AnswerView(), Sender()
    answer.add(frame("The provider is overloaded. Trying again …", "notice"))
    assert answer.notice == "The provider is overloaded. Trying again …"
    answer.add(frame("Here", attempt=2))
    assert answer.notice == ""


def test_control_characters_of_a_model_do_not_reach_the_terminal() -> None:
    answer, frame = AnswerView(), Sender()
    pieces = answer.add(frame("\x1b]52;c;aGk=\x07Hi\r\n\r\nyou\n"))
    pieces += answer.end("completed", "\x1b]52;c;aGk=\x07Hi\r\n\r\nyou\n")
    assert shown(pieces) == [("answer", "]52;c;aGk=Hi"), ("answer", "you")]
