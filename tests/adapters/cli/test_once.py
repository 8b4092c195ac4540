"""``chat --message`` against a stack that runs."""

import json
import os
import signal
import time
from pathlib import Path

from PIL import Image

from tests import nursery
from tests.activities.files import samples
from tests.adapters.cli.conftest import Stack
from tests.patience import PATIENCE_S


def test_the_reply_is_printed_and_nothing_else(stack: Stack, conversation: str) -> None:
    done = stack.run("--conversation", conversation, "--message", "hello")
    assert (done.returncode, done.stdout, done.stderr) == (0, "An answer, **1** messages.\n", "")


def test_json_is_one_object(stack: Stack, conversation: str) -> None:
    done = stack.run("--conversation", conversation, "--user", "kim", "--message", "look at the clock", "--json")
    told = json.loads(done.stdout)
    assert done.stdout.count("\n") == 1
    turn = told.pop("turn")
    assert turn.startswith(f"turn/cli/kim/{conversation}/")
    usage = told.pop("usage")
    assert set(usage) == {"input_tokens", "output_tokens", "cached_tokens", "cost_usd"}
    assert usage["input_tokens"] > 0
    assert told == {
        "reply": "I have looked at the clock.",
        "status": "completed",
        "conversation": f"cli/kim/{conversation}",
        "steps": 2,
        "tools": [{"name": "current_time", "outcome": "done"}],
        "files": [],
        "model": told["model"],
    }
    assert told["model"].startswith("claude")


def test_a_failed_turn_apologises_and_exits_with_1(stack: Stack, conversation: str) -> None:
    done = stack.run("--conversation", conversation, "--message", "broken", "--json")
    told = json.loads(done.stdout)
    assert done.returncode == 1
    assert told["status"] == "failed"
    assert "Sorry" in told["reply"]


def test_ctrl_c_stops_the_turn(stack: Stack, conversation: str) -> None:
    asking = _start_and_wait_for_model(stack, f"slow {conversation}", "--conversation", conversation, "--json")
    asking.send_signal(signal.SIGINT)
    out, _ = asking.communicate(timeout=PATIENCE_S)
    assert asking.returncode == 130
    assert json.loads(out)["status"] == "stopped"


def test_sigterm_leaves_and_the_answer_is_shown_later(stack: Stack, conversation: str) -> None:
    asking = _start_and_wait_for_model(stack, f"steady {conversation}", "--conversation", conversation)
    asking.send_signal(signal.SIGTERM)
    out, _ = asking.communicate(timeout=PATIENCE_S)
    assert (asking.returncode, out) == (143, "")
    later = stack.run("--conversation", conversation)
    assert later.stdout.rstrip().endswith("word59")


def test_a_message_from_standard_input(stack: Stack, conversation: str) -> None:
    done = stack.run("--conversation", conversation, "--message", "-", given="hello\nthere\n")
    assert done.stdout == "An answer, **1** messages.\n"
    empty = stack.run("--conversation", conversation, "--message", "-", given="  \n")
    assert empty.returncode == 1
    assert "nothing to say" in empty.stderr


def test_too_long_a_message_is_refused_with_the_limit(stack: Stack, conversation: str) -> None:
    done = stack.run("--conversation", conversation, "--message", "-", given="x" * 500_000)
    assert done.returncode == 1
    assert "100,000" in done.stderr
    assert "500,000" in done.stderr


def test_an_image_of_5_mb_and_a_text_reach_the_model(stack: Stack, conversation: str, tmp_path: Path) -> None:
    image, text = tmp_path / "noise.png", tmp_path / "notes.txt"
    Image.frombytes("RGB", (1300, 1300), os.urandom(1300 * 1300 * 3)).save(image)
    assert image.stat().st_size > 5_000_000
    text.write_text("the text of the file")
    files = ("--attach", str(image), "--attach", str(text))
    done = stack.run("--conversation", conversation, "--message", f"see {conversation}", *files)
    assert done.returncode == 0, done.stderr
    asked = next(str(exchange.body) for exchange in stack.models.log if conversation in str(exchange.body))
    assert asked.count("'type': 'image'") == 1
    assert "the text of the file" in asked


def test_a_pdf_and_a_word_file_are_read_by_the_model(stack: Stack, conversation: str, tmp_path: Path) -> None:
    (tmp_path / "report.pdf").write_bytes(samples.pdf())
    (tmp_path / "figures.docx").write_bytes(samples.word("The figures are excellent."))
    (tmp_path / "old.zip").write_bytes(b"PK\x03\x04 nothing of use")
    files = [word for path in sorted(tmp_path.iterdir()) for word in ("--attach", str(path))]
    done = stack.run("--conversation", conversation, "--message", f"see {conversation}", *files)
    assert done.returncode == 0, done.stderr
    asked = next(str(exchange.body) for exchange in stack.models.log if conversation in str(exchange.body))
    assert "Hello from a PDF" in asked
    assert "The figures are excellent." in asked
    assert "came with this message, but I cannot read it (application/zip, 19 bytes)" in asked


def test_a_stack_that_is_not_there(stack: Stack) -> None:
    done = stack.run("--message", "hello", TEMPORAL_ADDRESS="127.0.0.1:1")
    assert done.returncode == 1
    assert "Temporal does not answer at 127.0.0.1:1" in done.stderr
    assert "Traceback" not in done.stderr


def test_json_where_nothing_was_accepted(stack: Stack, conversation: str) -> None:
    for arguments, changes in (
        (("--message", "x" * 100_001), {}),
        (("--message", "hello"), {"TEMPORAL_ADDRESS": "127.0.0.1:1"}),
        (("--message", "hello", "--user", "not a name"), {}),
        (("--message", "hello"), {"LLM_PROVIDER": "nobody"}),
    ):
        done = stack.run("--conversation", conversation, "--json", *arguments, **changes)
        assert done.returncode in (1, 2), arguments
        assert json.loads(done.stdout)["error"].strip() == done.stderr.strip() != ""


def test_json_holds_nothing_that_a_terminal_obeys(stack: Stack, conversation: str) -> None:
    done = stack.run("--conversation", conversation, "--message", "escape", "--json")
    assert json.loads(done.stdout)["reply"] == "before \x1b]0;owned\x07 after \x9b\u202e"
    assert not {"\x1b", "\x07", "\x9b", "\u202e"} & set(done.stdout)


def test_a_message_that_begins_with_a_slash(stack: Stack, conversation: str) -> None:
    assert stack.run("--message", "/bogus").returncode == 1
    for arguments, given in ((("--message", "//bogus"), ""), (("--message", "-"), "/bogus")):
        done = stack.run("--conversation", conversation, *arguments, given=given)
        assert done.returncode == 0, done.stderr
    said = [str(exchange.body) for exchange in stack.models.log if "/bogus" in str(exchange.body)]
    assert said
    assert not any("//bogus" in each for each in said)


def test_json_needs_a_message(stack: Stack) -> None:
    done = stack.run("--json")
    assert done.returncode == 1
    assert "--message" in done.stderr


def _start_and_wait_for_model(stack: Stack, words: str, *arguments: str) -> nursery.Piped:
    """A chat that says ``words``, which nobody else says, and whose model has begun to answer."""
    asking = stack.start("--message", words, *arguments)
    deadline = time.monotonic() + PATIENCE_S
    while not any(exchange.pieces for exchange in stack.models.log if words in str(exchange.body)):
        assert time.monotonic() < deadline, "the model was not asked"
        time.sleep(0.02)
    return asking
