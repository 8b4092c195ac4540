"""The sandbox's rules that need no sandbox."""

import pytest

from clara.errors import Misconfigured, ToolFailed
from clara.sandbox.output import ENDLESS, HEAD, TAIL, Output
from clara.sandbox.packages import packages
from clara.sandbox.paths import in_box, shown
from clara.settings import load


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("a.csv", "/home/user/a.csv"),
        ("./a/../b", "/home/user/b"),
        ("~/a", "/home/user/a"),
        ("~", "/home/user"),
        (".", "/home/user"),
        ("/home/user/a b", "/home/user/a b"),
        ("/tmp/x", "/tmp/x"),
        ("../user/a", "/home/user/a"),
    ],
)
def test_paths_begin_in_the_home(path: str, found: str) -> None:
    assert in_box(path) == found


@pytest.mark.parametrize("path", ["..", "/", "/etc/passwd", "/home/userx", "/tmpx", "a/../../b", "~x/a", "", "a\0"])
def test_other_paths_are_refused(path: str) -> None:
    with pytest.raises(ToolFailed):
        in_box(path)


def test_paths_are_told_as_they_are_written() -> None:
    assert shown("/home/user/data/a.csv") == "data/a.csv"
    assert shown("/tmp/a") == "/tmp/a"


def test_packages_are_names_with_versions() -> None:
    asked = ["pandas", " numpy >= 2, < 3 ", "uvicorn[standard]==0.30", "a.b-c_d"]
    assert packages(asked) == ["pandas", "numpy>=2,<3", "uvicorn[standard]==0.30", "a.b-c_d"]


@pytest.mark.parametrize("name", ["-r x", "--pre", "a b", "./a", "a@b", "https://a/b.whl", "a;b", "a==", "a[", "", "ä"])
def test_nothing_else_that_pip_takes_is_a_package(name: str) -> None:
    with pytest.raises(ToolFailed):
        packages([name])
    with pytest.raises(ToolFailed):
        packages(["a"] * 21)


def test_of_a_long_output_the_beginning_and_the_end_are_kept() -> None:
    output = Output()
    output.add(b"begin\n")
    for _ in range(400):
        output.add(b"x" * 10_000)
    output.add(b"\nend\n")
    assert output.text.startswith("begin\n")
    assert output.text.endswith("\nend\n")
    assert "bytes were left out" in output.text
    assert len(output.text) < HEAD + TAIL + 100
    assert not output.endless
    output.add(b"x" * ENDLESS)
    assert output.endless
    assert len(output._tail) <= TAIL + 1


def test_a_short_output_stays_as_it_is() -> None:
    output = Output()
    for piece in (b"\xc3", b"\xa4\n", b"two\r", b"three"):
        output.add(piece)
    assert output.text == "ä\ntwo\rthree"
    assert output.last_line == "three"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DOCKER_SANDBOX_MEMORY", "12"),
        ("DOCKER_SANDBOX_MEMORY", "much"),
        ("SANDBOX_DISK", "1 zillion"),
        ("SANDBOX_MODE", "host"),
        ("SANDBOX_ALLOWED_HOSTS", "http://x/"),
        ("SANDBOX_PROCESSES", "1"),
    ],
)
def test_wrong_settings_are_named(name: str, value: str) -> None:
    with pytest.raises(Misconfigured, match=name):
        load({name: value})
