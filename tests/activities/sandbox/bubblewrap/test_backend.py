"""bubblewrap's boxes, where they differ from others."""

import asyncio
import sys
from pathlib import Path

import pytest

from activities.sandbox.backend import Command
from activities.sandbox.bubblewrap import BubblewrapBackend
from activities.sandbox.bubblewrap import backend as module
from activities.sandbox.bubblewrap.interpreter import interpreter
from activities.sandbox.bubblewrap.system_calls import filtered
from activities.sandbox.running import run
from tests import needs
from tests.activities.sandbox.opened import LIMITS
from tests.activities.sandbox.test_conformance import PATIENCE_S, alive, mark

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="bubblewrap is for Linux")


@pytest.fixture
def available(tmp_path: Path) -> None:
    needs.require("bubblewrap")


@pytest.mark.usefixtures("available")
async def test_looking_at_the_same_time_disturbs_nobody(tmp_path: Path) -> None:
    backends = [BubblewrapBackend(tmp_path / str(number), LIMITS) for number in range(5)]
    first = await backends[0].probe()
    if not first.usable:
        pytest.skip(first.about)
    for _ in range(3):
        found = await asyncio.gather(*(backend.probe() for backend in backends))
        assert [probe.about for probe in found if not probe.usable] == []


async def test_a_folder_that_cannot_be_written_to_is_said(tmp_path: Path) -> None:
    needs.require("bubblewrap")
    (tmp_path / "file").touch()
    probe = await BubblewrapBackend(tmp_path / "file" / "boxes", LIMITS).probe()
    assert not probe.usable
    assert "cannot be written to" in probe.about


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"kernel/unprivileged_userns_clone": "0"}, "sudo sysctl -w kernel.unprivileged_userns_clone=1 (docs"),
        (
            {"kernel/apparmor_restrict_unprivileged_userns": "1", "user/max_user_namespaces": "0"},
            "sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0 && "
            "sudo sysctl -w user.max_user_namespaces=10000 (docs",
        ),
        ({"user/max_user_namespaces": "96364"}, "allow user namespaces to this user (docs"),
    ],
)
def test_a_kernel_that_forbids_namespaces_is_told_with_what_allows_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: dict[str, str], words: str
) -> None:
    for name, value in settings.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(f"{value}\n")
    monkeypatch.setattr(module, "SYSCTL", tmp_path)
    said = "bwrap: Creating new namespace failed: nesting depth or /proc/sys/user/max_*_namespaces exceeded (ENOSPC)"
    assert words in module._unusable(said)


@pytest.mark.usefixtures("available")
async def test_a_process_that_was_started_while_its_box_was_stopped_is_watched(tmp_path: Path) -> None:
    backend = BubblewrapBackend(tmp_path, LIMITS)
    box, marked = "testbox0", mark()
    await backend.start(box)
    first = await backend.spawn(box, Command(["sh", "-c", f"sleep 2; sleep {marked}"]))
    backend._watches.pop(box)  # as a stop does meanwhile
    second = await backend.spawn(box, Command(["sh", "-c", "while :; do dd if=/dev/zero bs=1M count=8; done >> full"]))
    async with asyncio.timeout(PATIENCE_S):
        await second.wait()
    assert "limit" in second.verdict
    for process in (first, second):
        await process.kill()
    await backend.wipe(box)
    assert not alive(marked)


@pytest.mark.usefixtures("available")
async def test_calls_that_holes_in_kernels_were_reached_by_are_refused(tmp_path: Path) -> None:
    if filtered() is None:
        pytest.skip("libseccomp is not on this machine")
    backend = BubblewrapBackend(tmp_path, LIMITS)
    await backend.start("testbox0")
    calls = (
        "import ctypes, errno\nlibc = ctypes.CDLL(None, use_errno=True)\n"
        "def call(number, *given): print(libc.syscall(number, *given), errno.errorcode[ctypes.get_errno()])\n"
        "call(425, 1, 0)\ncall(435, 0, 0)\nprint(libc.unshare(0x10000000), errno.errorcode[ctypes.get_errno()])\n"
    )
    done = await run(backend, "testbox0", Command(["python3", "-c", calls]), PATIENCE_S)
    assert done.output.splitlines() == ["-1 EPERM", "-1 ENOSYS", "-1 EPERM"]
    work = "python3 -c 'import threading, subprocess as s; threading.Thread(target=print).start(); s.run([\"ls\"])'"
    assert (await run(backend, "testbox0", Command(["sh", "-c", work]), PATIENCE_S)).code == 0
    await backend.wipe("testbox0")


def test_of_the_folder_that_python_lies_in_nothing_else_is_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A Python that was built with ``--prefix=$HOME`` must not show somebody's home."""
    for name in ("bin", "lib", ".ssh", ".local"):
        (tmp_path / name).mkdir()
    monkeypatch.setattr(sys, "base_prefix", str(tmp_path))
    monkeypatch.setattr(sys, "_base_executable", str(tmp_path / "bin" / "python3"), raising=False)
    found = interpreter()
    shown = [path for path in found.binds.values() if path.is_relative_to(tmp_path)]
    assert sorted(path.name for path in shown) == ["bin", "lib"]


@pytest.mark.usefixtures("available")
async def test_a_zero_byte_begins_no_argument_of_its_own(tmp_path: Path) -> None:
    backend = BubblewrapBackend(tmp_path, LIMITS)
    await backend.start("testbox0")
    with pytest.raises(ValueError, match="zero byte"):
        await backend.spawn("testbox0", Command(["true"], {"WORD": "a\0--bind\0/\0/host"}))
    await backend.wipe("testbox0")


@pytest.mark.usefixtures("available")
async def test_what_is_shown_besides_can_be_read_and_not_written(tmp_path: Path) -> None:
    backend = BubblewrapBackend(tmp_path / "boxes", LIMITS)
    (tmp_path / "shown").mkdir()
    (tmp_path / "shown" / "file").write_text("shown")
    await backend.start("testbox0")
    command = Command(["sh", "-c", "cat /opt/thing/file; touch /opt/thing/new 2>/dev/null || echo ' and no more'"])
    process = await backend.spawn("testbox0", command, {"/opt/thing": tmp_path / "shown"})
    assert b"".join([data async for _, data in process.output()]) == b"shown and no more\n"
    await process.kill()
    await backend.wipe("testbox0")
