"""Pages as they are read: by a process of its own, from a loopback server."""

import gzip
from collections.abc import AsyncIterator

import pytest

from activities.files import process
from activities.http.client import Client
from activities.tools.tool import Tool
from activities.web import fetch
from clara.errors import ToolFailed, Unavailable
from clara.tools.provenance import Provenance
from tests.activities.files import samples
from tests.activities.web.asking import run
from tests.loopback.http import Server, answer, redirect

ARTICLE = """\
<!doctype html><html lang="en"><head><title>Tides</title><meta name="author" content="Ada Lovelace">
<meta property="article:published_time" content="2026-03-04"></head><body>
<nav><a href="/">Home</a></nav><article><h1>Tides</h1>
<p>High water comes twice a day, and each time it comes a little later. <a href="/moon">The moon</a> does that, and
nobody else, as far as anybody knows. There is more to it, though not much more, and it is told below.</p>
<table><tr><th>Port</th><th>Metres</th></tr><tr><td>Cuxhaven</td><td>3.1</td></tr></table>
</article><footer>Imprint</footer></body></html>"""


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    async with Server() as running:
        yield running


@pytest.fixture
async def tool(server: Server) -> AsyncIterator[Tool[fetch.FetchPage]]:
    client = Client(fetch.WHO, fetch.LIMITS, trusted=[server.url])
    yield fetch.tool(client)
    await client.close()


async def test_a_page_is_read_with_its_links_and_with_what_is_cited(
    tool: Tool[fetch.FetchPage], server: Server
) -> None:
    server.routes["/tides"] = answer(gzip.compress(ARTICLE.encode()), content_type="text/html", content_encoding="gzip")
    output = await run(tool, url=f"{server.url}/tides")
    assert output.provenance is Provenance.OTHERS
    assert output.text.startswith(f"Address: {server.url}/tides\nTitle: Tides\nBy: Ada Lovelace, 2026-03-04\n")
    assert f"[The moon]({server.url}/moon)" in output.text
    assert "| Cuxhaven | 3.1 |" in output.text
    assert "Home" not in output.text
    assert '<page from="127.0.0.1">\n# Tides' in output.text
    assert output.text.endswith("\n</page>")


async def test_a_pdf_and_a_word_file_are_read_whatever_they_are_declared_as(
    tool: Tool[fetch.FetchPage], server: Server
) -> None:
    server.routes |= {
        "/a": answer(samples.pdf(), content_type="text/html"),
        "/b": answer(samples.word("The figures are excellent.", table=("Köln", "42")), content_type="text/plain"),
    }
    assert "Hello from a PDF" in (await run(tool, url=f"{server.url}/a")).text
    assert "Köln | 42" in (await run(tool, url=f"{server.url}/b")).text


async def test_a_long_page_is_whole(tool: Tool[fetch.FetchPage], server: Server) -> None:
    paragraphs = "".join(f"<p>Paragraph {n} says that the water rises and falls.</p>" for n in range(2_000))
    server.routes["/"] = answer(f"<html><body><article>{paragraphs}</article></body></html>".encode())
    text = (await run(tool, url=server.url)).text
    assert "Paragraph 0 says" in text
    assert "Paragraph 1000 says" in text
    assert "Paragraph 1999 says" in text


async def test_where_a_page_was_found_by_way_of_another_host_is_told(
    tool: Tool[fetch.FetchPage], server: Server
) -> None:
    server.routes |= {"/a": redirect("/b"), "/b": answer(b"hello there")}
    output = await run(tool, url=f"{server.url}/a")
    assert f"Address: {server.url}/b" in output.text
    assert "by way of" not in output.text

    async def here(host: str, port: int) -> list[str]:
        return ["127.0.0.1"]

    other = f"http://other.example:{server.port}"
    client = Client(fetch.WHO, fetch.LIMITS, trusted=[server.url, other], resolve=here)
    server.routes["/a"] = redirect(f"{other}/b")
    output = await run(fetch.tool(client), url=f"{server.url}/a")
    assert f"Address: {other}/b\nIt was found by way of {server.url}/a." in output.text
    await client.close()


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("401 x", "asks for a login"),
        ("403 x", "does not let programs read it, or asks for a login"),
        ("404 x", "does not exist"),
        ("410 x", "does not exist any more"),
        ("451 x", "for legal reasons"),
    ],
)
async def test_a_page_that_is_not_given(tool: Tool[fetch.FetchPage], server: Server, status: str, words: str) -> None:
    server.routes["/"] = answer(b"secret", status)
    with pytest.raises(ToolFailed, match=words):
        await run(tool, url=server.url)


async def test_a_host_that_asks_for_a_pause_gets_it(tool: Tool[fetch.FetchPage], server: Server) -> None:
    server.routes["/"] = answer(b"", "429 x", retry_after="9")
    with pytest.raises(Unavailable) as caught:
        await run(tool, url=server.url)
    assert caught.value.retry_after is not None
    assert caught.value.retry_after.total_seconds() == 9


async def test_nothing_is_sent_that_tells_of_the_person_or_the_host(
    tool: Tool[fetch.FetchPage], server: Server
) -> None:
    server.routes["/"] = answer(b"hello", set_cookie="a=b")
    await run(tool, url=server.url)
    await run(tool, url=server.url)
    for asked in server.asked:
        assert set(asked.headers) <= {"host", "accept", "accept-encoding", "connection", "user-agent"}


async def test_a_page_that_goes_beyond_the_limits_is_refused(
    tool: Tool[fetch.FetchPage], server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.routes["/"] = answer(b"hello")

    async def killed(*_: object) -> bytes:
        raise process.Unreadable("it takes too much memory or time to read")

    monkeypatch.setattr(process, "output_of", killed)
    with pytest.raises(ToolFailed, match="The page cannot be read: it takes too much memory or time to read"):
        await run(tool, url=server.url)
