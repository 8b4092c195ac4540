"""The client against servers that redirect, rebind, drip, never end, unfold and lie."""

import asyncio
import gzip
import ssl
import subprocess
import traceback
import zlib
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from pathlib import Path
from shutil import which

import pytest

from activities.http import network
from activities.http.client import Client, Limits
from clara.errors import ClaraError, ToolFailed, Unavailable
from tests.loopback.http import Server, answer, drip, drip_headers, endless, redirect, silence
from tests.ports import free_port

SECRET = "sk-secret-4711"


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    async with Server() as running:
        yield running


@pytest.fixture
async def client(server: Server) -> AsyncIterator[Client]:
    made = Client("Example", Limits(total_s=10, size=100_000), trusted=[server.url])
    yield made
    await made.close()


async def refusal(client: Client, url: str, method: str = "GET", **options: object) -> ClaraError:
    """What a request fails with, whose words tell nothing that was not theirs to tell."""
    with pytest.raises(ClaraError) as caught:
        (await client.request(method, url, **options)).check()  # type: ignore[arg-type]
    assert SECRET not in "".join(traceback.format_exception(caught.value))
    assert caught.value.__cause__ is None
    return caught.value


async def test_an_answer_is_read_whole(server: Server, client: Client) -> None:
    server.routes["/a"] = answer("Grüße".encode("latin-1"), content_type="text/html; charset=iso-8859-1")
    server.routes["/j"] = answer(b'{"a": 1}', content_type="application/json")
    found = (await client.request("GET", f"{server.url}/a", params={"q": "x y"})).check()
    assert (found.text, found.media_type, found.status) == ("Grüße", "text/html", 200)
    assert server.asked[0].line == "GET /a?q=x+y HTTP/1.1"
    assert (await client.request("POST", f"{server.url}/j", body={"b": 2})).json() == {"a": 1}
    assert server.asked[1].body == b'{"b":2}'


async def test_no_answer_takes_longer_than_the_total(server: Server, client: Client) -> None:
    quick = Limits(total_s=0.5)
    server.routes |= {"/silence": silence, "/drip": drip, "/headers": drip_headers, "/round": redirect("/drip")}
    for path in server.routes:
        async with asyncio.timeout(8):
            error = await refusal(client, f"{server.url}{path}", limits=quick)
        assert isinstance(error, Unavailable)
        assert (error.kind, str(error)) == ("timeout", "Example did not answer in time.")


async def test_no_answer_is_larger_than_the_limit(server: Server, client: Client) -> None:
    layers = gzip.compress(gzip.compress(bytes(50_000_000)))
    server.routes |= {
        "/endless": endless,
        "/declared": answer(b"x", content_length="100001"),
        "/gzip": answer(gzip.compress(bytes(50_000_000)), content_encoding="gzip"),
        "/deflate": answer(zlib.compress(bytes(50_000_000)), content_encoding="deflate"),
        "/layers": answer(layers, content_encoding="gzip, gzip"),
    }
    for path in server.routes:
        error = await refusal(client, f"{server.url}{path}")
        assert isinstance(error, ToolFailed), path
        assert str(error) == "Example sent more than 97 KiB, which is too much."
    server.routes["/"] = answer(b"x", content_length="9" * 400)
    await refusal(client, server.url)


async def test_what_is_compressed_is_unpacked(server: Server, client: Client) -> None:
    server.routes["/"] = answer(gzip.compress(b"hello " * 1000), content_encoding="gzip")
    assert (await client.request("GET", server.url)).body == b"hello " * 1000
    server.routes["/"] = answer(b"no gzip at all", content_encoding="gzip")
    error = await refusal(client, server.url)
    assert isinstance(error, Unavailable)
    assert error.kind == "garbled"


async def test_a_length_that_lies(server: Server, client: Client) -> None:
    server.routes["/more"] = answer(b"x" * 10, content_length="50", close=True)
    error = await refusal(client, f"{server.url}/more")
    assert isinstance(error, Unavailable)
    server.routes["/less"] = answer(b"hello and more", content_length="5", close=True)
    assert (await client.request("GET", f"{server.url}/less")).body == b"hello"


async def test_only_types_that_were_asked_for_are_read(server: Server, client: Client) -> None:
    server.routes["/"] = answer(b"<html>", content_type="text/html; charset=utf-8")
    server.routes["/exe"] = answer(b"MZ", content_type="application/octet-stream")
    pages = Limits(media_types=("text/*", "application/json"))
    assert (await client.request("GET", server.url, limits=pages)).text == "<html>"
    assert "something else" in str(await refusal(client, f"{server.url}/exe", limits=pages))
    del server.routes["/exe"]
    assert (await client.request("GET", f"{server.url}/exe", limits=pages)).status == 404, "errors come as they like"


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        ("408 x", "timeout"),
        ("425 x", "server"),
        ("429 x", "rate_limit"),
        ("500 x", "server"),
        ("503 x", "overloaded"),
        ("400 x", None),
        ("401 x", None),
        ("403 x", None),
        ("404 x", None),
        ("409 x", None),
        ("410 x", None),
        ("422 x", None),
        ("304 x", None),
    ],
)
async def test_what_a_status_means(server: Server, client: Client, status: str, kind: str | None) -> None:
    server.routes["/"] = answer(SECRET.encode(), status, retry_after="5")
    error = await refusal(client, f"{server.url}/?key={SECRET}", headers={"authorization": SECRET})
    assert str(error).startswith("Example ")
    if kind is None:
        assert isinstance(error, ToolFailed)
    else:
        assert isinstance(error, Unavailable)
        assert (error.kind, error.retry_after) == (kind, timedelta(seconds=5))


async def test_the_body_of_an_error_can_be_read_and_is_short(server: Server, client: Client) -> None:
    server.routes["/"] = answer(b'{"message": "no"}', "422 x")
    server.routes["/endless"] = answer(b"x" * 1_000_000, "500 x")
    assert (await client.request("GET", server.url)).json() == {"message": "no"}
    assert len((await client.request("GET", f"{server.url}/endless")).body) == 64 * 1024


async def test_nobody_is_there() -> None:
    url = f"http://127.0.0.1:{free_port()}"
    client = Client("Example", trusted=[url])
    error = await refusal(client, url)
    assert isinstance(error, Unavailable)
    assert error.kind == "connection"
    await client.close()


INSIDE = ["127.0.0.1", "localhost", "127.1", "2130706433", "0x7f000001", "0x7f.1", "[::1]", "[::ffff:127.0.0.1]", "0"]


@pytest.mark.parametrize("host", INSIDE)
async def test_nobody_is_sent_inside(server: Server, host: str) -> None:
    client = Client("Example")
    error = await refusal(client, f"http://{host}:{server.port}/?key={SECRET}")
    assert isinstance(error, ToolFailed)
    assert "private network or on this machine" in str(error)
    assert server.asked == []
    await client.close()


@pytest.mark.parametrize("to", ["http://169.254.169.254/latest", "http://[fd00:ec2::254]/", "http://10.1.2.3:8080/"])
async def test_redirects_are_checked_as_well(server: Server, client: Client, to: str) -> None:
    server.routes["/"] = redirect(to)
    assert "private network" in str(await refusal(client, server.url))


async def test_the_trusted_server_is_one_port_of_one_host(server: Server, client: Client) -> None:
    async with Server({"/": answer(SECRET.encode())}) as other:
        server.routes["/"] = redirect(other.url)
        assert "private network" in str(await refusal(client, server.url))
        assert other.asked == []


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "ftp://example.org/", "gopher://x/", "//x", "x", "http://", "http://0177.0.0.1/", ""]
)
async def test_what_is_no_web_address(client: Client, url: str) -> None:
    assert isinstance(await refusal(client, url), ToolFailed)


async def test_redirects_lead_nowhere_else_than_the_web(server: Server, client: Client) -> None:
    for to in ("file:///etc/passwd", f"http://kim:{SECRET}@example.org/", "http://[::1", "http://\0/"):
        server.routes["/"] = redirect(to)
        assert isinstance(await refusal(client, server.url), ClaraError)


async def test_redirects_end(server: Server, client: Client) -> None:
    server.routes |= {"/": redirect("/a"), "/a": redirect("/")}
    assert "more than 5 times" in str(await refusal(client, server.url))
    assert len(server.asked) == 6


async def test_credentials_stay_with_their_origin(server: Server) -> None:
    async with Server({"/end": answer()}) as other:
        client = Client("Example", trusted=[server.url, other.url])
        server.routes |= {"/here": redirect("/end"), "/end": answer(), "/there": redirect(f"{other.url}/end")}
        headers = {"authorization": SECRET, "cookie": SECRET, "x-api-key": SECRET, "accept": "text/plain"}
        await client.request("GET", f"{server.url}/here", headers=headers)
        assert [asked.headers["authorization"] for asked in server.asked] == [SECRET, SECRET]
        await client.request("GET", f"{server.url}/there", headers=headers)
        [asked] = other.asked
        assert SECRET not in str(asked)
        assert asked.headers["accept"] == "text/plain"
        assert asked.headers["host"] == f"127.0.0.1:{other.port}"
        await client.close()


async def test_what_was_posted_stays_with_its_origin(server: Server) -> None:
    async with Server({"/end": answer()}) as other:
        client = Client("Example", trusted=[server.url, other.url])
        for status, method, body in (("302 x", "GET", b""), ("303 x", "GET", b""), ("307 x", "POST", SECRET.encode())):
            server.routes |= {"/": redirect("/end", status), "/end": answer()}
            await client.request("POST", server.url, body=SECRET.encode())
            assert (server.asked[-1].line.split()[0], server.asked[-1].body) == (method, body)
            server.routes["/"] = redirect(f"{other.url}/end", status)
            if body:
                assert "elsewhere" in str(await refusal(client, server.url, "POST", body=body))
            else:
                await client.request("POST", server.url, body=SECRET.encode())
        assert SECRET not in str(other.asked)
        await client.close()


async def test_cookies_are_not_kept(server: Server, client: Client) -> None:
    server.routes["/"] = answer(set_cookie="session=4711; Path=/")
    await client.request("GET", server.url)
    await client.request("GET", server.url)
    assert "cookie" not in server.asked[1].headers


async def test_proxies_of_the_environment_are_not_used(
    server: Server, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with Server() as proxy:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        server.routes["/"] = answer()
        own = Client("Example", trusted=[server.url])
        assert (await own.request("GET", server.url)).status == 200
        assert proxy.asked == []
        await own.close()


class Rebinding:
    """A name that points to one address, and to another whenever it is looked up again."""

    def __init__(self, *addresses: str) -> None:
        self._addresses = list(addresses)
        self.lookups = 0

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        self.lookups += 1
        return [self._addresses[min(self.lookups, len(self._addresses)) - 1]]


@pytest.fixture
def one_public(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if 127.0.0.1 were the internet, and 127.0.0.2 not."""
    monkeypatch.setattr(network, "is_public", lambda address: address == "127.0.0.1")


@pytest.mark.usefixtures("one_public")
async def test_what_was_checked_is_connected_to_and_each_connection_is_checked(server: Server) -> None:
    async with Server({"/": answer(SECRET.encode())}, host="127.0.0.2", port=server.port) as inside:
        server.routes["/"] = answer(b"public", connection="close", close=True)
        names = Rebinding("127.0.0.1", "127.0.0.2")
        client = Client("Example", resolve=names)
        url = f"http://rebind.example:{server.port}/"
        assert (await client.request("GET", url)).text == "public"
        assert names.lookups == 1, "another look-up could have said something else"
        assert server.asked[0].headers["host"] == f"rebind.example:{server.port}"
        assert "rebind.example is in a private network" in str(await refusal(client, url))
        assert inside.asked == []
        await client.close()


@pytest.mark.usefixtures("one_public")
async def test_a_name_with_one_address_inside_is_refused(server: Server) -> None:
    async def both(host: str, port: int) -> Sequence[str]:
        return ["127.0.0.1", "127.0.0.2"]

    client = Client("Example", resolve=both)
    assert "private network" in str(await refusal(client, f"http://both.example:{server.port}/"))
    await client.close()


async def test_the_next_address_is_tried_where_the_first_does_not_answer(server: Server) -> None:
    async def two(host: str, port: int) -> Sequence[str]:
        return ["127.0.0.3", "127.0.0.1"]

    server.routes["/"] = answer()
    url = f"http://two.example:{server.port}"
    client = Client("Example", trusted=[url], resolve=two)
    assert (await client.request("GET", url)).status == 200
    await client.close()


async def test_a_name_that_does_not_exist_is_no_outage() -> None:
    client = Client("Example")
    error = await refusal(client, "http://no-such-host.invalid/")
    assert isinstance(error, ToolFailed | Unavailable)  # which one, the resolver of the machine decides
    await client.close()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate of our own for secure.example, with its key."""
    if which("openssl") is None:
        pytest.skip("openssl is not installed, which makes the certificate of this test")
    made = tmp_path_factory.mktemp("tls") / "pair.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", str(made), "-out", f"{made}.crt"]
    subject = ["-subj", "/CN=secure.example", "-addext", "subjectAltName=DNS:secure.example"]
    subprocess.run([*command, *subject], check=True, capture_output=True)
    made.write_bytes(made.read_bytes() + Path(f"{made}.crt").read_bytes())
    return made


async def test_a_certificate_is_checked_against_the_name(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)

    async def here(host: str, port: int) -> Sequence[str]:
        return ["127.0.0.1"]

    async with Server({"/": answer(b"secure")}, ssl=context) as server:
        urls = [f"https://{name}.example:{server.port}/" for name in ("secure", "other")]
        stranger = Client("Example", trusted=urls, resolve=here)
        error = await refusal(stranger, urls[0])
        assert isinstance(error, ToolFailed)
        assert "certificate" in str(error)
        await stranger.close()
        monkeypatch.setenv("SSL_CERT_FILE", f"{certificate}.crt")
        monkeypatch.setattr(network, "certificates", network.certificates.__wrapped__)
        client = Client("Example", trusted=urls, resolve=here)
        assert (await client.request("GET", urls[0])).text == "secure"
        assert "certificate" in str(await refusal(client, urls[1]))
        await client.close()
