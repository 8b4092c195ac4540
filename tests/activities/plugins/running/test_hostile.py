"""A server that does harm: bounded, clearly told, nothing left over, and nobody else disturbed."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import psutil
import pytest

from activities.plugins.running import CallResult, ElicitAnswer, Elicitation, NotAsked, ServerFault
from clara.errors import ToolFailed, Unavailable
from clara.plugins.plugin import Plugin
from store import plugins
from tests.activities.plugins.running.conftest import Bench
from tests.activities.sandbox.test_conformance import alive, mark
from tests.patience import PATIENCE_S

OLGA, PAUL = "terminal:olga", "terminal:paul"
SOON = timedelta(seconds=20)
LAG_S = 1.0
"""Heartbeats are sent at most every few seconds."""


async def call(bench: Bench, plugin: Plugin, tool: str, timeout: timedelta = SOON, **arguments: Any) -> CallResult:
    return await bench.servers.call(plugin, OLGA, tool, arguments, timeout=timeout)


@asynccontextmanager
async def on_time() -> AsyncIterator[list[float]]:
    """Measures how long the loop is at one thing, in processor time of this thread: a busy machine fails no test."""
    worst = [0.0]

    async def watch() -> None:
        while True:
            began = time.thread_time()
            await asyncio.sleep(0)
            worst[0] = max(worst[0], time.thread_time() - began)
            await asyncio.sleep(0.001)

    watching = asyncio.create_task(watch())
    try:
        yield worst
    finally:
        watching.cancel()


async def test_a_line_of_100_mb_ends_its_server_and_nobody_else(bench: Bench) -> None:
    bad, good = await bench.python("hostile"), await bench.python("hostile")
    await call(bench, good, "echo", message="before")
    async with on_time() as worst:
        with pytest.raises(ServerFault, match=r"sent a message of more than 1\.9 MiB, so it was ended"):
            await call(bench, bad, "long_line")
        assert (await call(bench, good, "echo", message="hi")).text == "echo: hi"
    assert worst[0] < LAG_S
    assert (await call(bench, bad, "echo", message="again")).text == "echo: again"


async def test_who_never_answers_is_told_and_goes_on(bench: Bench) -> None:
    plugin = await bench.python("hostile")
    with pytest.raises(ServerFault, match=r"did not answer within 0\.5 s") as told:
        await call(bench, plugin, "silence", timeout=timedelta(seconds=0.5))
    assert not isinstance(told.value, NotAsked)
    assert (await call(bench, plugin, "echo", message="hi")).text == "echo: hi"


async def test_who_hangs_gives_no_sign_of_life_and_is_ended(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    from activities.plugins.running.server import connection

    monkeypatch.setattr(connection, "SIGN_S", 0.5)
    plugin = await bench.python("hostile")
    with pytest.raises(ServerFault):
        await call(bench, plugin, "deaf", timeout=timedelta(seconds=0.5))
    async with asyncio.timeout(PATIENCE_S):
        while any(each.state == "running" for each in await bench.servers.status()):
            await asyncio.sleep(0.05)
    assert (await call(bench, plugin, "echo", message="hi")).text == "echo: hi"


async def test_who_dies_in_a_call_is_told_and_started_again(bench: Bench) -> None:
    bench.values["SECRET"] = "s3cret-of-olga"
    plugin = await bench.python("hostile", secrets=("SECRET",))
    with pytest.raises(ServerFault, match="ended with code 3") as told:
        await call(bench, plugin, "die")
    assert not isinstance(told.value, NotAsked)
    assert "the last words, with ***" in told.value.said
    assert "s3cret" not in str(told.value) + told.value.said
    assert (await call(bench, plugin, "echo", message="hi")).text == "echo: hi"


async def test_who_dies_while_idle_costs_no_call(bench: Bench) -> None:
    plugin = await bench.python("hostile")
    await call(bench, plugin, "echo", message="hi")
    [inside] = [each for each in psutil.Process().children(recursive=True) if "/opt/plugin/hostile.py" in _words(each)][
        -1:
    ]
    inside.kill()
    async with asyncio.timeout(PATIENCE_S):
        while any(each.state == "running" for each in await bench.servers.status()):
            await asyncio.sleep(0.01)
    assert (await call(bench, plugin, "echo", message="hi")).text == "echo: hi"


def _words(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []


async def test_children_that_ignore_signals_end_with_their_server(bench: Bench) -> None:
    plugin, marked = await bench.python("hostile"), mark()
    await call(bench, plugin, "fork", seconds=marked)
    assert len(alive(marked)) == 5
    began = time.monotonic()
    await bench.servers.stop(plugin.id)
    assert alive(marked) == []
    assert time.monotonic() - began < 30  # 4 s on a machine that has time


async def test_who_does_not_end_by_itself_is_killed(bench: Bench) -> None:
    plugin = await bench.python("hostile", "stays")
    await call(bench, plugin, "echo", message="hi")
    await bench.servers.stop(plugin.id)
    assert not [each for each in psutil.Process().children(recursive=True) if "stays" in _words(each)]


async def test_noise_is_no_message(bench: Bench) -> None:
    plugin = await bench.python("hostile", "noisy")
    assert (await call(bench, plugin, "noise")).text == "after the noise"
    [running] = await bench.servers.status()
    assert len(running.said) <= 4_000


async def test_a_flood_waits_and_nobody_else(bench: Bench) -> None:
    bad, good = await bench.python("hostile"), await bench.python("hostile")
    await call(bench, good, "echo", message="before")
    async with on_time() as worst:
        flooding = asyncio.create_task(call(bench, bad, "flood", seconds=1.5))
        for _ in range(10):
            assert (await call(bench, good, "echo", message="hi")).text == "echo: hi"
            await asyncio.sleep(0.1)
        flooding.cancel()
        await asyncio.wait([flooding])
    assert worst[0] < LAG_S


async def test_a_tool_that_changes_is_off_until_somebody_approves_it(bench: Bench) -> None:
    plugin = await bench.python("hostile")
    probed = await bench.servers.probe(plugin, OLGA)
    await plugins.record_tools(bench.pool, plugin.id, probed.tools)
    await plugins.approve_tools(bench.pool, plugin.id, probed.tools)
    assert (await call(bench, plugin, "echo", message="hi")).text == "echo: hi"
    await call(bench, plugin, "change")
    async with asyncio.timeout(PATIENCE_S):
        while (
            "example.org"
            not in {t.name: t for t in await plugins.tools_of(bench.pool, [plugin.id])}["echo"].description
        ):
            await asyncio.sleep(0.05)
    await asyncio.sleep(0.1)
    with pytest.raises(ToolFailed, match="describes its tool echo in another way"):
        await call(bench, plugin, "echo", message="hi")
    assert (await call(bench, plugin, "keep", word="as before")).text.strip() == "as before"


async def test_a_pattern_that_takes_for_ever_is_not_tried(bench: Bench) -> None:
    plugin = await bench.python("hostile")
    assert (await call(bench, plugin, "slow_pattern")).structured == {"word": "a" * 60 + "!"}


async def test_what_is_not_mcp_is_told(bench: Bench) -> None:
    plugin = await bench.python("hostile")
    with pytest.raises(ServerFault, match="something that is not MCP"):
        await call(bench, plugin, "wrong")
    assert (await call(bench, plugin, "echo", message="hi")).text == "echo: hi"


async def test_much_text_is_cut_and_pictures_are_files(bench: Bench) -> None:
    plugin = await bench.python("hostile")
    assert (await call(bench, plugin, "much")).text.endswith("[1300000 more characters were left out.]")
    picture = await call(bench, plugin, "picture")
    assert picture.text == "a dot"
    assert [(file.name, file.media_type) for file in picture.files] == [("image.png", "image/png")]
    assert picture.files[0].data.startswith(b"\x89PNG")


async def test_who_eats_memory_is_ended(opened: Callable[..., Bench]) -> None:
    bench = opened(MCP_MEMORY="64m")
    plugin = await bench.python("hostile")
    with pytest.raises(Unavailable, match="64 MiB of memory"):
        await call(bench, plugin, "eat", timeout=timedelta(seconds=60))


async def test_sampling_is_refused_and_questions_reach_the_person(bench: Bench) -> None:
    plugin = await bench.python("hostile")
    assert "not supported" in (await call(bench, plugin, "sample")).text
    assert json.loads((await call(bench, plugin, "ask")).text) == {"action": "cancel"}
    asked: list[Elicitation] = []

    async def ask(question: Elicitation) -> ElicitAnswer:
        asked.append(question)
        return ElicitAnswer("accept", {"colour": "blue"})

    answered = await bench.servers.call(plugin, OLGA, "ask", {}, timeout=SOON, ask=ask)
    assert json.loads(answered.text) == {"action": "accept", "content": {"colour": "blue"}}
    assert asked[0].message == "Which colour?"

    async def later(question: Elicitation) -> ElicitAnswer:
        raise LookupError("the person is asked")

    with pytest.raises(LookupError):
        await bench.servers.call(plugin, OLGA, "ask", {}, timeout=SOON, ask=later)


async def test_a_cancelled_call_is_told_to_its_server(bench: Bench) -> None:
    plugin = await bench.python("hostile")
    await call(bench, plugin, "echo", message="hi")
    cancelled = asyncio.create_task(call(bench, plugin, "cancelled"))
    await asyncio.sleep(0.2)
    cancelled.cancel()
    await asyncio.wait([cancelled])
    assert cancelled.cancelled()
    assert (await call(bench, plugin, "heard")).text == "notifications/cancelled"


async def test_a_server_has_the_environment_that_it_was_given(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLARA_TOLD_NOBODY", "clara's own")
    bench.values.update(KEY="the key", OTHER="not for it")
    plugin = await bench.python("hostile", environment={"PLAIN": "words"}, secrets=("KEY",))
    said = (await call(bench, plugin, "environment")).text
    assert json.loads(said).items() >= {"PLAIN": "words", "KEY": "***"}.items()
    assert "clara's own" not in said
    assert "not for it" not in said
    for process in psutil.Process().children(recursive=True):
        assert "the key" not in " ".join(_words(process))


async def test_secrets_that_a_server_repeats_are_taken_out(bench: Bench) -> None:
    bench.values.update(KEY='a "quoted" key')
    plugin = await bench.python("hostile", secrets=("KEY",))
    assert (await call(bench, plugin, "echo", message='it is a "quoted" key')).text == "echo: it is ***"
    said = (await call(bench, plugin, "environment")).text
    assert '"KEY": "***"' in said


@pytest.mark.parametrize("value", ["a\0--bind\0/\0/host", "half a character \ud83d"])
async def test_a_value_cannot_become_an_argument_of_its_box(bench: Bench, value: str) -> None:
    bench.values.update(KEY=value)
    plugin = await bench.python("hostile", secrets=("KEY",))
    with pytest.raises(ToolFailed, match="cannot be given the variable 'KEY'"):
        await call(bench, plugin, "echo", message="hi")


async def test_what_one_person_keeps_another_does_not_see(bench: Bench) -> None:
    plugin = await bench.python("hostile")
    await call(bench, plugin, "keep", word="Olga's")
    assert (await call(bench, plugin, "keep", word="more")).text.split() == ["Olga's", "more"]
    his = await bench.servers.call(plugin, PAUL, "keep", {"word": "Paul's"}, timeout=SOON)
    assert his.text.split() == ["Paul's"]


async def test_what_is_installed_cannot_be_written_to(bench: Bench) -> None:
    plugin = await bench.python("hostile")
    assert "hostile.py" in (await call(bench, plugin, "look", folder="/opt/plugin")).text
    for path in ("/opt/plugin/new", "/usr/new", "/etc/new", "/new"):
        assert (await call(bench, plugin, "write_there", path=path)).text != "written"


async def test_without_granted_hosts_nothing_is_reached(bench: Bench) -> None:
    async with await asyncio.start_server(lambda reader, writer: writer.close(), "127.0.0.1", 0) as server:
        await _reaches_nothing(bench, server.sockets[0].getsockname()[1])


async def _reaches_nothing(bench: Bench, port: int) -> None:
    plugin = await bench.python("hostile")
    assert (await call(bench, plugin, "connect", host="127.0.0.1", port=port)).text == "ConnectionRefusedError"
    granted = await bench.python("hostile", hosts=("example.org",))
    assert (await call(bench, granted, "connect", host="127.0.0.1", port=port)).text == "ConnectionRefusedError"
    assert "403" in (await call(bench, granted, "get", url=f"http://localhost.localdomain:{port}/")).text
    anywhere = await bench.python("hostile", hosts=("*",))
    assert "403" in (await call(bench, anywhere, "get", url=f"http://localhost.localdomain:{port}/")).text


@pytest.mark.parametrize(
    ("how", "words"),
    [("dies", "ended with code 1"), ("endless", "does not come to the end of its list of tools")],
)
async def test_a_bad_start_is_told(bench: Bench, how: str, words: str) -> None:
    plugin = await bench.python("hostile", how)
    with pytest.raises(NotAsked, match=words) as told:
        await call(bench, plugin, "echo")
    if how == "dies":
        assert told.value.said == "no key was given"


async def test_a_start_that_never_ends_is_ended(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    from activities.plugins.running.server import connection

    monkeypatch.setattr(connection, "START_S", 1.0)
    plugin = await bench.python("hostile", "silent")
    with pytest.raises(NotAsked, match="did not start within 1 s"):
        await call(bench, plugin, "echo")
    await bench.servers.stop(plugin.id)
    assert not [each for each in psutil.Process().children(recursive=True) if "silent" in _words(each)]


async def test_who_fails_again_and_again_is_left_alone_for_a_while(bench: Bench) -> None:
    plugin = await bench.python("hostile", "dies")
    for _ in range(2):
        with pytest.raises(NotAsked, match="ended with code 1"):
            await call(bench, plugin, "echo")
    with pytest.raises(NotAsked, match="failed 2 times and is started again in") as told:
        await call(bench, plugin, "echo")
    assert told.value.retry_after is not None
    [waiting] = await bench.servers.status()
    assert waiting.state == "waiting"
    await plugins.change(bench.pool, plugin.id)
    changed = await plugins.get(bench.pool, plugin.id)
    assert changed is not None
    with pytest.raises(NotAsked, match="ended with code 1"):  # it was tried at once, since the change may mend it
        await call(bench, changed, "echo")


async def test_tools_beyond_any_measure_are_left_out(bench: Bench) -> None:
    many = await bench.servers.probe(await bench.python("hostile", "many"), OLGA)
    assert len(many.tools) == 200
    assert len(many.instructions) <= 4_000
    strange = await bench.servers.probe(await bench.python("hostile", "strange"), OLGA)
    assert [(tool.name, tool.description) for tool in strange.tools] == [("halved", "?"), ("fine", "does it")]
