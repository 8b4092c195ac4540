"""The file of settings: found wherever a command is given, and what is wrong in it told with its line."""

import json
import os
import tempfile
from pathlib import Path

import pytest

from clara import settings, sources
from clara.errors import Misconfigured
from clara.sources import finding
from clara.sources.envfile import parse

SECRET = "sk-do-not-show"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A CLARA_HOME, a checkout and a current folder, all without any settings yet."""
    for name in ("home", "checkout", "elsewhere"):
        (tmp_path / name).mkdir()
    monkeypatch.setenv("CLARA_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("CLARA_ENV_FILE")
    monkeypatch.setattr(finding, "CHECKOUT", tmp_path / "checkout")
    monkeypatch.chdir(tmp_path / "elsewhere")
    return tmp_path / "home"


def name() -> str:
    return settings.load().runtime.name


def write(path: Path, bot: str) -> Path:
    path.write_text(f"BOT_NAME={bot}\n")
    return path


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"LOG_LEVEL=INFO\nBOT_NAME=\xff\xfe\n", "line 2: must be text in UTF-8"),
        ("LOG_LEVEL=INFO\n".encode("utf-16"), "line 1: must be text in UTF-8"),
        (b"LOG_LEVEL=INFO\n\n\nBOT_NAME='Kla\n", "line 4: a quote is opened and not closed"),
        (b'\nANTHROPIC_API_KEY="sk-do-not-show\nLOG_LEVEL="INFO"\n', "line 2: a quote is opened and not closed"),
        (b'A="sk-do-not-show\nLOG_LEVEL = INFO\nBOT_NAME="\n', "line 1: a quote is opened and not closed"),
        (b'# keys\n"ANTHROPIC_API_KEY"=sk-do-not-show\n', "line 2: the name must not be in quotes"),
        (b"export 'ANTHROPIC_API_KEY'=sk-do-not-show\n", "line 1: the name must not be in quotes"),
        (b"ANTHROPIC_API_KEY sk-do-not-show\n", "line 1: must be NAME=value"),
        (b"ANTHROPIC_API_KEY\n", "line 1: must be NAME=value"),
        (b"ANTHROPIC_API_KEY: sk-do-not-show\n", "line 1: must be NAME=value"),
        (b"=sk-do-not-show\n", "line 1: must be NAME=value"),
        (b"BOT_NAME=a\0b\n", "line 1: must be text, and there is a NUL byte"),
    ],
)
def test_what_cannot_be_read_is_told_with_file_and_line(content: bytes, sentence: str) -> None:
    with pytest.raises(Misconfigured) as caught:
        parse(content, "here/.env", settings.known_names())
    assert str(caught.value).startswith(f"here/.env, {sentence}")
    assert SECRET not in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (
            "\nANTHROPIC_APIKEY=sk-do-not-show\n",
            "line 2: Clara knows no ANTHROPIC_APIKEY; did you mean ANTHROPIC_API_KE",
        ),
        (
            "anthropic_api_key=sk-do-not-show\n",
            "line 1: Clara knows no anthropic_api_key; did you mean ANTHROPIC_API_KE",
        ),
        ("QWERTY_ZZZ=sk-do-not-show\n", "line 1: Clara knows no QWERTY_ZZZ."),
        ("BOT_NAME=a\nBOT_NAME=b\n", "line 2: BOT_NAME is set in line 1 already; this one counts."),
    ],
)
def test_what_is_probably_a_mistake_is_warned_of(content: str, sentence: str) -> None:
    found = parse(content.encode(), "here/.env", settings.known_names())
    assert len(found.warnings) == 1
    assert found.warnings[0].startswith(f"here/.env, {sentence}")
    assert SECRET not in found.warnings[0]


@pytest.mark.parametrize(
    "content",
    [
        b"\xef\xbb\xbfBOT_NAME=Klara\r\n# a comment\r\nexport LOG_LEVEL=INFO\r\n",
        b"  BOT_NAME = 'Klara' # hers\nLOG_LEVEL=INFO",
        b'BOT_NAME="Klara"\n\nLOG_LEVEL=INFO\nBOT_PERSONALITY="two\nlines\nRULES=none"\n',
    ],
)
def test_what_other_programs_write_is_understood(content: bytes) -> None:
    found = parse(content, "here/.env", settings.known_names())
    assert (found.values["BOT_NAME"], found.values["LOG_LEVEL"]) == ("Klara", "INFO")
    assert found.warnings == ()


def test_the_homes_own_file_counts_wherever_one_is(home: Path) -> None:
    write(home / ".env", "Home")
    write(home.parent / "checkout/.env", "Checkout")
    write(Path(".env"), "Folder")
    assert name() == "Home"
    assert len([line for line in settings.source().overlooked if "is not read" in line]) == 2


def test_the_checkouts_file_counts_wherever_one_is(home: Path) -> None:
    write(home.parent / "checkout/.env", "Checkout")
    write(Path(".env"), "Folder")
    assert name() == "Checkout"
    assert len(settings.source().overlooked) == 1
    Path(".env").write_text("SOMEBODYS_PORT=8000\n")
    assert settings.source().overlooked == (), "another project's is none of Clara's business"


def test_the_file_that_she_was_started_with_counts_from_elsewhere(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = write(Path(".env").absolute(), "Folder")
    assert settings.source().file == file
    (home / "stack.json").write_text(json.dumps({"env_file": str(file)}))
    monkeypatch.chdir("/")
    assert name() == "Folder"
    file.unlink()
    with pytest.raises(Misconfigured, match="there is no such file"):
        name()
    (home / ".env").touch()
    assert name() == "Clara"
    assert "is gone" in settings.source().overlooked[0]


def test_a_folder_in_the_files_place_is_told(home: Path) -> None:
    Path(".env").mkdir()  # somebody's virtual environment, and none of Clara's business
    assert settings.source().file is None
    (home / ".env").mkdir()
    with pytest.raises(Misconfigured, match="is a folder"):
        name()
    assert sources.home() == home


def test_a_file_that_is_named_must_be_there(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLARA_ENV_FILE", "nowhere/.env")
    with pytest.raises(Misconfigured, match=r"nowhere/\.env"):
        name()
    assert sources.home() == home


def test_the_home_is_known_though_the_file_cannot_be_read(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (home / ".env").write_text("nonsense\n")
    with pytest.raises(Misconfigured, match="line 1"):
        settings.load()
    assert sources.home() == home
    monkeypatch.delenv("CLARA_HOME")
    (home.parent / "checkout/.env").write_text(f"CLARA_HOME={home.parent}/other\n")
    assert sources.home() == home.parent / "other"
    assert settings.load().runtime.home == home.parent / "other"


def test_a_home_of_nobody_is_told(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLARA_HOME", "~no-such-user-here/x")
    with pytest.raises(Misconfigured, match="no user of the name"):
        settings.load()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody who may not read the file")
def test_a_file_that_may_not_be_read_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    with tempfile.TemporaryDirectory() as folder:  # pytest's own cannot be entered by others
        os.chmod(folder, 0o755)
        file = write(Path(folder) / ".env", "x")
        file.chmod(0o600)
        monkeypatch.setenv("CLARA_ENV_FILE", str(file))
        os.seteuid(65534)
        try:
            with pytest.raises(Misconfigured, match=r"\.env cannot be read: Permission denied"):
                settings.load()
        finally:
            os.seteuid(0)


@pytest.mark.parametrize("key", ['"sk-do-not-show"', "'sk-do-not-show", "\u201csk-do-not-show\u201d", "sk-do not-show"])
def test_a_key_that_was_pasted_with_something_around_it_is_told(key: str) -> None:
    with pytest.raises(Misconfigured, match="ANTHROPIC_API_KEY: must") as caught:
        settings.load({"ANTHROPIC_API_KEY": key})
    assert "sk-" not in str(caught.value)
