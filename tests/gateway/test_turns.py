"""Looking at turns, and commands that answer at once, with a stack that runs."""

import json
import re

from tests.gateway.conftest import NewHome
from tests.gateway.homes import TestHome


def test_the_status_of_an_adapter_is_an_exit_code(running: TestHome, new_home: NewHome) -> None:
    ran = running.clara("adapter", "discord", "status")
    assert (ran.code, ran.out) == (3, "")
    assert "DISCORD_BOT_TOKEN" in ran.err
    ran = new_home("never-started").clara("adapter", "discord", "status")
    assert ran.code == 3
    assert "not running" in ran.err
    assert "0 if it runs, 3 if it does not" in running.clara("adapter", "--help").out


def test_looking_at_turns(running: TestHome) -> None:
    words = "remember a note: \u202ebread\x9b"
    assert running.clara("chat", "-c", "looked-at", "-m", words).code == 0
    listed = json.loads(running.clara("turn", "list", "-c", "looked-at", "--json").out)
    assert [turn["status"] for turn in listed] == ["completed"]
    assert json.loads(running.clara("turn", "list", "-c", "looked-at", "-s", "failed", "--json").out) == []
    turn_id = listed[0]["turn"]
    short = turn_id.rpartition("/")[2][:8]
    text = running.clara("turn", "list").out
    assert re.search(rf"^{short}  completed .* cli/me/looked-at +remember a note: bread$", text, re.MULTILINE)
    for named in (turn_id, turn_id.removeprefix("turn/"), short, f"`{short}`", "last"):
        shown = json.loads(running.clara("turn", "show", named, "-c", "looked-at", "--json").out)
        assert shown["turn"] == turn_id
    tool = shown["steps"][0]["tools"][0]
    assert (tool["name"], tool["outcome"], tool["arguments"]["title"]) == ("save_note", "done", "bread")
    assert tool["seconds"] >= 0
    assert shown["steps"][0]["seconds"] > 0
    told = running.clara("turn", "show", short).out
    assert "✓ save_note" in told
    assert not {"\u202e", "\x9b"} & set(told + text)
    ran = running.clara("turn", "show", "ffffffffffff")
    assert (ran.code, "There is no turn ffffffffffff" in ran.err) == (1, True)


def test_a_command_as_a_message(running: TestHome) -> None:
    ran = running.clara("chat", "-m", "/usage")
    assert ran.code == 0
    assert "30 days:" in ran.out
    told = json.loads(running.clara("chat", "-m", "/status", "--json").out)
    assert told["command"] == "/status"
    assert "Conversation: cli/me/main" in told["text"]
    ran = running.clara("chat", "-m", "/bogus", "--json")
    assert ran.code == 1
    assert "no command /bogus" in json.loads(ran.out)["error"]
