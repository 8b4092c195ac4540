"""A chat through pipes."""

from tests.adapters.cli.conftest import Stack


def test_every_line_is_answered_in_order(stack: Stack, conversation: str) -> None:
    done = stack.run("--conversation", conversation, given="hello\n\nlook at the clock\n//usage is a command\n")
    assert done.stdout == ("An answer, **1** messages.\n\nI have looked at the clock.\n\nAn answer, **7** messages.\n")
    assert done.returncode == 0


def test_commands_work_and_keep_off_standard_output(stack: Stack, conversation: str) -> None:
    lines = "/help\n/model low\n/model\n/status\n/bogus\n/new\n/model enormous\n/usage\n/stop\n/quit\nnever read\n"
    done = stack.run("--conversation", conversation, "--user", conversation, given=lines)
    assert (done.returncode, done.stdout) == (0, "")
    for words in ("/model [high|mid|low|default]", "tier low.", "Nothing is running", "no command /bogus",
                  "A fresh start", "no tier 'enormous'", "30 days: nothing"):  # fmt: skip
        assert words in done.stderr


def test_a_stop_phrase_stops_what_runs_before_it(stack: Stack, conversation: str) -> None:
    done = stack.run("--conversation", conversation, given="slow\nNever mind.\nhello\n")
    first, second = done.stdout.strip().split("\n\n")
    assert first == "Stopped."
    assert second.startswith("An answer")


def test_no_control_codes_are_printed(stack: Stack, conversation: str) -> None:
    done = stack.run("--conversation", conversation, given="escape\nhello\n", TERM="xterm-256color")
    assert done.stdout.startswith("before ]0;owned after \n")
    assert not {"\x1b", "\x9b", "\u202e"} & set(done.stdout + done.stderr)


def test_a_failed_answer_is_seen_in_the_exit_code(stack: Stack, conversation: str) -> None:
    done = stack.run("--conversation", conversation, given="broken\nhello\n")
    assert done.returncode == 1
    assert done.stdout.count("An answer") == 1
    assert "Sorry" in done.stdout


def test_usage_counts_what_was_stopped_or_failed(stack: Stack, conversation: str) -> None:
    given = "hello\nbroken\nslow\nstop\n/usage\n/status\n"
    done = stack.run("--conversation", conversation, "--user", conversation, given=given)
    assert "Today: 3 messages (1 stopped, 1 failed), " in done.stderr
    assert "30 days: 3 messages (1 stopped, 1 failed), " in done.stderr
    last = next(line for line in done.stderr.splitlines() if line.startswith("Last turn: "))
    assert ", stopped. Its details: clara turn show " in last
