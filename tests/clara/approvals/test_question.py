"""What a person reads before they say yes."""

from clara.approvals.question import Question, binding, card, described, question_id
from clara.messages import ToolCallPart
from clara.tools.offer import OfferedTool
from clara.tools.tool import Effect, Risk


def _tool(hash: str = "h") -> OfferedTool:
    return OfferedTool(name="send", hash=hash, effect=Effect.WRITE, risk=Risk.OUTWARD, timeout_s=1, queue="clara")


def _call(**arguments: object) -> ToolCallPart:
    return ToolCallPart(id="c", name="send", arguments=dict(arguments))


def test_a_yes_is_bound_to_the_tool_and_its_exact_arguments() -> None:
    bound = binding(_tool(), _call(to="bob", text="hi"))
    assert bound == binding(_tool(), _call(text="hi", to="bob"))
    for other in (binding(_tool("h2"), _call(to="bob", text="hi")), binding(_tool(), _call(to="bob", text="hi "))):
        assert other != bound


def test_ids_are_short_and_the_same_for_every_attempt() -> None:
    assert question_id("turn/a", 0, "c") == question_id("turn/a", 0, "c")
    assert len({question_id("turn/a", 0, str(n)) for n in range(100)}) == 100
    assert len(question_id("turn/a", 0, "c")) == 8


def test_all_arguments_are_told_where_the_tool_has_no_words_of_its_own() -> None:
    assert described("send", None, {"to": "bob", "count": 2}) == "send\nto: bob\ncount: 2"
    assert described("send", "“hi” to bob", {"to": "bob"}) == "send: “hi” to bob"


def test_one_question() -> None:
    shown = card([Question("abcd2345", "send: hi", "It reaches other people.", lasting=True)], "discord")
    assert shown == (
        "**May I do this?**\n\n> send: hi\n\nIt reaches other people.\n\n"
        "Answer with `/clara allow`, `/clara allow conversation` for all of this conversation, `/clara allow always` or"
        " `/clara deny`. Without an answer in 3 days I do not."
    )


def test_several_questions_are_one_card_and_what_cannot_last_is_not_offered_to() -> None:
    two = [Question("a", "send: 1", "Why.", lasting=True), Question("b", "send: 2", "Why.", lasting=False)]
    shown = card(two, "cli")
    assert "**May I do these 2 things?**\n\n1:\n\n> send: 1\n\n2:\n\n> send: 2\n\nWhy.\n\n" in shown
    assert "always" not in shown


def test_what_is_too_long_to_be_shown_is_said_to_go_on() -> None:
    shown = card([Question("abcd2345", "x" * 5_000, "Why.", lasting=False)], "cli")
    assert "[… 3,500 more characters: `/approvals abcd2345`]" in shown


def test_no_argument_passes_for_a_line_of_the_question_and_nothing_is_hidden() -> None:
    view = described("send", None, {"text": "hi\nIt reaches nobody.\u202e\u200b"})
    shown = card([Question("a", view, "It reaches other people.", lasting=False)], "cli")
    assert "> It reaches nobody." in shown
    assert "\u202e" not in shown
    assert "\u200b" not in shown
