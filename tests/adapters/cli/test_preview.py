"""What is drawn above the prompt while a turn runs."""

import re
from typing import cast

import pytest

from adapters.cli.turns.answer_view import AnswerView
from adapters.cli.turns.follow import Silence, waiting_for
from adapters.cli.turns.preview import Preview
from adapters.cli.turns.progress import counted_down, doing, held_up
from clara.stream import Frame
from store.turns.turns import Turn


def drawn(preview: Preview, *waiting: str, columns: int = 60, rows: int = 20) -> list[str]:
    return re.sub(r"\x1b\[[0-9;]*m", "", preview.draw(columns, rows, waiting)).split("\n")


def speaking(text: str) -> AnswerView:
    answer = AnswerView()
    values = {"conversation": "cli/me/main", "turn": "turn/cli/me/main/1", "step": 0, "attempt": 1, "seq": 0}
    answer.add(Frame.model_validate({**values, "kind": "text", "text": text}))
    return answer


def test_nothing_runs() -> None:
    assert drawn(Preview()) == [""]


def test_a_turn_at_work() -> None:
    preview = Preview()
    preview.begin()
    assert drawn(preview)[-1].endswith("thinking … 0 s · Ctrl-C stops")
    preview.state(speaking("So **far**"), None)
    assert drawn(preview)[1] == "So far"
    assert "writing" in drawn(preview)[-1]
    preview.stopping = True
    assert "stopping …" in drawn(preview)[-1]
    preview.end()
    assert drawn(preview) == [""]


def test_it_never_needs_more_than_the_screen() -> None:
    preview = Preview()
    preview.begin()
    preview.state(speaking("```\n" + "\n".join(f"line {n}" for n in range(500))), None)
    lines = drawn(preview, *(f"message {n} " + "and on " * 30 for n in range(30)))
    assert len(lines) <= 18
    assert all(len(line) < 60 for line in lines)
    assert " line 499" in lines
    assert lines[-1] == "  and 27 more"
    assert drawn(preview, rows=4)[1] == " line 499"


@pytest.mark.parametrize(
    ("silence", "words"),
    [
        (Silence(1, None, None, None), None),
        (Silence(4, None, None, None), "accepted; no worker has picked it up yet"),
        (Silence(4, None, "turn/cli/me/main/1", None), "accepted; the message before it comes first"),
        (Silence(4, None, None, "Temporal does not answer"), "Temporal does not answer; trying again"),
    ],
)
def test_silence_is_explained(silence: Silence, words: str | None) -> None:
    assert waiting_for(silence) == words


def test_a_retry_is_counted_down() -> None:
    notice = "The provider is overloaded; retry 3 of 12 in 8 s"
    assert counted_down(notice, 0) == notice
    assert counted_down(notice, 3.2) == "The provider is overloaded; retry 3 of 12 in 5 s"
    assert counted_down(notice, 9) == "The provider is overloaded; retry 3 of 12 now"


def test_a_retry_is_not_hidden_by_the_silence_until_it() -> None:
    answer = AnswerView()
    values = {"conversation": "cli/me/main", "turn": "turn/cli/me/main/1", "step": 0, "attempt": 1, "seq": 0}
    answer.add(Frame.model_validate({**values, "kind": "notice", "text": "Overloaded; retry 3 of 12 in 30 s."}))
    turn = cast(Turn, object())
    assert doing(answer, Silence(15, turn, None, None), 20) == "Overloaded; retry 3 of 12 in 30 s · 20 s"
    assert held_up(answer, Silence(15, turn, None, None)) == "Overloaded; retry 3 of 12 in 30 s"
    assert doing(answer, Silence(15, turn, None, "Temporal does not answer"), 20).startswith("Temporal does not")


def test_why_nothing_happens_is_not_cut() -> None:
    answer = AnswerView()
    notice = "The model provider (anthropic) could not be reached; retry 3 of 12 in 30 s"
    values = {"conversation": "cli/me/main", "turn": "turn/cli/me/main/1", "step": 0, "attempt": 1, "seq": 0}
    answer.add(Frame.model_validate({**values, "kind": "notice", "text": notice}))
    for columns in (80, 60, 40):
        preview = Preview()
        preview.begin()
        preview.state(answer, None)
        lines = drawn(preview, columns=columns)
        assert all(len(line) < columns for line in lines)
        assert f"{notice} · 0 s · Ctrl-C stops" in " ".join(" ".join(lines).split())
