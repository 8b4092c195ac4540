"""What runs, what is asked and what is refused."""

from pathlib import Path

import pytest

from clara.approvals.policy import Call, decide, table
from clara.approvals.rules import Rule
from clara.approvals.taint import Taint
from clara.tools.tool import Risk

CLEAN = Taint()
PAGE = Taint(others=("the page example.org/x",), private=True)
SAFETY = Path(__file__).parents[3] / "docs" / "safety.md"


@pytest.mark.parametrize(
    ("call", "clean", "tainted"),
    [
        (Call("get_time", Risk.LOOK), "run", "run"),
        (Call("web_search", Risk.LOOK, leaks=True), "run", "ask"),
        (Call("delete_file", Risk.CHANGE), "run", "run"),
        (Call("save_note", Risk.CHANGE, remembers=True), "run", "ask"),
        (Call("send", Risk.OUTWARD), "ask", "ask"),
        (Call("host", Risk.EXECUTE), "ask", "ask"),
        (Call("reload", Risk.ADMIN, admin=True), "ask", "ask"),
        (Call("reload", Risk.ADMIN), "refuse", "refuse"),
    ],
    ids=lambda value: value.tool if isinstance(value, Call) else None,
)
def test_the_default(call: Call, clean: str, tainted: str) -> None:
    assert decide(call, CLEAN).what == clean
    assert decide(call, PAGE).what == tainted


def test_what_only_looks_may_go_out_while_nothing_private_is_read() -> None:
    assert decide(Call("web_search", Risk.LOOK, leaks=True), Taint(others=("a page",))).what == "run"


def test_an_earlier_yes_counts_until_other_people_have_their_say() -> None:
    send = Call("send", Risk.OUTWARD)
    assert decide(send, CLEAN).lasting
    asked = decide(send, PAGE)
    assert (asked.what, asked.lasting) == ("ask", False)
    assert "the page example.org/x" in asked.why


@pytest.mark.parametrize("risk", [Risk.EXECUTE, Risk.ADMIN])
def test_what_could_reach_anything_is_asked_each_time(risk: Risk) -> None:
    asked = decide(Call("host", risk, admin=True), CLEAN)
    assert (asked.what, asked.lasting) == ("ask", False)


def test_rules_loosen_and_tighten_and_the_first_that_fits_decides() -> None:
    rules = (
        Rule(decision="ask", tool="get_time", person="discord:1"),
        Rule(decision="refuse", toolset="chat"),
        Rule(decision="run", tool="send"),
        Rule(decision="refuse", tool="send"),
    )
    assert decide(Call("get_time", Risk.LOOK, person="discord:1"), CLEAN, rules).what == "ask"
    assert decide(Call("get_time", Risk.LOOK, person="discord:12"), CLEAN, rules).what == "run"
    assert decide(Call("post", Risk.OUTWARD, toolset="chat"), CLEAN, rules).what == "refuse"
    assert decide(Call("send", Risk.OUTWARD), CLEAN, rules).what == "run"


def test_a_rule_that_loosens_counts_after_words_of_others_only_where_it_names_them_all() -> None:
    send = Call("send", Risk.OUTWARD)
    everything, docs = Rule(decision="run"), Rule(decision="run", source="the page docs.example/*")
    two = Taint(others=("the page docs.example/a", "the page evil.example/b"))
    assert decide(send, PAGE, (everything,)).what == "ask"
    assert decide(send, Taint(others=("the page docs.example/a",)), (docs,)).what == "run"
    assert decide(send, two, (docs,)).what == "ask"
    assert decide(send, CLEAN, (docs,)).what == "ask"
    forbids = Rule(decision="refuse", source="the page evil.example/*")
    assert decide(send, two, (forbids,)).what == "refuse"


def test_no_rule_reaches_below_the_floor() -> None:
    rules = (Rule(decision="run"),)
    assert decide(Call("reload", Risk.ADMIN), CLEAN, rules).what == "refuse"


def test_the_table_of_the_documentation_is_the_one_of_the_code() -> None:
    assert table() in SAFETY.read_text(encoding="utf-8"), f"put this into docs/safety.md:\n{table()}"
