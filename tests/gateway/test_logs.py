"""Reading log files, as pure functions of files."""

from pathlib import Path

import pytest

from gateway.supervision import logs


def test_the_end_of_a_file_whatever_is_in_it(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    assert logs.tail(path, 5) == []
    path.write_bytes(b"one\r\n\x00\xff\x1b[2J two\nthree\nnot ended yet")
    assert logs.tail(path, 2) == ["\N{REPLACEMENT CHARACTER}" * 3 + "[2J two", "three"]
    assert logs.tail(path, 0) == []
    path.write_bytes(b"".join(b"%d %s\n" % (n, b"x" * 100) for n in range(5000)))
    assert [line.split()[0] for line in logs.tail(path, 3)] == ["4997", "4998", "4999"]


def test_several_files_are_shown_in_the_order_of_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "UTC")
    (tmp_path / "a.log").write_text("2026-01-01 00:00:01.500 UTC a1\n  more of a1\n2026-01-01 00:00:03 a2\n")
    (tmp_path / "b.log").write_text("time=2026-01-01T00:00:02.000 b1\n2026-01-01 00:00:04,000 INFO b2\n")
    files = {name: tmp_path / f"{name}.log" for name in "ab"}
    shown = [line.text.split()[-1] for line in logs.interleaved(files, 10)]
    assert shown == ["a1", "a1", "b1", "a2", "b2"]
    assert [line.text.split()[-1] for line in logs.interleaved(files, 2)] == ["a2", "b2"]


def test_new_lines_are_followed_into_a_rotated_file(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_text("old\n")
    lines = logs.follow({"a": path}, pause_s=0.01)
    with path.open("a") as file:
        file.write("new\nhal")
    assert next(lines).text == "new"
    with path.open("a") as file:
        file.write("f\n")
    assert next(lines).text == "half"
    path.rename(tmp_path / "a.log.1")
    path.write_text("the first line of another file\n")
    assert next(lines).text == "the first line of another file"
