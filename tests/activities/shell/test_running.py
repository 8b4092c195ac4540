"""Commands of the operator: bounded, without Clara's secrets, and gone with whoever had them run."""

import asyncio
import os
import signal
import sys
from pathlib import Path

import psutil
import pytest

from activities.shell.running import OUTPUT_LIMIT, run

BACKGROUND = "sh -c 'trap \"\" TERM HUP INT; echo $$ > {}; sleep 300' & wait"


def written(file: Path) -> str:
    return file.read_text().strip() if file.exists() else ""


async def pid_in(file: Path) -> int:
    async with asyncio.timeout(20):
        while not (pid := written(file)):
            await asyncio.sleep(0.02)
    return int(pid)


async def gone(pid: int) -> None:
    async with asyncio.timeout(20):
        while psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
            await asyncio.sleep(0.02)


async def test_both_streams_and_the_exit_code(tmp_path: Path) -> None:
    ended = await run("echo out; echo err >&2; exit 3", 20, tmp_path)
    assert (ended.code, ended.output, ended.is_late) == (3, "out\nerr\n", False)


async def test_no_secret_of_this_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-canary")
    monkeypatch.setenv("DATABASE_URL", "postgresql://canary")
    given = {"CLARA_DUE": "$(touch pwned) \" ' ; rm -rf x\nnew"}
    ended = await run('env; printf %s "$CLARA_DUE"; cat', 20, tmp_path, given, b'{"of": "stdin"}')
    assert "canary" not in ended.output
    assert ended.output.endswith(given["CLARA_DUE"] + '{"of": "stdin"}')
    assert os.listdir(tmp_path) == []


async def test_much_output_is_cut_at_its_beginning(tmp_path: Path) -> None:
    ended = await run("yes | head -c 3000000; echo the end", 20, tmp_path)
    assert len(ended.output) == OUTPUT_LIMIT
    assert ended.output.endswith("the end\n")


async def test_time_is_up(tmp_path: Path) -> None:
    file = tmp_path / "pid"
    running = asyncio.create_task(run(f"echo begun; {BACKGROUND.format(file)}", 2, tmp_path))
    pid = await pid_in(file)
    ended = await running
    assert ended.is_late
    assert ended.output == "begun\n"
    await gone(pid)


async def test_what_it_left_in_the_background_ends_with_it(tmp_path: Path) -> None:
    ended = await run("sleep 300 & echo $!", 20, tmp_path)
    assert (ended.code, ended.is_late) == (0, False)
    await gone(int(ended.output))


async def test_cancelled(tmp_path: Path) -> None:
    running = asyncio.create_task(run(BACKGROUND.format(tmp_path / "pid"), 60, tmp_path))
    pid = await pid_in(tmp_path / "pid")
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    await gone(pid)


async def test_whoever_had_it_run_is_killed(tmp_path: Path) -> None:
    script = (
        "import asyncio, sys; from pathlib import Path; from activities.shell.running import run;"
        "asyncio.run(run(sys.argv[1], 60, Path('.')))"
    )
    worker = await asyncio.create_subprocess_exec(sys.executable, "-c", script, BACKGROUND.format(tmp_path / "pid"))
    pid = await pid_in(tmp_path / "pid")
    os.kill(worker.pid, signal.SIGKILL)
    await worker.wait()
    await gone(pid)


async def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        await run("true", 5, tmp_path / "missing")
