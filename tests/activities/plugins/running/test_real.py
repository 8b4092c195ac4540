"""The real servers of npm, confined, over stdio and over HTTP."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

from activities.plugins.running import ServerFault
from activities.sandbox.bubblewrap import backend
from clara.errors import ToolFailed
from clara.plugins.plugin import Launch
from tests import npm
from tests.activities.plugins.running.conftest import Bench
from tests.patience import PATIENCE_S
from tests.ports import free_port

SOON = timedelta(seconds=20)


async def test_everything_over_stdio(bench: Bench) -> None:
    plugin = await bench.npm("everything", "stdio")
    probed = await bench.servers.probe(plugin, "terminal:olga")
    assert "echo" in {tool.name for tool in probed.tools}
    assert probed.version
    lines: list[str] = []

    async def show(line: str) -> None:
        lines.append(line)

    said = await bench.servers.call(plugin, "terminal:olga", "echo", {"message": "hello"}, timeout=SOON)
    assert said.text == "Echo: hello"
    assert not said.is_error
    await bench.servers.call(
        plugin, "terminal:olga", "trigger-long-running-operation", {"duration": 2, "steps": 4},
        timeout=SOON, progress=show,
    )  # fmt: skip
    assert any("of 4" in line for line in lines)
    wrong = await bench.servers.call(plugin, "terminal:olga", "echo", {"nothing": 1}, timeout=SOON)
    assert wrong.is_error
    picture = await bench.servers.call(plugin, "terminal:olga", "get-tiny-image", {}, timeout=SOON)
    assert [file.media_type for file in picture.files] == ["image/png"]
    [running] = await bench.servers.status()
    assert (running.state, running.calls) == ("running", 4)
    structured = await bench.servers.call(
        plugin, "terminal:olga", "get-structured-content", {"location": "New York"}, timeout=SOON
    )
    assert structured.structured is not None
    assert "temperature" in structured.structured


async def test_files_of_one_person_are_not_those_of_another(bench: Bench) -> None:
    plugin = await bench.npm("filesystem", "/home/user")
    await bench.servers.call(
        plugin, "terminal:olga", "write_file", {"path": "/home/user/a.txt", "content": "Olga's"}, timeout=SOON
    )
    hers = await bench.servers.call(plugin, "terminal:olga", "list_directory", {"path": "/home/user"}, timeout=SOON)
    his = await bench.servers.call(plugin, "terminal:paul", "list_directory", {"path": "/home/user"}, timeout=SOON)
    outside = await bench.servers.call(plugin, "terminal:olga", "read_text_file", {"path": "/etc/passwd"}, timeout=SOON)
    assert "a.txt" in hers.text
    assert "a.txt" not in his.text
    assert outside.is_error


async def test_memory_is_there_after_a_restart(bench: Bench) -> None:
    environment = {"MEMORY_FILE_PATH": "/home/user/memory.json"}
    plugin = await bench.npm("memory", environment=environment)
    entity = {"name": "Olga", "entityType": "person", "observations": ["likes tea"]}
    await bench.servers.call(plugin, "terminal:olga", "create_entities", {"entities": [entity]}, timeout=SOON)
    await bench.servers.stop(plugin.id)
    assert await bench.servers.status() == []
    graph = await bench.servers.call(plugin, "terminal:olga", "read_graph", {}, timeout=SOON)
    assert "likes tea" in graph.text


async def test_everything_over_http(opened: Callable[..., Bench]) -> None:
    async with _everything_over_http() as url:
        bench = opened(MCP_TRUSTED_URLS=url)
        plugin = await bench.plugin(Launch(url=url))
        said = await bench.servers.call(plugin, "terminal:olga", "echo", {"message": "hello"}, timeout=SOON)
        lines: list[str] = []

        async def show(line: str) -> None:
            lines.append(line)

        await bench.servers.call(
            plugin, "terminal:olga", "trigger-long-running-operation", {"duration": 2, "steps": 4},
            timeout=SOON, progress=show,
        )  # fmt: skip
    assert said.text == "Echo: hello"
    assert any("of 4" in line for line in lines)


async def test_an_address_inside_is_refused(opened: Callable[..., Bench]) -> None:
    async with _everything_over_http() as url:
        bench = opened()
        plugin = await bench.plugin(Launch(url=url))
        with pytest.raises(ToolFailed, match="private network"):
            await bench.servers.call(plugin, "terminal:olga", "echo", {"message": "hello"}, timeout=SOON)


@asynccontextmanager
async def _everything_over_http() -> AsyncIterator[str]:
    port = free_port()
    program = npm.servers() / npm.SERVERS["everything"]
    process = await asyncio.create_subprocess_exec(
        "node", str(program), "streamableHttp", env={"PORT": str(port), "PATH": "/usr/bin:/bin"},
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        async with asyncio.timeout(PATIENCE_S):
            while True:
                try:
                    _, writer = await asyncio.open_connection("127.0.0.1", port)
                except OSError:
                    await asyncio.sleep(0.05)
                    continue
                writer.close()
                break
        yield f"http://127.0.0.1:{port}/mcp"
    finally:
        process.kill()
        await process.wait()


async def test_without_control_groups_memory_is_bounded_and_node_runs(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backend, "control_groups", lambda name: None)
    plugin = await bench.npm("everything", "stdio")
    said = await bench.servers.call(plugin, "terminal:olga", "echo", {"message": "hello"}, timeout=SOON)
    assert said.text == "Echo: hello"
    hostile = await bench.python("hostile")
    with pytest.raises(ServerFault):
        await bench.servers.call(hostile, "terminal:olga", "eat", {}, timeout=timedelta(seconds=60))
