"""The file of settings is changed where it should be, gives back what was written, and is whole at any moment."""

import io
import os
import stat
from pathlib import Path

import pytest
from dotenv import dotenv_values
from hypothesis import given
from hypothesis import strategies as st

from clara.errors import UserError
from clara.sources.envfile import parse
from gateway.home import record
from gateway.setup.env_writer import changed, save

HARD = [
    "a#b", "a # b", "#", "it's", 'say "hi"', "$HOME", "${HOME}", "${HOME:-x}", "$${A}", "back\\slash", "\\n", "\\'",
    "`x`", " ends with spaces ", "a=b", "=", "", "100%", "Größe 漢", "'quoted'", '"quoted"', "a\\", "export X=1", "~",
]  # fmt: skip


def read(text: str) -> dict[str, str | None]:
    return dict(dotenv_values(stream=io.StringIO(text)))


@pytest.mark.parametrize("value", HARD)
def test_hard_values_survive_the_reader(value: str) -> None:
    text = changed("BEFORE=1\n", {"NAME": value})
    assert parse(text.encode(), "x", ["NAME", "BEFORE"]).values == {"BEFORE": "1", "NAME": value}
    assert read(changed(text, {"NAME": value})) == {"BEFORE": "1", "NAME": value}


@given(
    st.text(st.characters(exclude_categories=["C", "Zl", "Zp", "Zs"], include_characters=" #$'\"\\{}`=:-"), max_size=40)
)
def test_any_line_of_text_survives_the_reader(value: str) -> None:
    text = changed("A='1'\n# B=2\n", {"NAME": value, "B": value})
    assert read(text) == {"A": "1", "NAME": value, "B": value}


@pytest.mark.parametrize("value", ["two\nlines", "nul\0", "bell\a", "\x1b[31m"])
def test_what_is_no_line_of_text_is_refused(value: str) -> None:
    with pytest.raises(UserError, match="one line"):
        changed("", {"NAME": value})


def test_everything_else_stays_as_it_is() -> None:
    text = (
        "# Mine. Do not lose it.\n\nFOO=bar # keep me\nexport BOT_NAME='Old' # her name\n"
        "MULTI='two\nlines'\n  # indented\nLAST=1"
    )
    assert changed(text, {"BOT_NAME": "New One", "MULTI": "one", "ADDED": "x"}) == (
        "# Mine. Do not lose it.\n\nFOO=bar # keep me\nexport BOT_NAME='New One' # her name\n"
        "MULTI=one\n  # indented\nLAST=1\nADDED=x\n"
    )


def test_a_name_that_is_there_twice_is_there_once_afterwards() -> None:
    assert changed("A=old\nB=2\nA=older\n", {"A": "new"}) == "B=2\nA=new\n"


def test_a_line_of_the_example_file_gets_its_value_below() -> None:
    text = "# The key\n# ANTHROPIC_API_KEY=\n# The next\n# OTHER=\n"
    assert changed(text, {"ANTHROPIC_API_KEY": "k"}) == (
        "# The key\n# ANTHROPIC_API_KEY=\nANTHROPIC_API_KEY=k\n# The next\n# OTHER=\n"
    )


def test_windows_line_ends_and_a_byte_order_mark_do_no_harm(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_bytes(b"\xef\xbb\xbfA=1\r\nB=2\r\n")
    save(file, {"A": "new"})
    assert parse(file.read_bytes(), "x", ["A", "B"]).values == {"A": "new", "B": "2"}


def test_the_file_is_for_its_owner_alone_and_a_link_stays_one(tmp_path: Path) -> None:
    real, link = tmp_path / "real", tmp_path / ".env"
    real.write_text("A=1\n")
    real.chmod(0o644)
    link.symlink_to(real)
    save(link, {"A": "2"})
    assert link.is_symlink()
    assert (real.read_text(), stat.S_IMODE(real.stat().st_mode)) == ("A=2\n", 0o600)
    save(tmp_path / "new" / ".env", {"A": "1"})
    assert stat.S_IMODE((tmp_path / "new" / ".env").stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o700


def test_a_write_that_is_cut_leaves_the_old_file_and_no_draft(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / ".env"
    file.write_text("A=1\n")

    def interrupted(_: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(record.os, "fsync", interrupted)
    with pytest.raises(KeyboardInterrupt):
        save(file, {"A": "secret"})
    assert file.read_text() == "A=1\n"
    assert os.listdir(tmp_path) == [".env"]


def test_a_file_that_would_not_give_it_back_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("OPEN='never closed\n")
    with pytest.raises(UserError, match="other lines of it are damaged"):
        save(file, {"A": "it's"})
    assert file.read_text() == "OPEN='never closed\n"
