"""The service itself: health, its guard, its process."""

import asyncio
import os
import socket
import sys
from pathlib import Path

import httpx2
import pytest

from adapters.web.process import run
from clara.errors import Misconfigured
from clara.settings import load
from tests.adapters.web.conftest import Site
from tests.patience import PATIENCE_S


async def test_health_and_ready(site: Site) -> None:
    assert (await site.browser.get("/health")).json() == {"status": "ok"}
    ready = await site.browser.get("/ready")
    assert (ready.status_code, ready.json()) == (200, {"status": "ok"})


async def test_without_her_servers_it_runs_and_says_that_she_is_not_ready(
    database_url: str, tmp_path: Path, unused_tcp_port: int
) -> None:
    nobody = {"DATABASE_URL": database_url, "TEMPORAL_ADDRESS": "127.0.0.1:1", "CLARA_HOME": str(tmp_path)}
    settings = load({**nobody, "WEB_PORT": str(unused_tcp_port)})
    ended = asyncio.Event()
    running = asyncio.create_task(run(settings, ended))
    async with httpx2.AsyncClient(base_url=settings.own_address, trust_env=False, timeout=30) as browser:
        assert (await browser.get("/health")).status_code == 200
        ready = await browser.get("/ready")
        assert (ready.status_code, ready.json()["missing"]) == (503, ["temporal"])
        state = f"{'0' * 32}.{'0' * 64}"
        page = await browser.get("/oauth/callback", params={"code": "c", "state": state})
        assert (page.status_code, "One moment" in page.text) == (503, True)
    ended.set()
    await running


async def test_every_answer_keeps_browsers_on_guard(site: Site) -> None:
    for path in ("/health", "/oauth/callback", "/nowhere"):
        answer = await site.browser.get(path)
        assert answer.headers["x-frame-options"] == "DENY"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["cache-control"] == "no-store"
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
        assert "server" not in answer.headers


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "evil@127.0.0.1.nip.io", "[::1", ""])
async def test_a_foreign_host_is_refused(site: Site, host: str) -> None:
    answer = await site.browser.get("/health", headers={"host": host})
    assert answer.status_code in (400, 421)


async def test_a_request_that_is_too_large_is_refused(site: Site) -> None:
    address = site.settings.own_address
    async with httpx2.AsyncClient(trust_env=False) as browser:
        try:
            status = (await browser.get(f"{address}/health", headers={"x": "y" * 300_000})).status_code
        except httpx2.TransportError:  # it hangs up while it is still being told
            status = 400
        assert status >= 400
        assert (await browser.put(f"{address}/health", content=b"x")).status_code == 405


def test_the_name_of_CLARA_API_URL_is_hers() -> None:
    settings = load({"WEB_PORT": "8480", "CLARA_API_URL": "https://clara.example.com/"})
    assert settings.own_address == "https://clara.example.com"
    assert load({"WEB_PORT": "8480"}).own_address == "http://127.0.0.1:8480"


async def test_a_port_that_is_taken_is_told(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        settings = load({"CLARA_HOME": str(tmp_path), "WEB_PORT": str(taken.getsockname()[1])})
        with pytest.raises(Misconfigured, match=r"WEB_PORT: port .* Address already in use$"):
            await run(settings, asyncio.Event())


async def test_the_process_waits_serves_and_ends_when_told(tmp_path: Path, unused_tcp_port: int) -> None:
    environment = {"PATH": os.environ["PATH"], "CLARA_HOME": str(tmp_path), "CLARA_ENV_FILE": os.devnull}
    for visited in (False, True):
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "adapters.web"),
            env={**environment, "WEB_PORT": str(unused_tcp_port), "LOG_LEVEL": "INFO"},
            stderr=asyncio.subprocess.PIPE,
            cwd=Path(__file__).parents[3],
        )
        assert process.stderr is not None
        try:
            assert b"listening" in await process.stderr.readline()
            if visited:
                async with httpx2.AsyncClient(trust_env=False, timeout=30) as browser:
                    answer = await browser.get(f"http://127.0.0.1:{unused_tcp_port}/health")
                    assert answer.json() == {"status": "ok"}
            process.terminate()
            assert await asyncio.wait_for(process.wait(), PATIENCE_S) == 0
        finally:
            if process.returncode is None:
                process.kill()
            await process.communicate()
