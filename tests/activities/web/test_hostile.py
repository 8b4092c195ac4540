"""Addresses that lead inside, or nowhere, however they are written: each is refused before anything is connected to."""

import socket
from collections.abc import AsyncIterator, Sequence

import pytest

from activities.files import process
from activities.http import network
from activities.http.client import Client, Limits
from activities.tools.tool import Tool
from activities.web import child, fetch
from clara.errors import ClaraError, ToolFailed, Unavailable
from tests.activities.web.asking import run
from tests.loopback.http import Respond, Server, answer, drip, drip_headers, endless, redirect, silence

INSIDE = "is in a private network or on this machine"
NO_URL = "That is not a URL"
NO_WEB = "must begin with https:// or http://"
NO_HOST = "There is no host named"
NO_PORT = "is not one of the web"

NAMES = {
    "localhost": "127.0.0.1",
    "ip6-localhost": "::1",
    "metadata.example": "169.254.169.254",
    "intranet.example": "10.20.30.40",
    "nas.example": "192.168.1.10",
    "docker.example": "172.17.0.1",
    "carrier.example": "100.64.0.1",
    "six.example": "fd00::1",
    "mapped.example": "::ffff:10.0.0.1",
    "public.example": "203.0.113.7",
}
"""Also the last one is refused: a network for documentation, in which nobody is."""

ADDRESSES = {
    "http://127.0.0.1/": INSIDE,
    "https://127.0.0.1:443/": INSIDE,
    "HTTP://127.0.0.1/": INSIDE,
    "http://127.1/": INSIDE,
    "http://127.255.255.254/": INSIDE,
    "http://0/": INSIDE,
    "http://0.0.0.0/": INSIDE,
    "http://2130706433/": INSIDE,
    "http://0x7f000001/": INSIDE,
    "http://0x7f.0x0.0x0.0x1/": INSIDE,
    "http://017700000001/": INSIDE,
    "http://0177.1/": INSIDE,
    "http://0177.0.0.1/": NO_URL,
    "http://10.0.0.1/": INSIDE,
    "http://167772161/": INSIDE,
    "http://172.16.0.1/": INSIDE,
    "http://192.168.0.1/": INSIDE,
    "http://169.254.169.254/latest/meta-data/": INSIDE,
    "http://2852039166/": INSIDE,
    "http://0xa9fea9fe/": INSIDE,
    "http://0xA9.0xFE.0xA9.0xFE/": INSIDE,
    "http://168.63.129.16/": INSIDE,
    "http://100.100.100.200/": INSIDE,
    "http://192.0.0.192/": INSIDE,
    "http://198.18.0.1/": INSIDE,
    "http://224.0.0.1/": INSIDE,
    "http://255.255.255.255/": INSIDE,
    "http://[::1]/": INSIDE,
    "http://[::]/": INSIDE,
    "http://[0:0:0:0:0:0:0:1]/": INSIDE,
    "http://[::ffff:127.0.0.1]/": INSIDE,
    "http://[::ffff:7f00:1]/": INSIDE,
    "http://[0:0:0:0:0:ffff:a9fe:a9fe]/": INSIDE,
    "http://[::127.0.0.1]/": INSIDE,
    "http://[64:ff9b::7f00:1]/": INSIDE,
    "http://[64:ff9b::169.254.169.254]/": INSIDE,
    "http://[64:ff9b:1::7f00:1]/": INSIDE,
    "http://[2002:7f00:1::]/": INSIDE,
    "http://[2001:0:4136:e378:8000:63bf:80ff:fffe]/": INSIDE,
    "http://[fd00:ec2::254]/": INSIDE,
    "http://[fe80::1%25eth0]/": NO_HOST,
    "http://[fec0::1]/": INSIDE,
    "http://[ff02::1]/": INSIDE,
    "http://[2001:db8::1]/": INSIDE,
    "http://localhost/": INSIDE,
    "http://LOCALHOST/": INSIDE,
    "http://localhost./": INSIDE,
    "http://ip6-localhost/": INSIDE,
    "http://metadata.example/": INSIDE,
    "http://intranet.example/": INSIDE,
    "http://nas.example/": INSIDE,
    "http://docker.example/": INSIDE,
    "http://carrier.example/": INSIDE,
    "http://six.example/": INSIDE,
    "http://mapped.example/": INSIDE,
    "http://public.example/": INSIDE,
    "http://127。0。0。1/": INSIDE,
    "http://\uff11\uff12\uff17.0.0.1/": NO_URL,
    "http://①②⑦.⓪.⓪.①/": NO_URL,
    "http://ⓛocalhost/": NO_URL,
    "http://%31%32%37.0.0.1/": NO_HOST,
    "http://127.0.0.1%2f.public.example/": NO_HOST,
    "http://127.0.0.1%00.public.example/": NO_HOST,
    "http://127.0.0.1./": NO_HOST,
    "http://300.300.300.300/": NO_URL,
    "http://99999999999/": NO_HOST,
    "http://public.example@127.0.0.1/": NO_WEB,
    "http://kim:pass@public.example/": NO_WEB,
    "http://public.example\\@127.0.0.1/": NO_WEB,
    "http://127.0.0.1\\@public.example/": NO_WEB,
    "http://public.example%2f@127.0.0.1/": NO_WEB,
    "http://public.example:80:80@127.0.0.1/": NO_WEB,
    "http://127.0.0.1#@public.example/": INSIDE,
    "http://127.0.0.1?@public.example/": INSIDE,
    "http://public.example:22/": NO_PORT,
    "http://public.example:25/": NO_PORT,
    "http://public.example:6000/": NO_PORT,
    "http://public.example:6667/": NO_PORT,
    "http://public.example:0/": "port that does not exist",
    "http://public.example:99999/": "port that does not exist",
    "http://public.example:-1/": "port that does not exist",
    "http://public.example:80a/": NO_URL,
    "http:///127.0.0.1/": NO_WEB,
    "http:/127.0.0.1/": NO_WEB,
    "http:127.0.0.1": NO_WEB,
    "http:\\\\127.0.0.1/": NO_WEB,
    "//127.0.0.1/": NO_WEB,
    "127.0.0.1": NO_WEB,
    "example.org/page": NO_WEB,
    "http://[::1/": NO_URL,
    "http://[v1.x]/": NO_URL,
    "http://a..b/": NO_HOST,
    "http://*/": NO_HOST,
    "http://xn--a/": NO_HOST,
    "http://public.example/\r\nHost: x": NO_URL,
    "file:///etc/passwd": NO_WEB,
    "gopher://public.example:70/_GET": NO_WEB,
    "dict://public.example:11211/stat": NO_WEB,
    "ftp://public.example/": NO_WEB,
    "ldap://public.example/": NO_WEB,
    "data:text/html,hi": NO_WEB,
    "javascript:alert(1)": NO_WEB,
    "view-source:http://127.0.0.1/": NO_WEB,
    "jar:http://public.example!/": NO_WEB,
    "unix:///var/run/docker.sock": NO_WEB,
    "http+unix://%2Fvar%2Frun%2Fdocker.sock/info": NO_WEB,
    "about:blank": NO_WEB,
}


async def resolve(host: str, port: int) -> Sequence[str]:
    """Numbers as the system reads them, which asks nobody, and the names above."""
    name = host.removesuffix(".").lower()
    if name in NAMES:
        return [NAMES[name]]
    if ":" not in host:
        try:
            return [socket.inet_ntoa(socket.inet_aton(host))]
        except OSError:
            raise socket.gaierror(socket.EAI_NONAME, "no such name") from None
    return [address[4][0] for address in socket.getaddrinfo(host, port, flags=socket.AI_NUMERICHOST)]  # type: ignore[misc]


async def refusal(tool: Tool[fetch.FetchPage], url: str) -> str:
    """What a page is refused with, which is for the model to read and not to be tried again."""
    with pytest.raises(ToolFailed) as caught:
        await run(tool, url=url)
    return str(caught.value)


@pytest.fixture(scope="module")
async def server() -> AsyncIterator[Server]:
    async with Server() as running:
        yield running


@pytest.fixture(scope="module")
async def tool(server: Server) -> AsyncIterator[Tool[fetch.FetchPage]]:
    """One for all cases: making a client takes longer than any of them."""
    client = Client(fetch.WHO, Limits(total_s=20, size=100_000), trusted=[server.url], resolve=resolve)
    yield fetch.tool(client)
    await client.close()


@pytest.mark.parametrize("url", ADDRESSES)
async def test_an_address_is_refused(tool: Tool[fetch.FetchPage], url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async def connected(*_: object) -> None:
        raise AssertionError("connected")

    monkeypatch.setattr(network.httpcore2.AnyIOBackend, "connect_tcp", connected)
    assert ADDRESSES[url] in await refusal(tool, url)


@pytest.mark.parametrize(
    "to",
    [
        *("http://127.0.0.1:9/", "http://2130706433:9/", "http://0x7f.1:9/", "http://[::1]:9009/", "//127.0.0.2:9/"),
        *("http://169.254.169.254/latest", "http://metadata.example/", "http://[::ffff:a9fe:a9fe]/", "http://0:9009/"),
        *("file:///etc/passwd", "gopher://127.0.0.1/", "http://kim:pass@public.example/", "http://public.example:22/"),
        *("javascript:alert(1)", "data:text/html,hi", "http://public.example:99999/", "https://127.0.0.1\\@x.example/"),
    ],
)
async def test_a_redirect_is_refused_as_the_address_would_be(
    tool: Tool[fetch.FetchPage], server: Server, to: str
) -> None:
    server.routes["/"] = redirect(to)
    server.asked.clear()
    with pytest.raises(ClaraError):
        await run(tool, url=server.url)
    assert len(server.asked) == 1


async def test_a_name_that_changes_its_address_is_looked_up_again_for_each_connection(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(network, "is_public", lambda address: address == "127.0.0.1")
    addresses = iter(["127.0.0.1", "127.0.0.2"])

    async def rebinding(host: str, port: int) -> Sequence[str]:
        return [next(addresses)]

    async with (
        Server({"/": answer(b"", "302 x", location="/inside", connection="close", close=True)}) as server,
        Server({"/inside": answer(b"secret")}, host="127.0.0.2", port=server.port) as inside,
    ):
        client = Client(fetch.WHO, fetch.LIMITS, resolve=rebinding)
        words = await refusal(fetch.tool(client), f"http://rebind.example:{server.port}/")
        assert "rebind.example is in a private network" in words
        assert inside.asked == []
        await client.close()


def bomb(layers: int) -> bytes:
    import gzip

    data = bytes(30_000_000)
    for _ in range(layers):
        data = gzip.compress(data)
    return data


CONTENTS = {
    "endless": (endless, "sent more than 97 KiB"),
    "bomb": (answer(bomb(1), content_encoding="gzip"), "sent more than 97 KiB"),
    "bomb in a bomb": (answer(bomb(2), content_encoding="gzip, gzip"), "sent more than 97 KiB"),
    "declared as huge": (answer(b"x", content_length="99999999999"), "sent more than 97 KiB"),
    "no gzip at all": (answer(b"hello", content_encoding="gzip"), "cannot be read"),
    "broken off": (answer(b"hello", content_length="5000", close=True), "could not be reached"),
    "redirects for ever": (redirect("/"), "redirects more than 5 times"),
}


@pytest.mark.parametrize("name", CONTENTS)
async def test_an_answer_is_bounded(tool: Tool[fetch.FetchPage], server: Server, name: str) -> None:
    respond, words = CONTENTS[name]
    server.routes["/"] = respond
    with pytest.raises((ToolFailed, Unavailable), match=words):
        await run(tool, url=server.url)


@pytest.mark.parametrize("respond", [silence, drip, drip_headers])
async def test_an_answer_that_takes_its_time_is_not_waited_for(server: Server, respond: Respond) -> None:
    server.routes["/"] = respond
    client = Client(fetch.WHO, Limits(total_s=0.2), trusted=[server.url])
    with pytest.raises(Unavailable, match="did not answer in time"):
        await run(fetch.tool(client), url=server.url)
    await client.close()


LIES = {
    "a picture as a page": (b"\x89PNG\r\n\x1a\n" + bytes(99), "text/html", "It is a picture (png), 107 bytes."),
    "an archive as a page": (b"PK\x03\x04" + bytes(99), "text/html", "It is application/zip"),
    "a bomb as a page": (bomb(2), "text/html", "It is application/gzip"),
    "a program as a text": (b"MZ" + bytes(range(256)), "text/plain", "It is application/octet-stream"),
    "nothing": (b"", "text/html", "It is empty."),
    "a page as a picture": (b"<html><body><p>Hello, page.</p></body></html>", "image/png", "Hello, page."),
    "a page as a PDF": (b"<html><body><p>Hello, page.</p></body></html>", "application/pdf", "Hello, page."),
}


@pytest.mark.parametrize("name", LIES)
async def test_what_a_type_says_is_not_believed(
    tool: Tool[fetch.FetchPage], server: Server, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def here(module: str, arguments: Sequence[str], data: bytes) -> bytes:
        return child.output(data, *arguments)

    monkeypatch.setattr(process, "output_of", here)  # starting one takes longer than the rest of these tests
    data, declared, words = LIES[name]
    server.routes["/"] = answer(data, content_type=declared)
    assert words in (await run(tool, url=server.url)).text
