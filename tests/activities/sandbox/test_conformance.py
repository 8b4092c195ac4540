"""What every back end has to hold, whatever runs in its boxes. ``backend`` is each of them in turn."""

import asyncio
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import pytest

from activities.sandbox.backend import Backend, Command
from activities.sandbox.running import Run, run
from tests.activities.sandbox.opened import LIMITS
from tests.patience import PATIENCE_S

CANARY = "canary-3f9c1b77e2"
"""Planted in the environment and in files of the host; no box may show it."""

DEAD_S = 5.0

_MARKS = count(1)


async def shell(backend: Backend, box: str, script: str, seconds: float = PATIENCE_S) -> Run:
    return await run(backend, box, Command(["sh", "-c", script]), seconds)


async def python(backend: Backend, box: str, code: str, seconds: float = PATIENCE_S) -> Run:
    return await run(backend, box, Command(["python3", "-c", code]), seconds)


def mark() -> str:
    """A number of seconds to sleep that no other process on this machine has in its arguments."""
    return f"{os.getpid()}{next(_MARKS):03d}.25"


def alive(marked: str) -> list[int]:
    """Processes of this machine with ``marked`` among their arguments; a zombie is none."""
    found = []
    for process in psutil.process_iter():
        try:
            if marked in process.cmdline() and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process.pid)
        except psutil.Error:
            continue
    return found


async def gone(marked: str) -> bool:
    """Whether all of them are gone within the time that a worker's death may take to show."""
    deadline = time.monotonic() + DEAD_S
    while alive(marked):
        if time.monotonic() > deadline:
            return False
        await asyncio.sleep(0.05)
    return True


@pytest.fixture
def planted(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A secret in the environment of this process, and in a file that everybody on the host may read."""
    monkeypatch.setenv("OPENROUTER_API_KEY", CANARY)
    file = tmp_path / "settings.env"
    file.write_text(f"ANTHROPIC_API_KEY={CANARY}\n")
    file.chmod(0o644)
    return file


@pytest.fixture
def listening() -> Iterator[int]:
    """A service of the host on loopback, which greets whoever connects."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                connection.sendall(CANARY.encode())
                connection.close()

        threading.Thread(target=serve, daemon=True).start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)


async def test_a_command_has_input_output_an_exit_code_and_an_environment(backend: Backend, box: str) -> None:
    told = Command(["sh", "-c", "cat; echo $GREETING; echo wrong >&2; pwd; exit 3"], {"GREETING": "hello"})
    done = await run(backend, box, told, PATIENCE_S, b"read\n")
    assert done.code == 3
    assert set(done.output.splitlines()) == {"read", "hello", "wrong", "/home/user"}
    assert (await python(backend, box, "print(6 * 7)")).output == "42\n"


async def test_each_call_finds_the_box_as_the_one_before_left_it(backend: Backend, box: str) -> None:
    for number in range(20):
        done = await shell(backend, box, f"echo {number} >> calls; wc -l < calls")
        assert done.output.strip() == str(number + 1)


async def test_files_stay_when_a_box_is_stopped_and_go_when_it_is_wiped(backend: Backend, box: str) -> None:
    await shell(backend, box, "mkdir kept && echo here > kept/note && chmod 000 kept")
    await backend.stop(box)
    await backend.start(box)
    assert (await shell(backend, box, "chmod 700 kept && cat kept/note")).output == "here\n"
    assert box in await backend.boxes()
    await backend.wipe(box)
    assert box not in await backend.boxes()
    await backend.start(box)
    assert (await shell(backend, box, "ls -A kept")).code != 0


async def test_whoever_runs_in_it_has_no_rights(backend: Backend, box: str) -> None:
    rights = await python(backend, box, "print(open('/proc/self/status').read())")
    status = dict(line.split(":\t", 1) for line in rights.output.splitlines() if ":\t" in line)
    assert int(status["CapEff"], 16) == int(status["CapPrm"], 16) == 0
    assert status["NoNewPrivs"] == "1"
    assert status["Uid"].split()[0] != "0"
    for forbidden in ("echo x > /usr/bin/clara", "echo x > /new", "mount -t tmpfs none /tmp", "mknod /tmp/m b 8 0"):
        assert (await shell(backend, box, forbidden)).code != 0, forbidden


async def test_a_fork_bomb_reaches_its_limit(backend: Backend, box: str, another: str) -> None:
    marked = mark()
    bomb = f"import os, time\nwhile True:\n try:\n  os.fork()\n except OSError:\n  time.sleep(0.1)\n#{marked}"
    exploding = asyncio.create_task(run(backend, box, Command(["python3", "-c", bomb, marked]), 2))
    most = 0
    while not exploding.done():
        most = max(most, len(await asyncio.to_thread(alive, marked)))
        await asyncio.sleep(0.2)
    assert "longer than" in (await exploding).ended
    assert most <= LIMITS.processes + 10  # with what a back end has around them
    assert await gone(marked)
    assert (await shell(backend, another, "echo calm")).output == "calm\n"
    assert (await shell(backend, box, "echo calm")).output == "calm\n"


async def test_a_memory_hog_is_ended(backend: Backend, box: str) -> None:
    hog = "kept = []\nwhile True: kept.append(bytearray(8 * 2**20))"
    done = await python(backend, box, hog)
    assert "longer than" not in done.ended
    assert done.code != 0
    assert "MemoryError" in done.output or "memory" in done.ended
    assert (await shell(backend, box, "echo calm")).output == "calm\n"


async def test_what_fills_the_disk_is_ended_and_can_be_tidied_up(backend: Backend, box: str) -> None:
    fill = "i=0; while dd if=/dev/zero of=full$i bs=1M count=8 2>/dev/null; do i=$((i+1)); sleep 0.05; done; exit 28"
    done = await shell(backend, box, fill)
    assert done.code == 28 or "limit" in done.ended
    assert (await shell(backend, box, "du -sm . | cut -f1")).code == 0
    assert (await shell(backend, box, "rm full* && echo tidy")).output == "tidy\n"
    assert (await shell(backend, box, "dd if=/dev/zero of=new bs=1M count=4 2>/dev/null && ls")).output == "new\n"


async def test_deleted_files_that_are_still_open_fill_the_disk_as_well(backend: Backend, box: str) -> None:
    hold = (
        "import os, time\nheld = []\n"
        "for _ in range(60):\n"
        " file = open('held', 'wb'); os.unlink('held'); file.write(bytes(8 << 20)); file.flush()\n"
        " held.append(file); time.sleep(0.05)\n"
        "time.sleep(20)"
    )
    done = await python(backend, box, hold)
    assert "limit" in done.ended
    assert (await shell(backend, box, "dd if=/dev/zero of=new bs=1M count=4 2>/dev/null && ls")).output == "new\n"


async def test_folders_in_folders_without_end_can_be_counted_and_wiped(backend: Backend, box: str) -> None:
    nest = "import os\nfor _ in range(1500): os.mkdir('in'); os.chdir('in')\nopen('file', 'wb').write(bytes(1 << 20))"
    assert (await python(backend, box, nest)).code == 0
    calm = await shell(backend, box, "sleep 0.5; echo calm")
    assert calm.output == "calm\n", calm
    await backend.stop(box)
    await backend.wipe(box)
    assert box not in await backend.boxes()


async def test_two_who_end_a_process_at_once_end_it(backend: Backend, box: str) -> None:
    process = await backend.spawn(box, Command(["yes"]))
    await asyncio.gather(process.kill(), process.kill(), process.kill())
    assert (await shell(backend, box, "echo calm")).output == "calm\n"


async def test_endless_output_is_ended(backend: Backend, box: str) -> None:
    done = await shell(backend, box, "yes endless")
    assert "wrote more than" in done.ended
    assert done.output.startswith("endless\n")
    assert "left out" in done.output
    assert len(done.output) < 2_000_000


async def test_nothing_leads_out_by_path_or_link(backend: Backend, box: str, planted: Path) -> None:
    paths = [planted, f"../../../../../../{planted}", f"/proc/self/root/{planted}", f"/proc/1/root/{planted}"]
    for path in paths:
        found = await shell(backend, box, f"ln -sfn {path} link; cat link; cat {path}")
        assert CANARY not in found.output
        assert found.code != 0


async def test_no_secret_of_the_host_is_to_be_seen(backend: Backend, box: str, planted: Path) -> None:
    search = f"env; cat /proc/*/environ; cat /etc/shadow; cat {planted}; cat /proc/*/cmdline; ls /root /home; :"
    found = await shell(backend, box, search)
    assert CANARY not in found.output
    assert str(planted.parent) not in found.output.replace(f"cat {planted}", "").replace(f"{planted}:", "")


async def test_no_process_of_the_host_is_to_be_seen(backend: Backend, box: str) -> None:
    seen = await python(backend, box, "import os; print([p for p in os.listdir('/proc') if p.isdigit()])")
    assert len(seen.output.split(",")) < 10
    touched = await shell(backend, box, f"kill -9 {os.getpid()}; kill -9 {os.getppid()}")
    assert touched.code != 0


async def test_nothing_is_reached_by_network(
    backend: Backend, box: str, listening: int, database_url: str, temporal_address: str
) -> None:
    postgres = urlsplit(database_url)
    hosts = [
        ("127.0.0.1", listening),
        (postgres.hostname, postgres.port),
        (temporal_address.partition(":")[0], int(temporal_address.partition(":")[2])),
        ("169.254.169.254", 80),
        ("10.0.0.1", 80),
        ("1.1.1.1", 53),
        *((address, listening) for address in _own_addresses()),
    ]
    code = (
        "import socket\n"
        f"for host in {hosts!r}:\n"
        " try:\n  socket.create_connection(host, 3); print('reached', host)\n"
        " except OSError as error: print('not', host, error)\n"
        "try: print('reached', socket.getaddrinfo('localhost.localdomain.example.com', 80))\n"
        "except OSError as error: print('not', error)\n"
    )
    found = await python(backend, box, code)
    assert found.code == 0, found
    assert "reached" not in found.output
    assert len([line for line in found.output.splitlines() if line.startswith("not")]) == len(hosts) + 1


def _own_addresses() -> list[str]:
    found = [a.address for each in psutil.net_if_addrs().values() for a in each if a.family == socket.AF_INET]
    return [address for address in found if not address.startswith("127.")]


async def test_when_its_time_is_over_nothing_of_it_is_left(backend: Backend, box: str) -> None:
    marked = mark()
    started = f"(setsid sleep {marked} >/dev/null 2>&1 &) ; nohup sleep {marked} >/dev/null 2>&1 & sleep {marked}"
    done = await shell(backend, box, started, seconds=1)
    assert "longer than 1 s" in done.ended
    assert await gone(marked)


async def test_what_is_left_in_the_background_ends_with_the_command(backend: Backend, box: str) -> None:
    marked = mark()
    done = await shell(backend, box, f"(setsid sleep {marked} >/dev/null 2>&1 &) ; echo begun")
    assert done.output == "begun\n"
    assert await gone(marked)


async def test_a_stop_ends_all_of_a_run_at_once(backend: Backend, box: str) -> None:
    marked = mark()
    running = asyncio.create_task(shell(backend, box, f"(setsid sleep {marked} &) ; sleep {marked}"))
    while len(alive(marked)) < 2:
        await asyncio.sleep(0.05)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert await gone(marked)
    assert (await shell(backend, box, "echo calm")).output == "calm\n"


async def test_stopping_a_box_ends_what_runs_in_it(backend: Backend, box: str) -> None:
    marked = mark()
    running = asyncio.create_task(shell(backend, box, f"sleep {marked}"))
    while not alive(marked):
        await asyncio.sleep(0.05)
    await backend.stop(box)
    assert await gone(marked)
    assert (await running).code != 0


async def test_nothing_runs_on_when_the_worker_is_killed(
    backend: Backend, box: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    marked = mark()
    folder = tmp_path_factory.mktemp("mortal")
    script = f"(setsid sleep {marked} >/dev/null 2>&1 &) ; echo begun; sleep {marked}"
    worker = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.activities.sandbox.mortal", backend.name, str(folder), "mortal000001", script,
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert worker.stdout is not None
    async with asyncio.timeout(PATIENCE_S):
        assert await worker.stdout.readline() == b"begun\n"
        while len(alive(marked)) < 2:
            await asyncio.sleep(0.05)
    worker.send_signal(signal.SIGKILL)
    await worker.wait()
    assert await gone(marked)
    await backend.wipe("mortal000001")


async def test_two_people_at_once_do_not_meet(backend: Backend, box: str, another: str) -> None:
    marked = mark()
    await shell(backend, box, "echo mine > secret; echo mine > /tmp/secret; chmod 777 . secret /tmp/secret")
    running = asyncio.create_task(shell(backend, box, f"sleep {marked}"))
    while not alive(marked):
        await asyncio.sleep(0.05)
    search = "cat secret /tmp/secret /home/*/secret; kill -9 -1"
    seen = await shell(backend, another, f"{search}; :")
    assert "mine" not in seen.output
    assert alive(marked)
    assert not running.done()
    running.cancel()
    await asyncio.wait([running])
