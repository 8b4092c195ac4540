"""``clara install``: from a lock with hashes, into the environment that runs, interrupted and repeated."""

import hashlib
import json
import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from clara.extras import EXTRAS
from gateway.extras import lock

ROOT = Path(__file__).parents[3]

_RUN = """
import sys
from pathlib import Path
from clara import extras
from gateway.extras import adding, lock, state

extras.EXTRAS["tiny"] = extras.Extra("one small thing", "TINY=true", 1, ("tiny",))
extras.EXTRAS["newer"] = extras.Extra("another", "NEWER=true", 1, ("newer",), python=(9, 1))
adding.lock_of = state.lock_of = lambda name: Path({lock!r})
from gateway.__main__ import main
sys.argv = ["clara", *{words!r}]
main()
"""


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """An environment of its own that has pip, and sees Clara and her dependencies."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, symlinks=True, with_pip=False)
    packages = folder / "lib" / f"python{sys.version_info.major}.{sys.version_info.minor}" / "site-packages"
    (packages / "clara.pth").write_text(f"{ROOT}\n{sysconfig.get_path('purelib')}\n")
    return folder


@pytest.fixture
def extra(tmp_path: Path, environment: Path) -> Path:
    """The lock of an extra of one package, which was made here."""
    wheel = tmp_path / "tiny-1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("tiny.py", "")
        archive.writestr("tiny-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: tiny\nVersion: 1.0\n")
        archive.writestr("tiny-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr("tiny-1.0.dist-info/RECORD", "")
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    locked = tmp_path / "requirements-tiny.lock"
    locked.write_text(
        f"--no-index\n--find-links {tmp_path}\ntiny==1.0 \\\n    --hash=sha256:{digest}\n"
        f"none==1.0 ; sys_platform == 'nowhere' \\\n    --hash=sha256:{digest}\n"
    )
    return locked


def clara(environment: Path, locked: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [environment / "bin/python", "-c", _RUN.format(lock=str(locked), words=words)],
        cwd=ROOT,
        env={
            **os.environ,
            "CLARA_HOME": str(locked.parent / "home"),
            "PIP_CONFIG_FILE": os.devnull,
            "PIP_NO_INDEX": "1",
        },
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )


def state(environment: Path, locked: Path) -> str:
    listed = json.loads(clara(environment, locked, "install", "--json").stdout)
    return str(next(each["state"] for each in listed if each["name"] == "tiny"))


def packages(environment: Path) -> Path:
    return next(environment.glob("lib/python*/site-packages"))


def test_an_extra_is_installed_once_and_mended_when_it_was_cut_short(environment: Path, extra: Path) -> None:
    assert state(environment, extra) == "not installed"
    first = clara(environment, extra, "install", "tiny")
    assert first.stdout == "Installing tiny, about 1 MB\ntiny is installed. It is used with TINY=true.\n", first.stderr
    assert state(environment, extra) == "installed"
    assert clara(environment, extra, "install", "tiny").stdout == "tiny is installed already.\n"
    # As if it had been killed when the metadata were there and the list of files was not.
    (packages(environment) / "tiny-1.0.dist-info/RECORD").unlink()
    (packages(environment) / "tiny.py").unlink()
    assert state(environment, extra) != "installed"
    assert clara(environment, extra, "install", "tiny").returncode == 0
    assert (packages(environment) / "tiny.py").exists()
    assert state(environment, extra) == "installed"
    extra.write_text(extra.read_text().replace("tiny==1.0", "tiny==2.0"))
    assert state(environment, extra) == "outdated"


def test_what_has_another_hash_is_not_installed(environment: Path, extra: Path) -> None:
    (extra.parent / "tiny-3.0-py3-none-any.whl").write_bytes((extra.parent / "tiny-1.0-py3-none-any.whl").read_bytes())
    text = extra.read_text().replace("tiny==1.0", "tiny==3.0").replace("sha256:", "sha256:0000")
    extra.write_text(text)
    done = clara(environment, extra, "install", "tiny")
    assert done.returncode == 1
    assert "tiny==3.0" in done.stdout, "pip says why"
    assert "tiny was not installed; pip says why above. To try again, install it with: " in done.stderr


def test_a_name_that_is_none_and_a_python_that_is_too_old_are_told(environment: Path, extra: Path) -> None:
    done = clara(environment, extra, "install", "grpah")
    assert (done.returncode, done.stdout) == (1, "")
    assert "There is no extra grpah. There are: graph, " in done.stderr
    done = clara(environment, extra, "install", "newer")
    assert "newer needs Python 9.1 or newer, and this is Python" in done.stderr


def test_an_image_is_told_how_it_is_made_with_it(extra: Path, tmp_path: Path) -> None:
    environment = tmp_path / "image"
    venv.create(environment, symlinks=True, with_pip=False)
    (packages(environment) / "clara.pth").write_text(f"{ROOT}\n{without_pip(tmp_path)}\n")
    done = clara(environment, extra, "install", "tiny")
    assert done.returncode == 1
    assert "In a container: set CLARA_EXTRAS=tiny in .env, then docker compose up -d --build" in done.stderr


def without_pip(folder: Path) -> Path:
    """What is installed here, but for pip, as the image has it."""
    shown = folder / "packages"
    shown.mkdir()
    for path in Path(sysconfig.get_path("purelib")).iterdir():
        if path.name != "pip":
            (shown / path.name).symlink_to(path)
    return shown


def test_the_lock_of_each_extra_can_be_read() -> None:
    for name in EXTRAS:
        assert all(pin.package and pin.version for pin in lock.pins(lock.lock_of(name)))
