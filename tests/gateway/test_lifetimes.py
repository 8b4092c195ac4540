"""How long the stack runs, who may share a home, and what survives a massacre."""

import asyncio
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

from temporal.client import connect
from tests import nursery
from tests.gateway.conftest import NewHome
from tests.gateway.homes import TestHome, alive, eventually, kill
from tests.patience import PATIENCE_S


def test_after_the_death_of_everything_the_next_start_finds_everything(new_home: NewHome) -> None:
    home = new_home()
    home.start()
    home.change("create table kept (n int); insert into kept values (42)")
    asyncio.run(_workflow(home, start=True))
    pids = home.pids().values()
    kill(pids)
    eventually(lambda: not any(map(alive, pids)))
    assert home.clara("status").code == 3
    home.start()
    assert home.query("select n from kept") == 42
    asyncio.run(_workflow(home))

    # The supervisor alone: the kernel tells its children. What is recorded of them is lost as well; and as after a
    # weekend, files name processes that are somebody else's by now.
    before = home.pids()
    postmaster = home.root / "postgres/data/postmaster.pid"
    recorded = postmaster.read_text().splitlines()
    kill([before["supervisor"]])
    eventually(lambda: not any(alive(pid) for pid in before.values()))
    (home.root / "stack.json").unlink()
    stranger = subprocess.Popen(["sleep", "600"])
    try:
        for path in [*(home.root / "run").glob("*.pid"), home.root / "run/ready"]:
            path.write_text(str(stranger.pid))
        postmaster.write_text("\n".join([str(stranger.pid), *recorded[1:]]) + "\n")
        home.start()
        assert home.query("select n from kept") == 42
        assert stranger.poll() is None, "it was not Clara's to end"
    finally:
        stranger.kill()
        stranger.wait(10)
    before = home.pids()
    assert home.clara("stop").out == "Clara has stopped.\n"
    assert not any(alive(pid) for pid in before.values())
    assert home.clara("stop").out == "Clara was not running.\n"


async def _workflow(home: TestHome, start: bool = False) -> None:
    client = await connect({}, home.record()["temporal_address"])
    if start:
        await client.start_workflow("Any", id="kept", task_queue="nobodys")
    await client.get_workflow_handle("kept").describe()


def test_a_set_up_cut_short_is_made_anew(new_home: NewHome) -> None:
    home = new_home()
    cut = home.piped("start")
    half_made = home.root / "postgres/data.new/base"
    eventually(half_made.exists)
    pids = [int((home.root / f"run/{name}.pid").read_text()) for name in ("supervisor", "postgres")]
    kill([*pids, cut.pid])
    cut.communicate(timeout=PATIENCE_S)
    eventually(lambda: not any(map(alive, pids)))
    assert half_made.exists()
    home.start()
    assert home.query("select 1") == 1
    assert not half_made.exists()


def test_two_homes_beside_each_other_and_two_starts_of_one(new_home: NewHome) -> None:
    one, other = new_home("one"), new_home("other")
    starts = [home.piped("start") for home in (one, one, other)]
    for start in starts:
        _, err = start.communicate(timeout=200)
        assert start.returncode == 0, err
    assert len(one.pids()) == len(other.pids()) == 6
    assert set(one.pids().values()).isdisjoint(other.pids().values())
    one.change("create table mine (n int)")
    assert other.query("select to_regclass('mine') is null")
    assert one.clara("stop").code == 0
    assert other.pids()


@contextmanager
def using(home: TestHome) -> Iterator[nursery.Piped]:
    """Somebody who uses the stack within the block, as a chat does."""
    user = home.piped(module="tests.gateway.user")
    assert user.stdout.readline() == "up\n"
    yield user
    user.communicate(timeout=150)


def test_a_stack_for_a_chat_ends_with_the_last_of_them_unless_it_was_made_permanent(new_home: NewHome) -> None:
    home = new_home()
    with using(home):
        assert not home.status()["permanent"]
        with using(home) as second, using(home) as killed:
            pids = home.pids()
            kill([killed.pid, second.pid])  # they take part no longer, without having said so
        assert home.pids() == pids
    assert not home.pids()
    assert not any(alive(pid) for pid in pids.values())
    with using(home):
        home.start()
    assert home.status()["permanent"]
    assert home.pids()
