"""What ``make setup`` and ``clara install`` install with: uv as pip is configured, or pip; what they show meanwhile."""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pexpect
import pytest

from deploy.install import ShownByPip, remove_torn, shown_by_uv, told

ROOT = Path(__file__).parents[2]
UV = Path(sys.executable).with_name("uv")
has_uv = pytest.mark.skipif(not UV.exists(), reason="no uv: it could not be had when this environment was made")


@pytest.fixture
def lock(tmp_path: Path) -> Path:
    """A file that asks for one package, made here, and for one that is for other systems."""
    wheel = tmp_path / "tiny-1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("tiny.py", "")
        archive.writestr("tiny-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: tiny\nVersion: 1.0\n")
        archive.writestr("tiny-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr("tiny-1.0.dist-info/RECORD", "")
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    asked = tmp_path / "asked"
    asked.write_text(
        f"tiny==1.0 --hash=sha256:{digest}\nnone==1.0 ; sys_platform == 'nowhere' --hash=sha256:{digest}\n"
    )
    return asked


@pytest.fixture
def environment(tmp_path: Path) -> Path:
    folder = tmp_path / "environment"
    venv.create(folder, symlinks=True, with_pip=False)
    return folder


def packages(environment: Path) -> Path:
    return next(environment.glob("lib/python*/site-packages"))


def give(environment: Path, uv: str) -> None:
    """A uv for this environment: a script."""
    (environment / "bin/uv").write_text(f"#!/bin/sh\n{uv}\n")
    (environment / "bin/uv").chmod(0o755)
    metadata = packages(environment) / "uv-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: uv\nVersion: 1.0\n")
    (metadata / "RECORD").touch()
    (metadata / "INSTALLER").touch()


def configured(lock: Path, **more: str) -> dict[str, str]:
    """The environment of a machine where pip knows one folder and no index."""
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "UV_"))},
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_NO_INDEX": "1",
        "PIP_FIND_LINKS": str(lock.parent),
        "UV_CACHE_DIR": str(lock.parent / "cache"),
        **more,
    }


def install(environment: Path, lock: Path, **more: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, ROOT / "deploy/install.py", environment, lock]
    return subprocess.run(
        command, env=configured(lock, **more), capture_output=True, text=True, timeout=90, check=False
    )


def installer(environment: Path) -> str:
    return (packages(environment) / "tiny-1.0.dist-info/INSTALLER").read_text().strip()


def test_uv_is_told_what_pip_is_told() -> None:
    assert told("") == {"UV_INDEX_STRATEGY": "unsafe-best-match"}
    assert told(
        "global.index-url='https://mirror.example/simple'\n"
        "global.extra-index-url='https://a.example/simple\\nfile:///b'\n"
        "global.find-links='/here /there'\n"
        "global.cert='/first.pem'\n"
        "install.cert='/second.pem'\n"
        "freeze.cert='/never.pem'\n"
        ":env:.cert='/third.pem'\n"
        ":env:.disable-pip-version-check='1'\n"
        "global.constraint='/limits.txt'\n"
    ) == {
        "UV_INDEX_STRATEGY": "unsafe-best-match",
        "UV_DEFAULT_INDEX": "https://mirror.example/simple",
        "UV_INDEX": "https://a.example/simple file:///b",
        "UV_FIND_LINKS": "/here,/there",
        "SSL_CERT_FILE": "/third.pem",
    }


@pytest.mark.parametrize("option", ["global.no-binary=':all:'", ":env:.target='/elsewhere'", "install.user='1'"])
def test_where_pip_is_told_something_else_uv_is_not_used(option: str) -> None:
    assert told(option) is None


@has_uv
def test_uv_installs_as_pip_is_configured_once_and_again_what_was_cut_short(environment: Path, lock: Path) -> None:
    give(environment, f'exec {UV} "$@"')
    done = install(environment, lock)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert installer(environment) == "uv"
    wheel = lock.parent / "tiny-1.0-py3-none-any.whl"
    wheel.rename(wheel.with_suffix(".away"))
    done = install(environment, lock, UV_CACHE_DIR=str(lock.parent / "other"))
    assert (done.returncode, done.stdout) == (0, ""), "there was nothing to do, and it was looked for"
    wheel.with_suffix(".away").rename(wheel)
    (packages(environment) / "tiny.py").unlink()
    (packages(environment) / "tiny-1.0.dist-info/INSTALLER").unlink()  # uv writes it last
    done = install(environment, lock)
    assert (done.returncode, done.stdout, installer(environment)) == (0, "", "uv")
    assert (packages(environment) / "tiny.py").exists()


@has_uv
def test_uv_installs_nothing_with_another_hash(environment: Path, lock: Path) -> None:
    give(environment, f'exec {UV} "$@"')
    lock.write_text(re.sub("sha256:[0-9a-f]+", f"sha256:{'0' * 64}", lock.read_text()))
    done = install(environment, lock)
    assert done.returncode == 1
    assert done.stdout.startswith(
        "uv could not install them, so pip does, which takes longer (Failed to download `tiny"
    )
    assert "DO NOT MATCH THE HASHES" in done.stdout
    assert not (packages(environment) / "tiny.py").exists()


def test_where_uv_fails_pip_installs_and_it_is_told_in_one_line(environment: Path, lock: Path) -> None:
    give(environment, "echo Resolved; echo 'error: the cache is full'; echo '  cause: of many words'; exit 2")
    done = install(environment, lock)
    assert (done.returncode, installer(environment)) == (0, "pip")
    assert done.stdout == "uv could not install them, so pip does, which takes longer (the cache is full)\n"
    assert done.stderr == ""


def test_where_uv_does_not_run_here_pip_installs(environment: Path, lock: Path) -> None:
    give(environment, "")
    (environment / "bin/uv").write_bytes(b"of another kind of machine")
    done = install(environment, lock)
    assert (done.returncode, installer(environment)) == (0, "pip")
    assert "Exec format error" in done.stdout


def test_where_uv_cannot_be_had_pip_installs_without_a_word(environment: Path, lock: Path) -> None:
    done = install(environment, lock)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert installer(environment) == "pip"


def test_what_is_whole_is_left(environment: Path) -> None:
    give(environment, "")
    torn = packages(environment) / "torn-1.0.dist-info"
    shutil.copytree(packages(environment) / "uv-1.0.dist-info", torn)
    (torn / "RECORD").unlink()  # pip writes it last
    remove_torn(environment)
    assert [path.name for path in packages(environment).iterdir()] == ["uv-1.0.dist-info"]


def test_a_terminal_sees_how_far_it_is(environment: Path, lock: Path) -> None:
    command = [str(ROOT / "deploy/install.py"), str(environment), str(lock)]
    with pexpect.spawn(sys.executable, command, env=configured(lock), timeout=60, encoding="utf-8") as shown:
        shown.expect("1 of 1  tiny")
        shown.expect(pexpect.EOF)
    assert (packages(environment) / "tiny.py").exists()


def test_elsewhere_only_what_went_wrong_is_printed(environment: Path, lock: Path) -> None:
    lock.write_text(lock.read_text().replace("sha256:", "sha256:0000").replace("tiny==1.0", "tiny==2.0"))
    done = install(environment, lock)
    assert done.returncode == 1
    assert "tiny==2.0" in done.stdout


def test_progress() -> None:
    lines = ["Resolved 82 packages in 4s", "Downloading grpcio (7.0MiB)", " Downloaded grpcio", "   Building redis==1"]
    assert list(map(shown_by_uv, lines)) == [
        "fetching 82 packages",
        "downloading grpcio",
        "downloaded grpcio",
        "building redis==1, which takes minutes",
    ]
    assert shown_by_uv("Prepared 82 packages in 9s") == "unpacking 82 packages"
    assert shown_by_uv(" + grpcio==1.0") is None
    shown = ShownByPip(3)
    assert shown("Ignoring colorama: markers do not match") is None
    assert shown("Collecting a==1.0 (from -r x)") == "1 of 2  a"
    assert shown("Requirement already satisfied: b") is None
    assert shown("Installing collected packages: a") == "1 of 1  unpacking all of them"
