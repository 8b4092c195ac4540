"""Notifications and stars: what is the account's own."""

import json
from typing import Any

import pytest

from clara.tools.provenance import Provenance
from tests.activities.github.conftest import Desk
from tests.activities.web.asking import SAID
from tests.loopback.github import notifications, stars

HERE: dict[str, Any] = {"owner": "acme", "repo": "tides"}
CALLS: dict[str, dict[str, Any]] = {
    "list_notifications": {},
    "mark_notifications_read": {"everything": True},
    "list_starred_repos": {},
    "star_repository": {**HERE},
    "unstar_repository": {**HERE},
}
CREATING: list[str] = []


@pytest.fixture
def notified(desk: Desk) -> None:
    world = desk.server.world
    now, world.now = world.now, SAID.sent_at.replace(hour=0, minute=0)
    for who in ("ann", "bob"):
        world.now = SAID.sent_at.replace(day=27)
        notifications.add(world, who, "acme/tides", "Wrong <b>tide</b>\nnow")
        notifications.add(world, who, "acme/boats", "Paint", "PullRequest", 7)
        world.now = now
        notifications.add(world, who, "acme/tides", "Fog", "Discussion")


def unread(desk: Desk, who: str) -> list[str]:
    there = desk.server.world.of(who, notifications.Notifications).threads
    return [each["id"] for each in there if each["unread"]]


@pytest.mark.usefixtures("notified")
async def test_notifications_are_listed_with_where_they_lead(desk: Desk) -> None:
    output = await desk.run("list_notifications")
    for line in (
        "- [acme/tides: Wrong <b>tide</b> now](https://github.com/acme/tides/issues/1) "
        "(unread; Issue; because of mention; updated 2026-11-27 00:00 UTC; thread 1)",
        "- [acme/boats: Paint](https://github.com/acme/boats/pull/7) (unread; PullRequest;",
        "- [acme/tides: Fog](https://github.com/acme/tides) (unread; Discussion;",
    ):
        assert line in output.text
    assert output.provenance is Provenance.OTHERS
    assert desk.lines == ["GET /notifications?page=1&per_page=30"]


@pytest.mark.usefixtures("notified")
async def test_notifications_can_be_narrowed(desk: Desk) -> None:
    output = await desk.run(
        "list_notifications", **HERE, include_read=True, participating=True, since="2026-11-27T00:00:00+01:00"
    )
    assert "Paint" not in output.text
    assert desk.lines == [
        "GET /repos/acme/tides/notifications?all=true&page=1&participating=true&per_page=30"
        "&since=2026-11-26T23%3A00%3A00Z"
    ]


@pytest.mark.usefixtures("notified")
async def test_single_ones_are_marked(desk: Desk) -> None:
    output = await desk.run("mark_notifications_read", threads=["1", "3"])
    assert output.text == "Marked 2 as read."
    assert desk.lines == ["PATCH /notifications/threads/1", "PATCH /notifications/threads/3"]
    assert unread(desk, "ann") == ["2"]
    assert unread(desk, "bob") == ["3", "2", "1"]


@pytest.mark.usefixtures("notified")
async def test_what_came_after_the_person_has_asked_stays_unread(desk: Desk) -> None:
    output = await desk.run("mark_notifications_read", everything=True)
    assert output.text == "Marked as read what all repositories had until 2026-11-28T00:00:00Z."
    assert unread(desk, "ann") == ["3"]
    await desk.run("mark_notifications_read", **HERE, everything=True, up_to="2026-11-29T00:00:00Z")
    assert desk.lines[-1] == "PUT /repos/acme/tides/notifications"
    assert json.loads(desk.server.asked[-1].body) == {"last_read_at": "2026-11-29T00:00:00Z"}
    assert not unread(desk, "ann")


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"threads": []},
        {"threads": ["1"], "everything": True},
        {"threads": ["../x"]},
        {"everything": True, "owner": "a"},
    ],
)
async def test_what_is_to_be_marked_has_to_be_clear(desk: Desk, wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="arguments of github_mark_notifications_read are wrong"):
        (await desk.tools())["github_mark_notifications_read"].parse(wrong)


async def test_stars_are_given_and_taken_back(desk: Desk) -> None:
    assert (await desk.run("star_repository", **HERE)).text == "Starred acme/tides."
    assert desk.server.asked[-1].headers["content-length"] == "0"
    await desk.run("star_repository", owner="acme", repo="boats")
    await desk.run("star_repository", "bob", **HERE)
    assert desk.server.world.of("ann", stars.Stars).names == ["acme/tides", "acme/boats"]
    shown = (await desk.run("list_starred_repos")).text
    assert shown.index("acme/boats") < shown.index("acme/tides")
    await desk.run("unstar_repository", **HERE)
    assert "acme/tides" not in (await desk.run("list_starred_repos", sort="updated")).text
    assert "acme/tides" in (await desk.run("list_starred_repos", user="bob")).text
    assert desk.lines[-2:] == [
        "GET /user/starred?page=1&per_page=30&sort=updated", "GET /users/bob/starred?page=1&per_page=30&sort=created",
    ]  # fmt: skip
