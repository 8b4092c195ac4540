"""Names of files from models, archives and strangers are plain names before anything is written."""

import os
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clara.filenames import LIMIT, clean_name, numbered, same

HOSTILE = [
    ("../../etc/passwd", "passwd"),
    ("..\\..\\boot.ini", "boot.ini"),
    ("/etc/cron.d/job", "job"),
    ("C:\\Windows\\win.ini", "win.ini"),
    ("\\\\server\\share\\x.txt", "x.txt"),
    ("a/b/../../c.txt", "c.txt"),
    ("folder/", "folder"),
    ("a\u2215b.txt", "b.txt"),
    ("a\uff0fb.txt", "b.txt"),
    ("..", "file"),
    (".", "file"),
    ("...", "file"),
    ("/", "file"),
    ("", "file"),
    ("   ", "file"),
    ("\0", "file"),
    ("\u202e", "file"),
    ("report.txt\0.exe", "report.txt.exe"),
    ("a\nb\r\tc.txt", "abc.txt"),
    ("\x1b]0;owned\x07.txt", "]0;owned.txt"),
    ("photo\u202egnp.exe", "photognp.exe"),
    ("\u2066a\u2069.txt", "a.txt"),
    ("in\u200bvisible\ufeff.txt", "invisible.txt"),
    ("line\u2028break.txt", "line break.txt"),
    ("CON", "_CON"),
    ("nul.txt", "_nul.txt"),
    ("Aux.tar.gz", "_Aux.tar.gz"),
    ("com1", "_com1"),
    ("LPT9.doc", "_LPT9.doc"),
    ("COM\u00b9.txt", "_COM\u00b9.txt"),
    ("CONIN$", "_CONIN$"),
    ("console.txt", "console.txt"),
    (".bashrc", "bashrc"),
    (".ssh/authorized_keys", "authorized_keys"),
    ("-rf", "rf"),
    ("--output=x", "output=x"),
    ("~root", "root"),
    ("trailing. . ", "trailing"),
    ("stream.txt:secret", "stream.txt_secret"),
    ('a<b>c"d|e?f*g', "a_b_c_d_e_f_g"),
    ("half\ud800.txt", "half.txt"),
    ("e\u0301.txt", "\u00e9.txt"),
]


@pytest.mark.parametrize(("name", "clean"), HOSTILE, ids=[ascii(name) for name, _ in HOSTILE])
def test_a_hostile_name_becomes_a_plain_one(name: str, clean: str) -> None:
    assert clean_name(name) == clean


@pytest.mark.parametrize("name", ["report.pdf", "Plan B (2).txt", "été.png", "日本語.csv", "a b.tar.gz", "README"])
def test_an_ordinary_name_stays(name: str) -> None:
    assert clean_name(name) == name


@pytest.mark.parametrize("name", ["x" * 300 + ".tar.gz", "é" * 300 + ".pdf", "日" * 300, "a." + "b" * 300])
def test_a_long_name_is_cut_and_keeps_its_ending(name: str) -> None:
    clean = clean_name(name)
    assert len(clean.encode()) <= LIMIT
    if name.endswith((".gz", ".pdf")):
        assert clean.endswith((".tar.gz", ".pdf"))


@given(st.text(max_size=400))
def test_whatever_comes_a_name_is_fit_for_any_disk_and_stays_so(name: str) -> None:
    clean = clean_name(name)
    assert clean_name(clean) == clean
    assert clean not in ("", ".", "..")
    assert os.path.basename(clean) == clean
    assert len(clean.encode()) <= LIMIT + 1
    assert not {unicodedata.category(each) for each in clean} & {"Cc", "Cf", "Cs", "Zl", "Zp"}
    assert not set(clean) & set('/\\<>:"|?*')


def test_a_name_that_is_taken_gets_a_number_before_its_ending() -> None:
    assert numbered("a.txt", []) == "a.txt"
    assert numbered("a.txt", ["A.TXT", "a (2).txt"]) == "a (3).txt"
    assert numbered("a.tar.gz", ["a.tar.gz"]) == "a (2).tar.gz"
    assert numbered("README", ["readme"]) == "README (2)"


def test_names_are_compared_as_people_write_them() -> None:
    assert same("Report.PDF", "../report.pdf")
    assert same('a "plan"[1].pdf', "a plan1.pdf")
    assert not same("report.pdf", "report.txt")
