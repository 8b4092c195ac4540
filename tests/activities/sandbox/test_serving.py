"""A worker of the sandbox while nobody uses it: what it says, what it stops, what it deletes."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from activities.files.keeping import KeptFiles
from activities.sandbox import choosing, offering
from activities.sandbox import serving as module
from activities.sandbox.backend import Backend, Limits, Probe
from activities.sandbox.choosing import Chosen, choose
from activities.sandbox.serving import Serving
from activities.sandbox.workshop import OpenSandbox, Workshop
from clara.memory.kinds import Owner
from clara.settings import load
from store import sandbox
from store.database import Pool
from store.people import people
from store.sandbox import State
from temporal.processes.ending import end
from tests.activities.sandbox.test_conformance import alive, gone, mark
from tests.activities.sandbox.workbench import Workbench
from tests.clara.test_conversation import message
from tests.patience import PATIENCE_S


@pytest.fixture
async def no_workers(pool: Pool) -> AsyncIterator[None]:
    async def clear() -> None:
        async with pool.connection() as connection:
            await connection.execute("delete from sandbox_workers")

    await clear()
    yield
    await clear()


def serving(bench: Workbench, home: Path) -> tuple[Serving, OpenSandbox]:
    return Serving(bench.workshop, home), bench.opened


async def test_a_box_that_nobody_uses_is_stopped_and_its_files_stay(
    bench: Workbench, owner: Owner, tmp_path: Path
) -> None:
    worker, opened = serving(bench, tmp_path)
    said, marked = await bench.says(owner), mark()
    await bench.text(said, "run_shell", command="echo kept > file")
    code = f"import subprocess\nsleeping = subprocess.Popen(['sleep', '{marked}'])"
    await bench.text(said, "execute_python", code=code)
    await worker._tidy(opened)
    assert alive(marked)
    async with bench.pool.connection() as connection:
        await connection.execute(
            "update sandbox_boxes set used_at = now() - interval '1 hour' where user_id = %s", (owner,)
        )
    await worker._tidy(opened)
    assert await gone(marked)
    assert await sandbox.idle(bench.pool, 0.0) is not None
    assert await bench.text(said, "run_shell", command="cat file") == "kept"


async def test_who_is_forgotten_has_no_box_and_no_files_any_more(
    bench: Workbench, owner: Owner, backend: Backend, tmp_path: Path
) -> None:
    worker, opened = serving(bench, tmp_path)
    said = await bench.says(owner)
    await bench.text(said, "run_shell", command="echo secret > file")
    before = await sandbox.box_of(bench.pool, owner)
    assert before.id in await backend.boxes()
    async with bench.pool.connection() as connection, connection.transaction():
        counted = await people.wipe(connection, owner)
    assert counted["sandboxes"] == 1
    assert counted["sandbox_runs"] == 1
    assert before.id in await sandbox.to_wipe(bench.pool)
    await worker._tidy(opened)
    assert before.id not in await backend.boxes()
    assert before.id not in await sandbox.to_wipe(bench.pool)
    after = await sandbox.box_of(bench.pool, owner)
    assert after.id != before.id
    assert await bench.text(said, "run_shell", command="ls") == "(It wrote nothing.)"


class Stubborn:
    """An open sandbox in which one box cannot be tidied up."""

    def __init__(self, backend: Backend, box: str) -> None:
        self.backend = backend
        self._box = box
        self.done: list[str] = []

    async def wipe(self, box: str) -> None:
        if box == self._box:
            raise RecursionError("it is too deep")
        self.done.append(box)

    stop = wipe


async def test_a_box_that_cannot_be_tidied_up_keeps_no_other_from_it(
    bench: Workbench, owner: Owner, stranger: Owner, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    worker, _ = serving(bench, tmp_path)
    boxes = [(await sandbox.box_of(bench.pool, user)).id for user in (owner, stranger)]
    async with bench.pool.connection() as connection:
        await connection.execute(
            "update sandbox_boxes set used_at = now() - interval '1 hour' where box = any(%s)", (boxes,)
        )
    stubborn = Stubborn(bench.opened.backend, boxes[0])
    await worker._tidy(stubborn)  # type: ignore[arg-type]
    assert stubborn.done == [boxes[1]]
    assert boxes[0] in caplog.text
    assert boxes[0] in await sandbox.idle(bench.pool, 60)
    for user in (owner, stranger):
        async with bench.pool.connection() as connection, connection.transaction():
            await people.wipe(connection, user)
    stubborn.done.clear()
    await worker._tidy(stubborn)  # type: ignore[arg-type]
    assert boxes[1] in stubborn.done
    assert boxes[0] in await sandbox.to_wipe(bench.pool)
    await sandbox.wiped(bench.pool, boxes[0])


async def test_a_worker_goes_on_whatever_breaks(
    pool: Pool, no_workers: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without what it says every 15 seconds, the tools would be gone from every conversation."""
    settings = load({"SANDBOX_MODE": "bubblewrap"})
    worker = Serving(Workshop(settings.sandbox, pool, KeptFiles(pool, settings.files)), tmp_path)
    looked = 0

    async def look(*_: object) -> Chosen:
        nonlocal looked
        looked += 1
        if looked == 1:
            raise RecursionError("too deep")
        return Chosen(None, f"looked {looked} times")

    monkeypatch.setattr(module, "choose", look)
    monkeypatch.setattr(module, "ROUND_S", 0.01)
    monkeypatch.setattr(module, "LOOKED_AGAIN_S", 0.01)
    running = asyncio.create_task(worker.run())
    async with asyncio.timeout(PATIENCE_S):
        while not ((state := await sandbox.state(pool)) and state.about.startswith("looked ")):
            await asyncio.sleep(0.02)
    assert not running.done()
    await end(running)
    assert running.done()


async def test_a_box_that_is_used_again_while_it_is_stopped_counts_as_running(bench: Workbench, owner: Owner) -> None:
    box = (await sandbox.box_of(bench.pool, owner)).id
    await sandbox.stopped(bench.pool, box, 900)  # it was idle when that was looked up, and is not any more
    assert box in await sandbox.idle(bench.pool, -1)
    async with bench.pool.connection() as connection:
        await connection.execute("update sandbox_boxes set used_at = now() - interval '1 hour' where box = %s", (box,))
    await sandbox.stopped(bench.pool, box, 900)
    assert box not in await sandbox.idle(bench.pool, -1)


async def test_files_of_a_time_with_bubblewrap_are_wiped_as_well(
    bench: Workbench, owner: Owner, tmp_path: Path
) -> None:
    opened = OpenSandbox(bench.opened.backend, bench.workshop, tmp_path)
    box = (await sandbox.box_of(bench.pool, owner)).id
    kept = choosing.bubblewrap_root(tmp_path) / box / "home"
    kept.mkdir(parents=True)
    (kept / "secret").touch()
    await opened.wipe(box)
    assert not kept.parent.exists()


async def test_a_setting_that_is_wrong_for_one_back_end_leaves_the_others(tmp_path: Path) -> None:
    environment = {"SANDBOX_MODE": "auto", "DOCKER_HOST": "ssh://somewhere", "INCUS_REMOTE": "nonsense"}
    chosen = await choose(load(environment).sandbox, tmp_path)
    assert "docker: DOCKER_HOST must be like" in chosen.about
    assert "incus: INCUS_REMOTE must be" in chosen.about
    assert "bubblewrap" in chosen.about
    if chosen.backend is not None:
        await chosen.backend.close()


class Fake:
    """A back end that is there or not."""

    def __init__(self, name: str, usable: bool) -> None:
        self.name = name
        self._usable = usable

    async def probe(self) -> Probe:
        return Probe(self._usable, "version 1" if self._usable else "it is not there; install it")

    async def close(self) -> None:
        pass


@pytest.mark.parametrize(
    ("mode", "there", "taken", "words"),
    [
        ("auto", {"docker", "bubblewrap"}, "docker", "docker: version 1"),
        ("auto", {"bubblewrap"}, "bubblewrap", "(docker: it is not there; install it; incus: it"),
        ("auto", set(), None, "bubblewrap: it is not there; install it"),
        ("bubblewrap", {"docker"}, None, "bubblewrap: it is not there; install it"),
        ("incus", {"docker", "incus"}, "incus", "incus: version 1"),
        ("off", {"docker"}, None, "switched off"),
    ],
)  # fmt: skip
async def test_the_best_that_answers_is_taken(
    mode: str, there: set[str], taken: str | None, words: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    made = {n: lambda _s, _h, n=n: Fake(n, n in there) for n in ("docker", "incus", "bubblewrap")}
    monkeypatch.setattr(choosing, "BACKENDS", made)
    chosen = await choose(load({"SANDBOX_MODE": mode}).sandbox, tmp_path)
    assert (chosen.backend.name if chosen.backend else None) == taken
    assert words in chosen.about


async def test_limits_come_from_the_settings() -> None:
    settings = load({"DOCKER_SANDBOX_MEMORY": "1g", "DOCKER_SANDBOX_CPU": "0.5", "SANDBOX_DISK": "2GiB"}).sandbox
    assert choosing.limits(settings) == Limits(memory_mib=1024, cpus=0.5, processes=128, disk_mib=2048)


async def test_tools_are_offered_while_a_worker_can_run_them(pool: Pool, no_workers: None) -> None:
    settings = load({})
    workshop = Workshop(settings.sandbox, pool, KeptFiles(pool, settings.files))
    toolset = offering.toolset(workshop)
    nobody = await toolset.offer(message("m1"))
    assert not nobody.tools
    assert nobody.missing["execute_python"] == "code cannot be run here: no worker of the sandbox is running"
    await sandbox.report(pool, "host/1", State("none", False, "bubblewrap: it is not installed"))
    assert "not installed" in (await toolset.offer(message("m1"))).missing["run_shell"]
    await sandbox.report(pool, "host/2", State("bubblewrap", True, "bubblewrap: version 1"))
    offered = await toolset.offer(message("m1"))
    assert "execute_python" in {tool.name for tool in offered.tools}
    assert {tool.queue for tool in offered.tools} == {"sandbox"}
    assert not offered.missing
    async with pool.connection() as connection:
        await connection.execute("update sandbox_workers set seen_at = now() - interval '5 minutes'")
    assert not (await toolset.offer(message("m1"))).tools
