"""Temporal's pages: shown under this machine's own names, and to no web page that borrows its address."""

import http.client
import json
from urllib.parse import urlsplit

import psutil
import pytest

from gateway.embedded.host_filter import checked
from tests.gateway.homes import TestHome, eventually


def head(*lines: str) -> bytes:
    return "\r\n".join([*lines, "", ""]).encode()


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.1:8233", "localhost:8233", "LOCALHOST", "[::1]:8233", "[::1]"])
def test_names_of_this_machine_are_let_through(host: str) -> None:
    found = checked(head("GET /x HTTP/1.1", f"Host: {host}", "Connection: keep-alive", "Cookie: a=b"))
    assert found == head("GET /x HTTP/1.1", f"Host: {host}", "Cookie: a=b", "Connection: close")


@pytest.mark.parametrize(
    "lines",
    [
        ("GET / HTTP/1.1", "Host: evil.example"),
        ("GET / HTTP/1.1", "Host: evil.example:8233"),
        ("GET / HTTP/1.1", "Host: 127.0.0.1.evil.example"),
        ("GET / HTTP/1.1", "Host: localhost@evil.example"),
        ("GET / HTTP/1.1", "Host: "),
        ("GET / HTTP/1.0",),
        ("GET / HTTP/1.1", "Host: localhost", "host : evil.example"),
        ("GET http://evil.example/ HTTP/1.1", "Host: localhost"),
        ("PRI * HTTP/2.0",),
        ("nonsense",),
        ("",),
    ],
)
def test_everything_else_is_refused(lines: tuple[str, ...]) -> None:
    assert checked(head(*lines)) is None


def ask(address: str, host: str, path: str = "/api/v1/namespaces", body: str | None = None) -> tuple[int, str]:
    connection = http.client.HTTPConnection(address, timeout=10)
    try:
        connection.request("POST" if body else "GET", path, body, headers={"Host": host})
        answer = connection.getresponse()
        return answer.status, answer.read().decode(errors="replace")
    except (http.client.BadStatusLine, ConnectionError):
        return 0, ""  # it does not speak HTTP/1
    finally:
        connection.close()


def test_no_name_but_this_machines_reaches_temporal(running: TestHome) -> None:
    address = urlsplit(running.record()["ui_url"]).netloc
    status, text = eventually(lambda: ask(address, address))
    assert status == 200
    assert json.loads(text)["namespaces"]
    assert "<html" in ask(address, "localhost", "/")[1]
    assert ask(address, "evil.example")[0] == 403
    assert ask(address, "evil.example", "/")[0] == 403
    # A body is passed on: the server itself says what it thinks of this one.
    assert ask(address, "localhost", "/api/v1/namespaces/default/workflows/none/terminate", "{}")[0] != 403

    server = psutil.Process(running.pids()["temporal"])
    on_the_known_address = [
        found.laddr.port
        for found in server.net_connections("tcp")
        if found.status == psutil.CONN_LISTEN and found.laddr.ip == "127.0.0.1"
    ]
    assert len(on_the_known_address) > 1
    for port in on_the_known_address:
        for host in ("evil.example", "127.0.0.1"):
            assert "namespaces" not in ask(f"127.0.0.1:{port}", host)[1], f"port {port} answers {host}"
