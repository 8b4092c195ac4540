"""Lists of hosts, as operators write them."""

import pytest

from clara.hosts import Anywhere, allowed_host, canonical, is_allowed


@pytest.mark.parametrize(
    ("entry", "host", "port", "allowed"),
    [
        ("example.org", "example.org", 443, True),
        ("example.org", "example.org", 80, True),
        ("example.org", "example.org", 22, False),
        ("example.org", "a.example.org", 443, False),
        ("example.org", "example.org.evil.net", 443, False),
        ("example.org", "evilexample.org", 443, False),
        (" Example.ORG. ", "example.org", 443, True),
        ("*.example.org", "a.example.org", 443, True),
        ("*.example.org", "a.b.example.org", 443, True),
        ("*.example.org", "example.org", 443, False),
        ("*.example.org", "aexample.org", 443, False),
        ("example.org:8443", "example.org", 8443, True),
        ("example.org:8443", "example.org", 443, False),
        ("*.example.org:22", "a.example.org", 22, True),
        ("bücher.example", "xn--bcher-kva.example", 443, True),
        ("1.1.1.1", "1.1.1.1", 443, True),
        ("[2606:4700::1111]:853", "2606:4700::1111", 853, True),
        ("2606:4700:0::1111", "2606:4700::1111", 443, True),
        ("localhost", "localhost", 80, True),
    ],
)
def test_what_an_entry_means(entry: str, host: str, port: int, allowed: bool) -> None:
    assert canonical(host) == host
    assert is_allowed([allowed_host(entry)], host, port) is allowed


@pytest.mark.parametrize(
    "entry",
    [
        *("", "*", "*.", "*.org", "**.example.org", "a.*.org", "http://example.org", "example.org/path", "a b"),
        *(
            "example.org:",
            "example.org:0",
            "example.org:99999",
            "example.org:x",
            "a..b",
            "-a.org",
            "[x]",
            "kim@example.org",
        ),
    ],
)
def test_what_is_no_entry(entry: str) -> None:
    with pytest.raises(ValueError, match="must be hosts like"):
        allowed_host(entry)


def test_nothing_is_allowed_by_an_empty_list() -> None:
    assert not is_allowed([], "example.org", 443)


@pytest.mark.parametrize(("port", "allowed"), [(443, True), (80, True), (8443, True), (25, False), (22, False)])
def test_anywhere_is_every_host_at_ports_that_are_not_of_other_services(port: int, allowed: bool) -> None:
    assert is_allowed([Anywhere("")], "example.org", port) is allowed
