"""Every tool that works with files: what it sends, its faults, and whose it is. test_once.py is about what is made."""

import pytest

from clara import google
from clara.errors import ToolFailed, Unavailable
from clara.tools.provenance import Provenance
from clara.tools.tool import Effect
from tests.activities.google.desk import TOKENS, Desk, accounts_of
from tests.activities.google.filed import CALLS, CREATING, LOOKS_FIRST, Filed, written
from tests.loopback.google import Fault, refusal
from tests.loopback.http import answer

PAGE = answer(b"<html>Server Error", "502 Bad Gateway", content_type="text/html")
LIMIT = refusal("403 Forbidden", "userRateLimitExceeded", "User Rate Limit Exceeded.")


async def test_the_table_of_calls_is_complete(desk: Desk) -> None:
    tools = await desk.tools()
    ours = {name.removeprefix("google_") for name in tools if not name.startswith("google_calendar")}
    assert set(CALLS) == ours
    assert set(CREATING) == {name for name in ours if tools[f"google_{name}"].effect is Effect.WRITE}
    for name in ours:
        tool = tools[f"google_{name}"]
        assert tool.view is not None
        assert tool.view(tool.parse(CALLS[name]))
        assert tool.verify or name not in CREATING


async def test_each_call_carries_the_token_of_its_person_alone(filed: Filed) -> None:
    for who in ("ann", "bob"):
        for name in filed.one_by_one(CALLS):
            await filed.desk.run(name, who, **CALLS[name])
            for asked in filed.desk.server.asked:
                assert asked.headers["authorization"] == f"Bearer {TOKENS[who]}"
                rest = [asked.line, str(asked.body), *(v for k, v in asked.headers.items() if k != "authorization")]
                assert not any(token in part for token in TOKENS.values() for part in rest)


async def test_what_is_not_there_is_told(filed: Filed) -> None:
    names = [name for name in CALLS if CALLS[name].keys() & {"file", "document", "spreadsheet"}]
    for name in filed.one_by_one(names):
        for people in filed.drive.people.values():
            people.pop("p-bob", None)
        with pytest.raises(ToolFailed, match="no such thing, or the account may not see it"):
            await filed.desk.run(name, "bob", **CALLS[name])
        assert not [line for line in written(filed.desk) if "/copy" not in line]


async def test_rate_limit_is_waited_for_by_reads_and_told_by_writes(filed: Filed) -> None:
    for name in filed.one_by_one(CALLS):
        filed.break_call(Fault(LIMIT))
        writes = name in CREATING or name in LOOKS_FIRST
        with pytest.raises(ToolFailed if writes else Unavailable, match="rate limit"):
            await filed.desk.run(name, **CALLS[name])


async def test_page_of_an_error_is_unavailable_and_nothing_of_it_is_found(filed: Filed) -> None:
    for name in filed.one_by_one(CALLS):
        filed.break_call(Fault(PAGE))
        with pytest.raises(Unavailable):
            await filed.desk.run(name, **CALLS[name])
        if name in CREATING:
            assert (await filed.desk.verify(name, **CALLS[name])).state == "not_done"


async def test_who_may_only_read_changes_nothing(filed: Filed) -> None:
    filed.desk.accounts = accounts_of([google.DRIVE_READ])
    for name in filed.one_by_one(CREATING):
        with pytest.raises(ToolFailed, match="did not allow this"):
            await filed.desk.run(name, **CALLS[name])
        assert not written(filed.desk)


async def test_what_others_wrote_is_marked_and_private(filed: Filed) -> None:
    for name in filed.one_by_one(CALLS):
        output = await filed.desk.run(name, **CALLS[name])
        if name in CREATING or name in LOOKS_FIRST:
            assert output.provenance is Provenance.CLARA
            assert "https://" in output.text
        else:
            assert output.provenance is Provenance.OTHERS
            assert output.private
            assert output.source
            assert output.text.count("</google>") == 1


async def test_another_thing_than_was_meant_is_not_touched(filed: Filed) -> None:
    for name in filed.one_by_one(sorted(LOOKS_FIRST)):
        other = {key: "Something else" for key in CALLS[name].keys() & {"current_name", "title"}}
        with pytest.raises(ToolFailed, match="is not called 'Something else'"):
            await filed.desk.run(name, **{**CALLS[name], **other})
        assert not written(filed.desk)
