"""Commands, their children, and their end: also of those that do not want to end."""

import asyncio
import signal
import subprocess
import sys
import time

import pytest

from activities.sandbox.backend import Command
from activities.sandbox.docker.backend import DockerBackend
from tests.activities.sandbox.docker.commands import Done, done, first, run, shell
from tests.dockerd import IMAGE, Dockerd

RUNNING_S = 30
"""Enough on any machine for what takes a second."""


async def running(backend: DockerBackend, box: str, name: str) -> bool:
    """Whether a process whose command line has ``name`` is there, seen from outside."""
    listed = await backend._ask(lambda api: api.top(f"clara-tests-{box}", "axo pid,stat,args"))
    return any(name in row[2] and not row[1].startswith("Z") for row in listed["Processes"])


async def gone(backend: DockerBackend, box: str, name: str, within_s: float) -> bool:
    ends = time.monotonic() + within_s
    while await running(backend, box, name):
        if time.monotonic() > ends:
            return False
        await asyncio.sleep(0.1)
    return True


async def test_streams_and_exit_codes(docker: DockerBackend, shared: str) -> None:
    assert await shell(docker, shared, "echo one; echo two >&2; exit 3") == Done(3, "one\n", "two\n", "")
    assert (await shell(docker, shared, "kill -TERM $$")).code == 128 + signal.SIGTERM
    assert (await run(docker, shared, "no-such-command")).code == 127
    assert (await run(docker, shared, "/tmp")).code == 126


async def test_input_of_any_size_comes_back(docker: DockerBackend, shared: str) -> None:
    data = bytes(range(256)) * 8000
    count = await run(docker, shared, "python3", "-c", "import sys; print(sum(sys.stdin.buffer.read()))", data=data)
    assert int(count.out) == sum(data)


async def test_input_waits_for_a_process_that_does_not_read_and_ends_with_it(
    docker: DockerBackend, shared: str
) -> None:
    process = await docker.spawn(shared, Command(["sleep", "1000"]))
    writing = asyncio.create_task(process.write(bytes(4 << 20)))
    await asyncio.sleep(1)
    assert not writing.done()
    await process.kill()
    with pytest.raises(BrokenPipeError):
        await writing
    process = await docker.spawn(shared, Command(["true"]))
    await process.wait()
    with pytest.raises(BrokenPipeError):
        await process.write(bytes(4 << 20))
    await process.kill()


async def test_endless_output_is_held_back_and_ended(docker: DockerBackend, shared: str) -> None:
    process = await docker.spawn(shared, Command(["yes"]))
    taken = 0
    async for _, data in process.output():
        taken += len(data)
        if taken > 1 << 20:
            break
    await asyncio.sleep(1)  # it would write a gigabyte
    await process.kill()
    assert await process.wait() == 137


async def test_a_kill_ends_the_whole_tree_and_no_other_run(docker: DockerBackend, box: str) -> None:
    other = await docker.spawn(box, Command(["bash", "-c", "echo up; sleep 1001"]))
    await first(other, "up")
    tree = (
        "(setsid nohup sleep 2001 &>/dev/null &); setsid sleep 2002 & python3 -c '" + DAEMON + "'; echo up; sleep 2003"
    )
    process = await docker.spawn(box, Command(["bash", "-c", tree]))
    await first(process, "up")
    assert all([await running(docker, box, f"sleep {number}") for number in (2001, 2002, 2003, 2004)])
    await process.kill()
    await process.kill()
    assert not any([await running(docker, box, f"sleep {number}") for number in (2001, 2002, 2003, 2004)])
    assert await running(docker, box, "sleep 1001")
    await other.kill()
    assert not await running(docker, box, "sleep 1001")


DAEMON = """
import os
if not os.fork():
    os.setsid()
    if not os.fork():
        os.closerange(0, 9)
        os.execlp("sleep", "sleep", "2004")
    os._exit(0)
os.wait()
"""


async def test_a_command_that_kills_its_supervisor_ends_too(docker: DockerBackend, box: str) -> None:
    process = await docker.spawn(box, Command(["bash", "-c", "setsid sleep 3001 & kill -9 $PPID; sleep 3002"]))
    assert await gone(docker, box, "sleep 300", RUNNING_S)
    await process.kill()
    await docker.start(box)
    assert (await shell(docker, box, "echo well")).out == "well\n"


async def test_a_supervisor_that_is_stopped_goes_on(docker: DockerBackend, box: str) -> None:
    process = await docker.spawn(box, Command(["bash", "-c", "echo up; kill -STOP $PPID; sleep 4001"]))
    await asyncio.sleep(0.5)
    await process.kill()
    assert not await running(docker, box, "sleep 4001")


async def test_a_fork_bomb_is_ended_and_the_box_works_on(docker: DockerBackend, box: str) -> None:
    process = await docker.spawn(box, Command(["bash", "-c", ":(){ :|:& };:; sleep 5001"]))
    await first(process, "fork")
    await process.kill()
    assert not await running(docker, box, "bash")
    assert (await shell(docker, box, "echo well")).out == "well\n"


WORKER = """
import asyncio, sys
from activities.sandbox.backend import Command
from activities.sandbox.docker.backend import DockerBackend
from tests.activities.sandbox.docker.conftest import LIMITS
from tests.activities.sandbox.docker.commands import first

async def main():
    backend = DockerBackend("tests", sys.argv[2], LIMITS, sys.argv[1])
    await backend.start(sys.argv[3])
    script = "(setsid sleep 6001 &); echo up; yes >&2 & sleep 6002"
    process = await backend.spawn(sys.argv[3], Command(["bash", "-c", script]))
    await first(process, "up")
    print("up", flush=True)
    await asyncio.sleep(1000)

asyncio.run(main())
"""


async def test_nothing_runs_on_five_seconds_after_a_worker_was_killed(
    docker: DockerBackend, box: str, daemon: Dockerd
) -> None:
    command = [sys.executable, "-c", WORKER, daemon.host, IMAGE, box]
    worker = await asyncio.create_subprocess_exec(*command, stdout=subprocess.PIPE)
    assert worker.stdout is not None
    assert await worker.stdout.readline() == b"up\n"
    assert await running(docker, box, "sleep 600")
    worker.kill()
    await worker.wait()
    assert await gone(docker, box, "sleep 600", 5)
    assert not await running(docker, box, "yes")


@pytest.mark.parametrize(
    "filler",
    [
        "for i in $(seq 1000); do head -c 1000000 /dev/zero > file$i || exit 1; done; sleep 1000",
        'python3 -c \'import os\nfor i in range(100):\n f=open(str(i),"wb"); os.unlink(str(i)); f.write(bytes(1<<20)); '
        'f.flush(); globals()["f%d" % i]=f\nimport time; time.sleep(1000)\'',
        "mkdir hidden; cd hidden; for i in $(seq 60); do head -c 1000000 /dev/zero > $i & done; wait; "
        "chmod 0 ../hidden; sleep 1000",
        "python3 -c 'for i in range(100000): open(str(i), \"w\")\nimport time; time.sleep(1000)'",
    ],
    ids=["files", "removed-files", "hidden-files", "empty-files"],
)
async def test_what_fills_the_disk_is_ended_and_may_be_removed(docker: DockerBackend, box: str, filler: str) -> None:
    ended = await shell(docker, box, filler, within_s=120)
    assert ended.code == 137
    assert "limit of 32 MiB" in ended.verdict
    assert (await shell(docker, box, "find . -mindepth 1 -delete; sleep 1; ls -A | wc -l")).out == "0\n"


async def test_one_file_has_the_limit_of_all(docker: DockerBackend, box: str) -> None:
    await shell(docker, box, "head -c 100000000 /dev/zero > file")
    assert int((await shell(docker, box, "stat -c %s file; rm file")).out) == 32 << 20


async def test_two_people_run_at_once_and_see_nothing_of_each_other(
    docker: DockerBackend, box: str, shared: str
) -> None:
    one, other = await asyncio.gather(
        docker.spawn(box, Command(["bash", "-c", "echo $$ > mine; sleep 1; ls; ps ax | grep -c [7]001"])),
        docker.spawn(shared, Command(["bash", "-c", "sleep 2; ls; : 7001"])),
    )
    assert (await done(one)).out == "mine\n0\n"
    assert (await done(other)).out == ""
    await asyncio.gather(one.kill(), other.kill())
