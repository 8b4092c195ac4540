"""The stack and its file of settings: the folder of a command decides nothing, and a change is named."""

import json
import os
from pathlib import Path

import pytest

from gateway.console.invocation import command
from tests import nursery
from tests.gateway.conftest import NewHome
from tests.gateway.homes import Ran, TestHome


def given(home: TestHome, folder: Path, *arguments: str, hands_on: bool = True) -> Ran:
    """The command, given in ``folder`` by somebody who names no file."""
    variables = {name: value for name, value in home.environment.items() if name != "CLARA_ENV_FILE"}
    ran = nursery.run("gateway", *arguments, env=variables, cwd=folder, hands_on=hands_on)
    return Ran(ran.returncode, ran.stdout, ran.stderr)


def test_a_restart_from_elsewhere_uses_the_same_file(new_home: NewHome, tmp_path: Path) -> None:
    home, here, elsewhere = new_home(), tmp_path / "here", tmp_path / "elsewhere"
    for folder in (here, elsewhere):
        folder.mkdir()
    file = here / ".env"
    key = "sk-only-for-this-test"
    file.write_text(f"ANTHROPIC_API_KEY={key}\nCUSTOM_OPENAI_MODLE=x\n")
    (elsewhere / ".env").write_text("LLM_PROVIDER=scripted\n")
    started = given(home, here, "start")
    assert started.code == 0, started.err
    assert "did you mean CUSTOM_OPENAI_MODEL?" in started.out

    ran = given(home, elsewhere, "restart", hands_on=False)
    assert ran.code == 0, ran.err
    assert f"Settings: {file}, and the environment" in ran.out
    found = json.loads(given(home, elsewhere, "status", "--json").out)
    assert found["settings_file"] == str(file)
    assert found["model"]["provider"] == "anthropic"
    assert f"{elsewhere / '.env'} is not read" in " ".join(found["notices"])
    worker = next(process["pid"] for process in found["processes"] if process["name"] == "worker")
    assert f"CLARA_ENV_FILE={file}\0" in Path(f"/proc/{worker}/environ").read_text()

    file.write_text(f"ANTHROPIC_API_KEY={key}2\nBOT_NAME=Klara\n")
    changed = "The settings have changed since Clara was started: ANTHROPIC_API_KEY, BOT_NAME."
    assert changed in given(home, elsewhere, "status").out
    assert changed in given(home, elsewhere, "start").out
    assert given(home, elsewhere, "restart").code == 0
    assert "have changed" not in given(home, elsewhere, "status").out
    assert key not in (home.root / "stack.json").read_text()

    file.write_text("'BOT_NAME'=Klara\n")
    ran = given(home, elsewhere, "restart")
    assert (ran.code, ran.err) == (2, f"clara: {file}, line 1: the name must not be in quotes\n")
    file.unlink()
    (elsewhere / ".env").unlink()
    ran = given(home, elsewhere, "restart")
    assert ran.code == 2
    assert "there is no such file" in ran.err
    assert home.pids(), "what runs goes on"
    assert given(home, elsewhere, "stop").code == 0


def test_a_home_of_its_own_file_needs_no_folder(new_home: NewHome, tmp_path: Path) -> None:
    home = new_home()
    home.root.mkdir(mode=0o700)
    (home.root / ".env").write_text("BOT_NAME=Klara\n")
    assert json.loads(given(home, tmp_path, "status", "--json").out)["settings_file"] == str(home.root / ".env")


@pytest.mark.parametrize(
    ("on_path", "folder", "expected"),
    [
        ("", "", ".venv/bin/clara"),
        ("", "elsewhere", "{root}/.venv/bin/clara"),
        ("", "..", "{root}/.venv/bin/clara"),
        (".venv/bin", "elsewhere", "clara"),
        ("link", "", "clara"),
        ("other", "", ".venv/bin/clara"),
    ],
)
def test_hints_name_a_command_that_exists(tmp_path: Path, on_path: str, folder: str, expected: str) -> None:
    for name in (".venv/bin", "link", "other", "elsewhere"):
        (tmp_path / name).mkdir(parents=True)
    for script in (tmp_path / ".venv/bin/clara", tmp_path / "other/clara"):
        script.write_text("#!/bin/sh\n")
        script.chmod(0o755)
    (tmp_path / "link/clara").symlink_to(tmp_path / ".venv/bin/clara")
    search = os.pathsep.join([str(tmp_path / on_path)] if on_path else ["/nonexistent"])
    found = command(tmp_path / ".venv/bin/python", tmp_path / folder, search)
    assert found == expected.format(root=tmp_path)
