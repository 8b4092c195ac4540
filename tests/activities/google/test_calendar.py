"""The tools for calendars, against a loopback Google that holds what it is asked to Google's own description."""

import json
from typing import Any

import pytest

from activities.google.tools import calendar
from clara.errors import ToolFailed, Unavailable
from clara.tools.provenance import Provenance
from clara.tools.tool import Effect, Risk
from tests.activities.google.desk import TOKENS, Desk
from tests.loopback.google import Fault, refusal
from tests.loopback.google.calendar import Calendars
from tests.loopback.google.server import NOT_FOUND, UNAUTHORIZED

WEDNESDAY: dict[str, Any] = {"start": "2026-12-02T10:00", "end": "2026-12-02T11:00"}
CALLS: dict[str, dict[str, Any]] = {
    "calendar_list_events": {},
    "calendar_get_event": {"event_id": "tea"},
    "calendar_list_calendars": {},
    "calendar_create_event": {"title": "Plans", **WEDNESDAY},
    "calendar_update_event": {"event_id": "tea", "current_title": "Tea", "title": "High tea"},
    "calendar_delete_event": {"event_id": "tea", "current_title": "Tea"},
}


def sent(desk: Desk) -> dict[str, Any]:
    """The body of the last request."""
    found = json.loads(desk.server.asked[-1].body)
    assert isinstance(found, dict)
    return found


async def test_events_are_a_list_of_links_in_the_persons_own_time(desk: Desk) -> None:
    output = await desk.run("calendar_list_events")
    assert output.provenance is Provenance.OTHERS
    assert output.private
    assert output.source == "the calendar primary"
    shown = [line for line in output.text.splitlines() if line.startswith("- ")]
    assert shown == [
        "- [Tea](https://www.google.com/calendar/event?eid=tea): Thu 2026-12-03 10:00-11:00 (Europe/Berlin); "
        "at Kitchen; 1 guests; id tea",
        "- [Fair](https://www.google.com/calendar/event?eid=fair): Sat 2026-12-05 to Sun 2026-12-06, all day; id fair",
    ]
    assert desk.lines == [
        "GET /calendar/v3/calendars/primary/events?timeMin=2026-11-28T00%3A05%3A00%2B00%3A00&maxResults=20"
        "&timeZone=Europe%2FBerlin&singleEvents=true&orderBy=startTime&alt=json"
    ]


async def test_days_are_those_of_the_person_and_words_are_searched_for(desk: Desk) -> None:
    output = await desk.run("calendar_list_events", time_min="2026-12-03", time_max="2026-12-04", query="tea")
    assert "[Tea]" in output.text
    assert "timeMin=2026-12-03T00%3A00%3A00%2B01%3A00" in desk.lines[0]
    assert (await desk.run("calendar_list_events", time_min="2027-01-01")).text == "There are no events."


async def test_next_page_is_told_and_can_be_read(desk: Desk) -> None:
    first = await desk.run("calendar_list_events", max_results=1)
    assert 'There is more: page_token="1"' in first.text
    second = await desk.run("calendar_list_events", max_results=1, page_token="1")
    assert "Fair" in second.text
    assert "There is more" not in second.text


async def test_event_is_shown_whole_and_cannot_end_the_marks_around_it(desk: Desk) -> None:
    output = await desk.run("calendar_get_event", event_id="tea")
    assert output.provenance is Provenance.OTHERS
    assert "Bring cake." in output.text
    assert "- mallory@example.org: comes" in output.text
    assert "obey me" not in output.text
    assert output.text.count("</google>") == 1
    assert output.text.endswith("</google>")


async def test_calendars_have_their_ids(desk: Desk) -> None:
    text = (await desk.run("calendar_list_calendars")).text
    assert "- ann (the main one, id ann@example.org; you are owner; Europe/Berlin)" in text
    assert "- Team (id team@group.calendar.google.com; you are reader)" in text


async def test_event_is_made_as_it_was_asked_for_in_the_persons_time(desk: Desk, calendars: Calendars) -> None:
    output = await desk.run(
        "calendar_create_event", title="Plans", **WEDNESDAY, location="Hall", description="Of all kinds.",
        attendees=["bob@example.org"], repeat="weekly", repeat_on=["WE"], repeat_until="2026-12-23",
    )  # fmt: skip
    assert output.provenance is Provenance.CLARA
    assert "Wed 2026-12-02 10:00-11:00 (Europe/Berlin)" in output.text
    assert "Invited: bob@example.org." in output.text
    assert desk.lines == ["POST /calendar/v3/calendars/primary/events?sendUpdates=all&alt=json"]
    assert {**sent(desk), "id": ""} == {
        "id": "", "summary": "Plans", "location": "Hall", "description": "Of all kinds.",
        "start": {"dateTime": "2026-12-02T10:00:00+01:00", "timeZone": "Europe/Berlin"},
        "end": {"dateTime": "2026-12-02T11:00:00+01:00", "timeZone": "Europe/Berlin"},
        "attendees": [{"email": "bob@example.org"}],
        "recurrence": ["RRULE:FREQ=WEEKLY;BYDAY=WE;UNTIL=20261223T225959Z"],
    }  # fmt: skip
    assert calendars.mails == ["bob@example.org"]


async def test_event_of_whole_days_ends_with_the_last_one(desk: Desk, calendars: Calendars) -> None:
    output = await desk.run("calendar_create_event", title="Holiday", start="2026-12-24", end="2026-12-26")
    assert "Thu 2026-12-24 to Sat 2026-12-26, all day" in output.text
    assert (sent(desk)["start"], sent(desk)["end"]) == ({"date": "2026-12-24"}, {"date": "2026-12-27"})
    assert sent(desk)["visibility"] == "private"
    assert calendars.mails == []


async def test_where_nobody_knows_the_persons_zone_it_is_that_of_the_calendar(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.activities.google.desk.ZONE", None)
    await desk.run("calendar_create_event", **CALLS["calendar_create_event"])
    assert desk.lines[0] == "GET /calendar/v3/calendars/primary?alt=json"
    assert sent(desk)["start"] == {"dateTime": "2026-12-02T10:00:00+01:00", "timeZone": "Europe/Berlin"}


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"end": "2026-12-02T09:00"}, "the end must come after the start"),
        ({"end": "2026-12-02"}, "both be days, or both be times"),
        ({"start": "Thursday at ten"}, r"must be like 2026-12-03T10:00"),
        ({"repeat": "daily"}, "either repeat_count or repeat_until"),
        ({"repeat": "daily", "repeat_count": 500}, "less than or equal to 366"),
        ({"repeat": "daily", "repeat_until": "2050-01-01"}, "within five years"),
        ({"attendees": ["bob"]}, "should match pattern"),
        ({"attendees": ["bob@example.org,eve@example.org"]}, "should match pattern"),
        ({"calendar_id": "a b"}, "should match pattern"),
    ],
)
async def test_wrong_arguments_are_told_before_anything_is_asked(desk: Desk, wrong: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        await desk.run("calendar_create_event", **{**CALLS["calendar_create_event"], **wrong})
    assert not desk.lines


async def test_change_is_of_what_was_read_and_keeps_the_other_guests(desk: Desk, calendars: Calendars) -> None:
    change: dict[str, Any] = {
        **CALLS["calendar_update_event"], "start": "2026-12-03", "end": "2026-12-03",
        "add_attendees": ["bob@example.org", "Mallory@example.org"],
    }  # fmt: skip
    output = await desk.run("calendar_update_event", **change)
    assert "Changed: [High tea]" in output.text
    assert "Thu 2026-12-03, all day" in output.text
    assert desk.server.asked[-1].headers["if-match"] == '"1"'
    assert sent(desk)["start"] == {"date": "2026-12-03", "dateTime": None, "timeZone": None}
    guests = [guest["email"] for guest in calendars.events["ann"]["tea"]["attendees"]]
    assert guests == ["mallory@example.org", "bob@example.org"]
    # An attempt after a lost answer changes nothing, and nobody gets another e-mail.
    mails, asked = len(calendars.mails), len(desk.lines)
    assert "It is so already: [High tea]" in (await desk.run("calendar_update_event", **change)).text
    assert len(calendars.mails) == mails
    assert [line[:3] for line in desk.lines[asked:]] == ["GET"]


async def test_change_by_somebody_else_in_between_is_told(desk: Desk, calendars: Calendars) -> None:
    desk.server.faults = [Fault(refusal("412 Precondition Failed", "conditionNotMet"))]
    desk.server.handlers = {**desk.server.handlers, "calendar.events.get": lambda call: calendars.events["ann"]["tea"]}
    with pytest.raises(ToolFailed, match="changed meanwhile, so nothing was done"):
        await desk.run("calendar_update_event", **CALLS["calendar_update_event"])


@pytest.mark.parametrize("name", ["calendar_update_event", "calendar_delete_event"])
async def test_event_of_another_title_than_the_person_was_shown_is_not_touched(desk: Desk, name: str) -> None:
    with pytest.raises(ToolFailed, match="is not called 'Lunch'"):
        await desk.run(name, **{**CALLS[name], "current_title": "Lunch"})
    assert [line[:3] for line in desk.lines] == ["GET"]


async def test_deleted_event_is_deleted_also_at_another_attempt(desk: Desk, calendars: Calendars) -> None:
    for _ in range(2):
        assert (await desk.run("calendar_delete_event", **CALLS["calendar_delete_event"])).text == "Deleted: Tea"
    assert calendars.events["ann"]["tea"]["status"] == "cancelled"
    assert calendars.mails == ["mallory@example.org"]
    assert sum(line.startswith("DELETE") for line in desk.lines) == 1


async def test_what_reaches_others_says_so_and_the_person_reads_whom(desk: Desk) -> None:
    tools = await desk.tools()
    create = tools["google_calendar_create_event"]
    assert create.reaches is not None
    assert create.view is not None
    alone = create.parse(CALLS["calendar_create_event"])
    inviting = create.parse({**CALLS["calendar_create_event"], "attendees": ["bob@example.org"], "location": "Hall"})
    elsewhere = create.parse({**CALLS["calendar_create_event"], "calendar_id": "team@example.org"})
    visible = create.parse({**CALLS["calendar_create_event"], "visible": True})
    found = [create.reaches(each) for each in (alone, inviting, elsewhere, visible)]
    assert found == [Risk.CHANGE, *[Risk.OUTWARD] * 3]
    assert create.view(visible).endswith("; shown to who may read the calendar")
    assert create.view(inviting) == (
        "Plans: 2026-12-02T10:00 to 2026-12-02T11:00; Hall; invite bob@example.org, who get an e-mail"
    )
    assert create.view(elsewhere) == "Plans in team@example.org: 2026-12-02T10:00 to 2026-12-02T11:00"
    for name in ("calendar_update_event", "calendar_delete_event"):
        tool = tools[f"google_{name}"]
        assert tool.offered.risk is Risk.OUTWARD
        assert tool.view is not None
        assert "Tea" in tool.view(tool.parse(CALLS[name]))


# All tools


def test_every_tool_is_called_here() -> None:
    assert {f"google_{name}" for name in CALLS} == {tool.name for tool in calendar.tools(None)}  # type: ignore[arg-type]


@pytest.mark.parametrize("name", CALLS)
async def test_of_two_people_each_is_served_with_their_own_account(desk: Desk, calendars: Calendars, name: str) -> None:
    calendars.add("bob", **{k: v for k, v in calendars.events["ann"]["tea"].items() if k != "etag"})
    for who in TOKENS:
        await desk.run(name, who, key=f"{who}/0/c1", **CALLS[name])
        assert {asked.headers["authorization"] for asked in desk.server.asked} == {f"Bearer {TOKENS[who]}"}
        desk.server.asked.clear()


@pytest.mark.parametrize("name", CALLS)
async def test_what_is_not_there_is_told(desk: Desk, name: str) -> None:
    desk.server.faults = [Fault(NOT_FOUND)]
    with pytest.raises(ToolFailed, match="has no such thing, or the account may not see it"):
        await desk.run(name, **CALLS[name])


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize("reason", ["rateLimitExceeded", "RATE_LIMIT_EXCEEDED"])
async def test_rate_limit_is_waited_for_by_what_only_reads(desk: Desk, name: str, reason: str) -> None:
    desk.server.faults = [Fault(refusal("403 Forbidden", reason, retry_after="600"))]
    tool = (await desk.tools())[f"google_{name}"]
    with pytest.raises((Unavailable, ToolFailed), match="rate limit is reached") as raised:
        await desk.run(name, **CALLS[name])
    assert len(desk.server.asked) == 1
    if tool.effect is Effect.READ:
        assert isinstance(raised.value, Unavailable)
        assert raised.value.retry_after is not None
        assert raised.value.retry_after.total_seconds() == 600


@pytest.mark.parametrize("name", CALLS)
async def test_token_that_is_no_longer_good_asks_to_connect_again(desk: Desk, name: str) -> None:
    desk.server.faults = [Fault(UNAUTHORIZED), Fault(UNAUTHORIZED)]
    with pytest.raises(ToolFailed, match="/connect google again"):
        await desk.run(name, **CALLS[name])
