"""``clara setup`` in a terminal: it asks, shows no secret, and changes nothing before its end."""

import signal
from collections.abc import Iterator

import pexpect
import pytest

from tests.adapters.cli.terminal import Spawned
from tests.gateway.setup.conftest import TOKEN, Setup
from tests.loopback.models.server import KEY


class Terminal:
    """A terminal with ``clara setup`` in it; ``screen`` is everything that it has shown."""

    def __init__(self, setup: Setup) -> None:
        self.child = Spawned(
            "gateway", "setup", environment=setup.environment, size=(40, 200), folder=setup.root, encoding="utf-8"
        )
        self.screen = ""

    def until(self, text: str) -> None:
        self.child.expect_exact(text)
        self.screen += self.child.before + text

    def answer(self, question: str, text: str = "") -> None:
        self.until(question)
        self.child.expect(":")
        if "not shown" in question:
            self.child.waitnoecho()
        self.screen += self.child.before
        self.child.sendline(text)

    def end(self) -> int:
        self.child.expect(pexpect.EOF)
        self.screen += self.child.before
        return self.child.wait()


@pytest.fixture
def terminal(setup: Setup) -> Iterator[Terminal]:
    made = Terminal(setup)
    yield made
    made.child.kill(signal.SIGKILL)
    made.child.close()


def test_all_questions_answered(setup: Setup, terminal: Terminal) -> None:
    terminal.answer("Provider (number or name) [skip]", "2")
    terminal.answer("Key of anthropic (not shown; Enter skips)", "wrong-key-0123456789")
    terminal.until("refused the key")
    terminal.answer("[again]")
    terminal.answer("Key of anthropic (not shown; Enter skips)", KEY)
    terminal.until("echo answers, after")
    terminal.answer("Name [Clara]", "Nova")
    terminal.answer("Time zone [Europe/Berlin]", "rome")
    terminal.answer("Did you mean Europe/Rome?\r\nTime zone [Europe/Berlin]", "Europe/Rome")
    terminal.answer("Token of the bot (not shown; Enter skips)", TOKEN)
    terminal.until("Invite her to a server: https://discord.com/oauth2/authorize?client_id=99887766&")
    assert terminal.end() == 0
    assert "Saved to" in terminal.screen
    assert (KEY in terminal.screen, TOKEN in terminal.screen, "wrong-key" in terminal.screen) == (False, False, False)
    assert setup.saved() == {
        "LLM_PROVIDER": "anthropic",
        "ANTHROPIC_API_KEY": KEY,
        "BOT_NAME": "Nova",
        "DEFAULT_TIMEZONE": "Europe/Rome",
        "DISCORD_BOT_TOKEN": TOKEN,
    }


def test_enter_alone_skips_all_and_sets_the_machines_time_zone(setup: Setup, terminal: Terminal) -> None:
    for question in ("Provider", "Name", "Time zone", "Token of the bot (not shown"):
        terminal.answer(question)
    assert terminal.end() == 0
    assert setup.saved() == {"DEFAULT_TIMEZONE": "Europe/Berlin"}


def test_what_is_set_is_shown_masked_and_kept(setup: Setup) -> None:
    before = f"LLM_PROVIDER=anthropic\nANTHROPIC_API_KEY={KEY}\nBOT_NAME=Nova\nDEFAULT_TIMEZONE=Asia/Tokyo\n"
    setup.file.write_text(before)
    terminal = Terminal(setup)
    terminal.answer("Provider (number or name) [anthropic]")
    terminal.answer("Key of anthropic (not shown; Enter keeps the one ending in cdef)")
    terminal.answer("Name [Nova]")
    terminal.answer("Time zone [Asia/Tokyo]")
    terminal.answer("Token of the bot (not shown; Enter skips)")
    assert terminal.end() == 0
    assert KEY not in terminal.screen
    assert setup.file.read_text() == before


@pytest.mark.parametrize("last", ["Key of anthropic (not shown", "Token of the bot (not shown"])
def test_ctrl_c_changes_nothing(setup: Setup, terminal: Terminal, last: str) -> None:
    answers = {"Provider": "2", "Key of anthropic (not shown": KEY, "Name [Clara]": "Nova", "Time zone": ""}
    for question, text in answers.items():
        if question == last:
            break
        terminal.answer(question, text)
    terminal.until(last)
    terminal.child.sendintr()
    terminal.until("Nothing was changed.")
    assert terminal.end() == 130
    assert setup.file.read_text() == "# mine\n"


def test_a_server_of_ones_own_without_a_key(setup: Setup, terminal: Terminal) -> None:
    setup.models.key = "none"
    terminal.answer("Provider", "openai")
    terminal.answer("Address of the API [https://api.openai.com/v1]", setup.models.openai_url)
    terminal.answer("Model [echo]", "echo")
    terminal.answer("Key (not shown; Enter if the server asks for none)")
    terminal.until("echo answers, after")
    for question in ("Name", "Time zone", "Token of the bot (not shown"):
        terminal.answer(question)
    assert terminal.end() == 0
    assert setup.saved()["CUSTOM_OPENAI_BASE_URL"] == setup.models.openai_url


def test_a_refused_key_can_be_left_out_and_the_rest_saved(setup: Setup, terminal: Terminal) -> None:
    terminal.answer("Provider", "anthropic")
    terminal.answer("Key of anthropic (not shown", "wrong-key-0123456789")
    terminal.answer("[again]", "skip")
    terminal.answer("Name", "Nova")
    terminal.answer("Time zone", "UTC")
    terminal.answer("Token of the bot (not shown")
    assert terminal.end() == 0
    assert setup.saved() == {"BOT_NAME": "Nova"}


def test_a_refused_key_is_saved_only_when_told_so(setup: Setup, terminal: Terminal) -> None:
    terminal.answer("Provider", "anthropic")
    terminal.answer("Key of anthropic (not shown", "wrong-key-0123456789")
    terminal.answer("[again]", "save")
    for question in ("Name", "Time zone", "Token of the bot (not shown"):
        terminal.answer(question)
    assert terminal.end() == 0
    assert setup.saved()["ANTHROPIC_API_KEY"] == "wrong-key-0123456789"
