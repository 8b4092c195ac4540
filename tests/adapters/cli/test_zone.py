"""Where the person at the terminal lives, as far as the machine knows."""

from pathlib import Path

import pytest

from adapters.cli.session.zone import local_zone


@pytest.fixture
def link(tmp_path: Path) -> Path:
    target = tmp_path / "usr/share/zoneinfo/Europe/Berlin"
    target.parent.mkdir(parents=True)
    target.touch()
    (tmp_path / "localtime").symlink_to(target)
    return tmp_path / "localtime"


@pytest.mark.parametrize(
    ("variable", "zone"),
    [
        ("Asia/Tokyo", "Asia/Tokyo"),
        (":Asia/Tokyo", "Asia/Tokyo"),
        ("/usr/share/zoneinfo/Asia/Tokyo", "Asia/Tokyo"),
        ("UTC", "UTC"),
        ("CET-1CEST", None),
        ("../../etc/passwd", None),
        ("", "Europe/Berlin"),
        (None, "Europe/Berlin"),
    ],
)
def test_the_variable_counts_before_the_machine(variable: str | None, zone: str | None, link: Path) -> None:
    assert local_zone(variable, link) == zone


def test_a_machine_without_a_zone_or_kept_at_utc_says_nothing(tmp_path: Path) -> None:
    assert local_zone(None, tmp_path / "missing") is None
    utc = tmp_path / "zoneinfo/Etc/UTC"
    utc.parent.mkdir(parents=True)
    utc.touch()
    assert local_zone(None, utc) is None
    copied = tmp_path / "localtime"
    copied.touch()
    assert local_zone(None, copied) is None
