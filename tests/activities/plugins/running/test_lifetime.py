"""When servers start and end, and what is left of them."""

import asyncio
import gc
import logging
import os
import signal
import sys
import time
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path

import psutil
import pytest

from activities.plugins import contained, places
from activities.plugins.running import ServerFault, servers
from activities.plugins.running.wire.confinement import box_of
from clara.errors import ToolFailed
from clara.plugins.plugin import Plugin
from store import plugins
from tests.activities.plugins.running.conftest import Bench
from tests.activities.sandbox.test_conformance import alive, gone, mark
from tests.patience import PATIENCE_S

OLGA, PAUL = "terminal:olga", "terminal:paul"
SOON = timedelta(seconds=20)
CYCLES = int(os.environ.get("TEST_PLUGIN_CYCLES", "20"))
"""500 with ``TEST_PLUGIN_CYCLES=500``, which takes some minutes."""


async def echo(bench: Bench, plugin: Plugin, user_id: str = OLGA) -> str:
    said = await bench.servers.call(plugin, user_id, "echo", {"message": "hi"}, timeout=SOON)
    return said.text


async def test_nothing_of_a_killed_worker_runs_on(bench: Bench, database_url: str) -> None:
    plugin, marked = await bench.python("hostile", "stays"), mark()
    worker = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.activities.plugins.running.mortal",
        database_url, str(bench.settings.runtime.home), plugin.id, marked, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert worker.stdout is not None
    async with asyncio.timeout(PATIENCE_S):
        assert await worker.stdout.readline() == b"begun\n"
    assert len(alive(marked)) == 5 + 1  # and the worker, among whose arguments it is
    worker.send_signal(signal.SIGKILL)
    await worker.wait()
    assert await gone(marked)


async def test_nothing_is_left_of_many_starts_ends_and_crashes(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL)  # what is kept of the log holds errors, and these whatever they were raised in
    plugin = await bench.python("hostile")
    process = psutil.Process()

    async def cycle(number: int) -> None:
        await echo(bench, plugin)
        if number % 3 == 0:
            with pytest.raises(ServerFault):
                await bench.servers.call(plugin, OLGA, "die", {}, timeout=SOON)
        elif number % 3 == 1:
            hanging = asyncio.create_task(bench.servers.call(plugin, OLGA, "silence", {}, timeout=SOON))
            await asyncio.sleep(0)
            hanging.cancel()
            await asyncio.wait([hanging])
        await bench.servers.stop(plugin.id)

    for number in range(5):
        await cycle(number)
    gc.collect()
    children, descriptors, tasks = len(process.children(recursive=True)), process.num_fds(), len(asyncio.all_tasks())
    memory, objects = process.memory_info().rss, len(gc.get_objects())
    for number in range(CYCLES):
        await cycle(number)
    gc.collect()
    assert len(process.children(recursive=True)) <= children
    assert process.num_fds() <= descriptors
    assert len(asyncio.all_tasks()) <= tasks
    assert len(gc.get_objects()) - objects < 5_000
    assert process.memory_info().rss - memory < 15 * 2**20
    assert bench.servers._servers == {}


async def test_who_is_idle_is_ended_and_starts_again(opened: Callable[..., Bench]) -> None:
    bench = opened(MCP_IDLE_SECONDS="5")
    plugin = await bench.python("hostile")
    await echo(bench, plugin)
    [server] = bench.servers._servers.values()
    server.used -= 10
    looking = asyncio.create_task(bench.servers.run())
    async with asyncio.timeout(PATIENCE_S):
        while not server.ended:
            await asyncio.sleep(0.05)
    assert await echo(bench, plugin) == "echo: hi"
    looking.cancel()


async def test_who_works_is_not_idle(opened: Callable[..., Bench]) -> None:
    bench = opened(MCP_IDLE_SECONDS="5")
    plugin = await bench.python("hostile")
    await echo(bench, plugin)
    [server] = bench.servers._servers.values()
    working = asyncio.create_task(bench.servers.call(plugin, OLGA, "silence", {}, timeout=SOON))
    while not server.in_flight:
        await asyncio.sleep(0.01)
    server.used -= 10
    await bench.servers._look()
    assert bench.servers._servers
    working.cancel()
    await asyncio.wait([working])


async def test_a_change_of_the_plugin_ends_its_servers_and_calls_begin_new_ones(bench: Bench) -> None:
    plugin = await bench.python("hostile")
    await echo(bench, plugin)
    [before] = bench.servers._servers.values()
    await plugins.change(bench.pool, plugin.id)
    changed = await plugins.get(bench.pool, plugin.id)
    assert changed is not None
    assert await echo(bench, changed) == "echo: hi"
    assert before.ended
    await plugins.change(bench.pool, plugin.id, state="disabled")
    await bench.servers._look()
    assert bench.servers._servers == {}


async def test_a_value_of_ones_own_ends_ones_own_server_and_nobody_elses_call(bench: Bench) -> None:
    plugin = await bench.python("hostile")

    async def values(plugin: Plugin, user_id: str) -> Mapping[str, str]:
        return {
            name: value.decode()
            for name, (_, value) in (await plugins.sealed_for(bench.pool, plugin.id, user_id)).items()
        }

    bench.servers._values = values
    await echo(bench, plugin, OLGA)
    await echo(bench, plugin, PAUL)
    servers = dict(bench.servers._servers)
    working = asyncio.create_task(bench.servers.call(plugin, PAUL, "silence", {}, timeout=SOON))
    while not servers[plugin.id, PAUL].in_flight:
        await asyncio.sleep(0.01)
    await plugins.seal(bench.pool, plugin.id, OLGA, "API_KEY", b"new")
    now = await plugins.get(bench.pool, plugin.id)
    assert now is not None
    await bench.servers._look()
    await echo(bench, now, OLGA)
    assert servers[plugin.id, OLGA].ended
    assert servers[plugin.id, PAUL].running
    assert not working.done()
    working.cancel()
    await asyncio.wait([working])


async def test_ten_calls_at_once_share_one_server(bench: Bench) -> None:
    plugin = await bench.python("hostile")
    assert await asyncio.gather(*(echo(bench, plugin) for _ in range(10))) == ["echo: hi"] * 10
    [running] = await bench.servers.status()
    assert running.calls == 10


async def test_who_was_idle_longest_makes_room(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(servers, "MOST", 2)
    first, second, third = [await bench.python("hostile") for _ in range(3)]
    for plugin in (first, second, third):
        await echo(bench, plugin)
    assert {each.plugin_id for each in await bench.servers.status()} == {second.id, third.id}


async def test_files_go_with_their_plugin_and_with_their_person(bench: Bench) -> None:
    kept, removed = await bench.python("hostile"), await bench.python("hostile")
    folder = places.boxes(places.root(bench.settings))
    for plugin, person in ((kept, OLGA), (kept, PAUL), (removed, OLGA)):
        await bench.servers.call(plugin, person, "keep", {"word": "a"}, timeout=SOON)
    await bench.servers.stop(removed.id)
    await bench.servers.stop(kept.id)
    await plugins.remove(bench.pool, removed.id)
    async with bench.pool.connection() as connection:  # as forgetting him does
        await connection.execute("delete from plugin_boxes where user_id = %s", (PAUL,))
    await bench.servers._confinement.wipe()
    assert [each.name for each in folder.iterdir()] == [box_of(kept.id, OLGA)]
    with pytest.raises(ToolFailed, match="is not installed any more"):
        await echo(bench, removed)


async def test_two_workers_of_a_machine_share_a_box(opened: Callable[..., Bench]) -> None:
    one, other = opened(), opened()
    plugin = await one.python("hostile")
    await one.servers.call(plugin, OLGA, "keep", {"word": "one"}, timeout=SOON)
    said = await other.servers.call(plugin, OLGA, "keep", {"word": "other"}, timeout=SOON)
    assert said.text.split() == ["one", "other"]
    await one.servers.stop(plugin.id)
    assert await echo(other, plugin) == "echo: hi"
    [still] = await other.servers.status()
    assert still.calls == 2


async def test_the_end_of_a_worker_takes_four_seconds_at_most(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    stubborn = await bench.python("hostile", "stays")
    await echo(bench, stubborn)
    working = asyncio.create_task(bench.servers.call(stubborn, OLGA, "deaf", {}, timeout=SOON))
    await asyncio.sleep(0.3)
    began = time.process_time()
    await bench.servers.close()
    assert time.process_time() - began < 4
    with pytest.raises(ServerFault):
        await working


async def test_without_bubblewrap_local_plugins_are_refused_with_what_to_do(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    plugin = await bench.python("hostile")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(contained, "MARKS", ())
    with pytest.raises(ToolFailed, match=r"need bubblewrap: .*apt-get install bubblewrap.*A plugin at an address"):
        await echo(bench, plugin)


async def test_without_node_its_plugins_are_refused_with_what_to_do(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    from activities.plugins import node

    monkeypatch.setattr(node, "_candidates", lambda: iter(()))
    plugin = await bench.npm("everything", "stdio")
    with pytest.raises(ToolFailed, match=r"need Node\.js 18 or newer, .*clara install node"):
        await echo(bench, plugin)
