"""``clara setup`` with options, for scripts: what is proven is saved, and nothing else."""

import json
import os
import re
import stat

import pytest

from adapters.discord.api import client
from clara.errors import UserError
from gateway.proofs import discord
from gateway.setup.scripted import Options, decide
from tests.gateway.setup.conftest import TOKEN, Setup
from tests.loopback.models.server import KEY


def test_a_key_that_works_is_saved_for_its_owner_alone(setup: Setup) -> None:
    ran = setup.run("--provider", "anthropic", "--key-file", setup.secret(KEY), "--no-input")
    assert (ran.code, ran.err) == (0, "")
    assert "anthropic echo: answers, after" in ran.out
    assert f"Saved to {setup.file}" in ran.out
    assert setup.saved() == {"LLM_PROVIDER": "anthropic", "ANTHROPIC_API_KEY": KEY}
    assert setup.file.read_text().startswith("# mine\n")
    assert stat.S_IMODE(setup.file.stat().st_mode) == 0o600
    assert KEY not in ran.out


def test_a_key_that_is_refused_saves_nothing_not_even_the_name(setup: Setup) -> None:
    ran = setup.run(
        "--provider", "anthropic", "--key-file", setup.secret("wrong-key-0123456789"), "--name", "Nova", "--json"
    )
    assert ran.code == 1
    found = json.loads(ran.out)
    assert (found["saved"], found["written"], found["model"]["works"]) == (False, [], False)
    assert "refused the key" in found["model"]["what"]
    assert "Check ANTHROPIC_API_KEY" in found["model"]["fix"]
    assert setup.saved() == {}
    assert "wrong-key" not in ran.out + ran.err


def test_unproven_saves_it_all_the_same_and_says_what_happened(setup: Setup) -> None:
    ran = setup.run("--provider", "anthropic", "--key-file", setup.secret("wrong-key-0123456789"), "--unproven")
    assert ran.code == 0
    assert "refused the key" in ran.out
    assert setup.saved()["ANTHROPIC_API_KEY"] == "wrong-key-0123456789"


def test_another_vendors_key_is_sent_to_nobody(setup: Setup) -> None:
    setup.variables["ANTHROPIC_BASE_URL"] = ""  # Anthropic's own
    ran = setup.run("--provider", "anthropic", "--key-file", setup.secret("sk-or-v1-0123456789abcdef"), "--no-input")
    assert ran.code == 1
    assert "holds a key of OpenRouter, not of Anthropic. It belongs into OPENROUTER_API_KEY." in ran.out
    assert (setup.asked, setup.saved()) == (0, {})


def test_everything_at_once_from_standard_input_for_a_program(setup: Setup) -> None:
    ran = setup.run(
        *("--provider", "openai", "--key-file", "-", "--base-url", setup.models.openai_url, "--model", "echo"),
        *("--name", "  Nova #1 ", "--timezone", "europe/paris"),
        *("--discord-token-file", setup.secret(TOKEN), "--json"),
        stdin=f"{KEY}\n",
    )
    assert ran.code == 0, ran.out + ran.err
    found = json.loads(ran.out)
    assert found["saved"]
    assert found["discord"]["name"] == "Nova"
    assert "client_id=99887766&" in found["discord"]["invitation"]
    assert found["discord"]["reads_messages"] is False
    assert (KEY in ran.out, TOKEN in ran.out) == (False, False)
    assert setup.saved() == {
        "BOT_NAME": "Nova #1",
        "CUSTOM_OPENAI_API_KEY": KEY,
        "CUSTOM_OPENAI_BASE_URL": setup.models.openai_url,
        "CUSTOM_OPENAI_MODEL": "echo",
        "DEFAULT_TIMEZONE": "Europe/Paris",
        "DISCORD_BOT_TOKEN": TOKEN,
        "LLM_PROVIDER": "openai",
    }


def test_a_server_that_asks_for_no_key_needs_none(setup: Setup) -> None:
    setup.models.key = "none"
    ran = setup.run("--provider", "openai", "--base-url", setup.models.openai_url, "--model", "echo", "--no-input")
    assert ran.code == 0, ran.out + ran.err
    assert setup.saved()["CUSTOM_OPENAI_API_KEY"] == "none"


def test_a_second_run_keeps_the_key_that_is_set(setup: Setup) -> None:
    setup.file.write_text(f"ANTHROPIC_API_KEY={KEY} # paid by us\n")
    ran = setup.run("--provider", "anthropic", "--no-input")
    assert ran.code == 0, ran.out + ran.err
    assert setup.file.read_text() == f"ANTHROPIC_API_KEY={KEY} # paid by us\nLLM_PROVIDER=anthropic\n"


def test_a_token_that_discord_does_not_know_saves_nothing(setup: Setup) -> None:
    ran = setup.run("--discord-token-file", setup.secret("wrong.token.here"), "--no-input")
    assert ran.code == 1
    assert "Discord does not know this token." in ran.out
    assert "Nothing was saved" in ran.out
    assert setup.saved() == {}


def test_a_variable_that_overrides_the_file_is_told(setup: Setup) -> None:
    setup.variables["BOT_NAME"] = "Vega"
    ran = setup.run("--name", "Nova", "--no-input")
    assert ran.code == 0
    assert "BOT_NAME in the environment overrides what was written" in ran.out


def test_other_settings_that_are_wrong_are_told_and_do_not_stand_in_the_way(setup: Setup) -> None:
    setup.file.write_text("LLM_PROVIDER=openrouter\nMODEL_TIER=huge\n")
    ran = setup.run("--provider", "anthropic", "--key-file", setup.secret(KEY), "--no-input")
    assert ran.code == 0, ran.out + ran.err
    assert "MODEL_TIER: must" in ran.out
    assert setup.saved()["LLM_PROVIDER"] == "anthropic"


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ((), "There is nothing to set"),
        (("--key-file", "/nowhere", "--no-input"), "Say whose key that is"),
        (("--provider", "openai", "--key-file", "{secret}", "--base-url", "models.example", "--no-input"), "BASE_URL"),
        (("--provider", "gemini"), "'gemini' is not one of"),
    ],
)
def test_what_cannot_be_meant_is_one_sentence(setup: Setup, options: tuple[str, ...], told: str) -> None:
    secret = setup.secret(KEY)
    ran = setup.run(*(option.replace("{secret}", secret) for option in options))
    assert ran.code in (1, 2)
    assert told in ran.out + ran.err
    assert "Traceback" not in ran.err
    assert setup.saved() == {}


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (Options(timezone="Belin/Europe"), "There is no time zone Belin/Europe."),
        (Options(timezone="berlin"), "Did you mean Europe/Berlin?"),
        (Options(name=" "), "A name has 1 to 60 characters."),
        (Options(name="x" * 61), "A name has 1 to 60 characters."),
        (Options(provider="anthropic"), "There is no key of anthropic yet"),
        (Options(provider="anthropic", key_file="/nowhere"), "cannot be read: No such file"),
        (Options(provider="anthropic", key_file="/dev/zero"), "/dev/zero is not a file"),
        (Options(provider="anthropic", key_file=os.devnull), "is not a file"),
        (Options(provider="anthropic", key_file=__file__), "one line with nothing but the secret"),
        (Options(key_file="-", discord_token_file="-"), "Only one of"),
    ],
)
def test_what_cannot_be_meant_is_refused_before_anybody_is_asked(options: Options, told: str) -> None:
    with pytest.raises(UserError, match=re.escape(told)):
        decide(options, {}, lambda _: None)


def test_she_is_invited_with_the_rights_that_the_adapter_needs() -> None:
    assert discord.INVITATION == client.INVITATION
