"""The operator's policy.toml."""

from pathlib import Path

import pytest

from clara.approvals.rules import Rule, parse
from clara.approvals.taint import Taint
from clara.errors import Misconfigured
from clara.sources import policy

CLEAN = Taint()


@pytest.mark.parametrize(
    ("pattern", "fits", "not_"),
    [
        ("send", ["send"], ["send_message", "resend", "Send"]),
        ("send_*", ["send_message", "send_"], ["send", "sendmail", "resend_x"]),
        ("mail_?", ["mail_a"], ["mail_", "mail_ab"]),
        ("*", ["anything"], []),
    ],
)
def test_a_pattern_catches_what_it_says_and_none_of_its_siblings(
    pattern: str, fits: list[str], not_: list[str]
) -> None:
    rule = Rule(decision="run", tool=pattern)
    assert [name for name in fits + not_ if rule.fits(name, "", "", CLEAN)] == fits


def test_each_condition_has_to_hold() -> None:
    rule = Rule(decision="run", tool="send", toolset="chat", person="discord:1")
    assert rule.fits("send", "chat", "discord:1", CLEAN)
    assert not rule.fits("send", "chat", "discord:11", CLEAN)
    assert not rule.fits("send", "mail", "discord:1", CLEAN)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[rule]]\ndecision = 'maybe'", "rule.1.decision"),
        ("[[rule]]\ntool = 'x'", "rule.1.decision"),
        ("[[rule]]\ndecision = 'run'\ntools = 'x'", "rule.1.tools"),
        ("[[rule]]\ndecision = 'run'\ntool = ''", "rule.1.tool"),
        ("[[rule]]\ndecision = 'run'\n[[rule]]\ndecision = 1", "rule.2.decision"),
        ("rules = []", "rules"),
        ("[[rule]\n", "line 1"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(text: str, said: str) -> None:
    with pytest.raises(Misconfigured, match=r"policy\.toml") as raised:
        parse(text, "policy.toml")
    assert said in str(raised.value)


def test_it_is_read_from_the_home_and_may_be_missing(tmp_path: Path) -> None:
    assert policy.read(tmp_path) == ()
    file = tmp_path / policy.FILE
    file.parent.mkdir()
    file.write_text("[[rule]]\ndecision = 'refuse'\ntoolset = 'chat'\n")
    assert policy.read(tmp_path) == (Rule(decision="refuse", toolset="chat"),)
    file.write_bytes(b"\xff")
    with pytest.raises(Misconfigured, match="cannot be read"):
        policy.read(tmp_path)
