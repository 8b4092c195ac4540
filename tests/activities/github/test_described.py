"""The loopback is held to GitHub's published description: what that does not know is seen."""

from typing import Any

import pytest

from tests.loopback.github.described import route_of

FILE: dict[str, Any] = {"type": "file", "name": "a", "path": "a", "sha": "0", "size": 1, "url": "", "html_url": None}


@pytest.mark.parametrize(
    ("method", "path", "name"),
    [
        ("GET", "/repos/acme/tides/contents/a/b.py", "GET /repos/{owner}/{repo}/contents/{path}"),
        ("GET", "/repos/acme/tides/releases/latest", "GET /repos/{owner}/{repo}/releases/latest"),
        ("GET", "/user/starred", "GET /user/starred"),
    ],
)
def test_route_is_found_by_its_path(method: str, path: str, name: str) -> None:
    route = route_of(method, path)
    assert route is not None
    assert route.name == name


def test_what_is_not_described_is_seen() -> None:
    assert route_of("GET", "/repos/acme/tides/nothing") is None
    listed = route_of("GET", "/repos/acme/tides/issues")
    assert listed is not None
    assert not listed.wrong_request({"state": "open", "page": "2"}, {})
    assert listed.wrong_request({"state": "half"}, {})
    assert listed.wrong_request({"colour": "red"}, {})
    assert listed.wrong_answer("200", [{"title": 1}])
    assert listed.wrong_answer("200", [{"titel": "a"}])
    assert listed.wrong_answer("201", [])
    created = route_of("PUT", "/repos/acme/tides/contents/a")
    assert created is not None
    assert not created.wrong_request({}, {"message": "m", "content": "YQ=="})
    assert created.wrong_request({}, {"message": "m"})
    read = route_of("GET", "/repos/acme/tides/contents/a")
    assert read is not None
    assert not read.wrong_answer("200", FILE)
    assert read.wrong_answer("200", {"colour": "red"})
