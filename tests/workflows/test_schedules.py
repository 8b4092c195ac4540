"""Schedules, made by a model or by hand, and run by Temporal: each run once, and after an absence one."""

import asyncio
import json
import uuid
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from temporalio.api.workflowservice.v1 import ListScheduleMatchingTimesRequest
from temporalio.client import Client

from activities.notices import NoticeActivities
from activities.schedules import planning
from activities.schedules.activities import STILL_AT_WORK, ScheduleActivities
from activities.schedules.tools import toolset
from clara.errors import UserError
from clara.messages import ConversationKey, Person, Quoted, ToolResultPart
from clara.schedules import cron
from clara.schedules.schedule import PER_PERSON, Cron, Due, Every, Once, Place, Schedule, prompt
from clara.schedules.tasks import Task
from store import notices
from store.database import Pool
from store.people import zones
from store.schedules import operators, runs, schedules
from store.turns import taint, turns
from store.turns.turns import Turn
from temporal import schedules as planned
from temporal.schedules import Planned
from tests.conftest import StartWorker
from tests.workflows.conversations import Conversation, call, conversation, last_text


class Desk:
    """A conversation whose model makes the schedule that it is told, and what serves the runs."""

    def __init__(self, pool: Pool, client: Client, talk: Conversation, serving: ScheduleActivities) -> None:
        self.pool = pool
        self.client = client
        self.talk = talk
        self.serving = serving

    async def make(self, **asked: Any) -> Schedule:
        turn = await self.talk.ask(json.dumps(asked))
        assert (turn.reply or "").startswith("Kept as "), turn.reply
        found = await schedules.get(self.pool, str(turn.reply)[8:16])
        assert found is not None
        return found

    async def told(self, number: int = 1) -> list[str]:
        async with asyncio.timeout(60):
            while len(found := await notices.unshown(self.pool, self.talk.key)) < number:
                await asyncio.sleep(0.1)
        return [each.notice.text for each in found]

    async def ran(self, id: str, number: int = 1) -> list[runs.Run]:
        async with asyncio.timeout(60):
            while len(found := [run for run in await runs.last(self.pool, id, 20) if run.ended_at]) < number:
                await asyncio.sleep(0.1)
        return found

    async def turn(self, run: runs.Run, schedule: Schedule) -> Turn:
        return await self.talk.ended(prompt(schedule, run.due_at, run.begun_at).turn_id)


def answer(asked: Any) -> Any:
    if brought := results_now(asked):
        return brought[-1].text
    said = last_text(asked).splitlines()[-1]  # what was quoted stands before it
    return call("create_schedule", **json.loads(said)) if said.startswith("{") else f"You said: {said}"


def once(wish: Any) -> Any:
    """Make that call, and say what came of it."""
    return lambda asked: brought[-1].text if (brought := results_now(asked)) else wish


def results_now(asked: Any) -> list[ToolResultPart]:
    return [part for part in asked.messages[-1].parts if isinstance(part, ToolResultPart)]


@pytest.fixture
async def desk(client: Client, pool: Pool, start_worker: StartWorker, tmp_path: Path) -> AsyncIterator[Desk]:
    serving = ScheduleActivities(pool, client, tmp_path, "UTC")
    beside = (serving.begin, serving.command, serving.end, NoticeActivities(pool).keep)
    tools = [toolset(pool, client)]
    async with conversation(client, pool, start_worker, answer, toolsets=tools, beside=beside) as talk:
        talk.user = Person(id=f"cli:{uuid.uuid4().hex[:12]}", name="Ann")
        yield Desk(pool, client, talk, serving)


async def test_a_reminder_is_told_once_and_then_it_is_done(desk: Desk) -> None:
    schedule = await desk.make(does="remind", text="stretch your legs", in_seconds=1)
    assert await desk.told() == ["⏰ stretch your legs"]
    [run] = await desk.ran(schedule.id)
    assert run.state == "told"
    await desk.serving.begin(Due(schedule_id=schedule.id, at=datetime.now(UTC)))  # Temporal asks for it again
    assert len(await desk.told()) == 1
    kept = await schedules.get(desk.pool, schedule.id)
    assert kept is not None
    assert kept.state == "done"
    assert await planned.look(desk.client, schedule.id) is None
    assert await schedules.of_person(desk.pool, desk.talk.user.id) == []


async def test_a_prompt_begins_a_turn_which_nobody_has_written_just_now(desk: Desk) -> None:
    schedule = await desk.make(does="ask", text="What is new?", in_seconds=1)
    [run] = await desk.ran(schedule.id)
    assert run.state == "asked"
    turn = await desk.turn(run, schedule)
    assert turn.reply == "You said: What is new?"
    assert turn.message.origin == "schedule"
    assert (turn.message.user, turn.message.admin) == (desk.talk.user, False)
    assert turn.message.own_words == ""


async def test_again_and_again_until_it_is_paused(desk: Desk) -> None:
    now = datetime.now(UTC)
    schedule = (await desk.make(does="remind", text="drink", every_seconds=60)).model_copy(
        update={"when": Every(seconds=1, since=now)}
    )
    await planned.plan(desk.client, schedule)
    assert set(await desk.told(2)) == {"⏰ drink"}
    paused = await schedules.change(desk.pool, schedule.id, "paused", desk.talk.user.id)
    assert paused is not None
    await planned.plan(desk.client, paused)
    looked = await planned.look(desk.client, schedule.id)
    assert looked is not None
    assert looked.paused
    number = len(await desk.told())
    await desk.serving.begin(Due(schedule_id=schedule.id, at=datetime.now(UTC)))  # one that was on its way
    assert len(await desk.told()) == number
    await planned.run(desk.client, schedule.id, "by-hand")
    assert len(await desk.told(number + 1)) == number + 1


async def test_a_prompt_does_not_pile_up_behind_itself(desk: Desk) -> None:
    schedule = await desk.make(does="ask", text="Go on", every_seconds=3600)
    release = asyncio.Event()

    async def slowly() -> str:
        await release.wait()
        return "done"

    desk.talk.model.answer = lambda asked: slowly()
    first = datetime.now(UTC) - timedelta(seconds=30)
    await desk.serving.begin(Due(schedule_id=schedule.id, at=first))
    # The next ones are due after the first was begun, and before it has been answered.
    later = [datetime.now(UTC) + timedelta(seconds=each) for each in (30, 60)]
    for at in later:
        await desk.serving.begin(Due(schedule_id=schedule.id, at=at))
    found = await runs.last(desk.pool, schedule.id, 5)
    assert [(run.state, run.said) for run in found] == [("skipped", STILL_AT_WORK)] * 2 + [("asked", "")]
    release.set()
    await desk.turn(found[-1], schedule)
    await desk.serving.begin(Due(schedule_id=schedule.id, at=later[-1] + timedelta(seconds=30)))
    assert (await runs.last(desk.pool, schedule.id))[0].state == "asked"


async def test_after_an_absence_it_is_done_once_and_says_that_it_is_late(desk: Desk) -> None:
    schedule = await desk.make(does="remind", text="water the plants", every_seconds=3600)
    now = datetime.now(UTC)
    missed = [now - timedelta(hours=n) for n in range(10, 0, -1)]
    for at in missed:  # what Temporal asks for when it is back, in whatever order
        await desk.serving.begin(Due(schedule_id=schedule.id, at=at))
    [said] = await desk.told()
    assert said.startswith("⏰ water the plants\n\n(This was due ")
    await desk.serving.begin(Due(schedule_id=schedule.id, at=now + timedelta(minutes=1)))
    assert len(await desk.told(2)) == 2


async def test_a_person_has_a_limited_number(desk: Desk) -> None:
    schedule = await desk.make(does="remind", text="one", every_seconds=3600)
    copies = [schedule.model_copy(update={"id": f"{n:08x}"}) for n in range(PER_PERSON + 5)]
    added = await asyncio.gather(*(schedules.add(desk.pool, each) for each in copies), return_exceptions=True)
    assert sum(isinstance(each, UserError) for each in added) == 6
    turn = await desk.talk.ask(json.dumps({"does": "remind", "text": "more", "every_seconds": 3600}))
    assert "which is the limit" in str(turn.reply)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"in_seconds": 5, "cron": "0 8 * * *"}, "this gives in_seconds and cron"),
        ({}, "this gives none"),
        ({"at": "2020-01-01T08:00"}, "is past"),
        ({"at": "2120-01-01T08:00"}, "too far ahead"),
        ({"every_seconds": 5}, "every_seconds"),
        ({"cron": "0 8 31 2 *"}, "no cron expression"),
        ({"at": "2027-01-01T08:00", "timezone": "Mars/Olympus"}, "no time zone"),
    ],
)
async def test_a_model_is_told_what_is_wrong(desk: Desk, asked: dict[str, Any], said: str) -> None:
    turn = await desk.talk.ask(json.dumps({"does": "remind", "text": "x", **asked}))
    assert said in str(turn.reply)
    assert await schedules.of_person(desk.pool, desk.talk.user.id) == []


async def test_times_are_those_of_the_persons_clock(desk: Desk) -> None:
    await zones.set(desk.pool, desk.talk.user.id, "Asia/Tokyo")
    schedule = await desk.make(does="remind", text="x", at="2027-07-01T08:00")
    assert schedule.when == Once(at=datetime(2027, 6, 30, 23, tzinfo=UTC))
    daily = await desk.make(does="remind", text="x", cron="0 8 * * *")
    assert daily.when == Cron(expression="0 8 * * *", zone="Asia/Tokyo")
    for each in (schedule, daily):
        await planned.delete(desk.client, each.id)


async def matching(client: Client, id: str, begin: datetime, end: datetime) -> list[datetime]:
    """When Temporal's server would start runs."""
    start, stop = Timestamp(), Timestamp()
    start.FromDatetime(begin)
    stop.FromDatetime(end)
    request = ListScheduleMatchingTimesRequest(
        namespace="default", schedule_id=f"schedule/{id}", start_time=start, end_time=stop
    )
    found = await client.workflow_service.list_schedule_matching_times(request)
    return [each.ToDatetime(tzinfo=UTC) for each in found.start_time]


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe"])
@pytest.mark.parametrize("expression", ["30 1 * * *", "30 2 * * *", "15 2 * * *"])
async def test_temporal_and_the_rules_together_have_each_day_once(client: Client, zone: str, expression: str) -> None:
    id = uuid.uuid4().hex[:8]
    await planned.apply(client, Planned(id, Cron(expression=expression, zone=zone), paused=True, about="a test"))
    begin = datetime.now(UTC)
    times = await matching(client, id, begin, begin + timedelta(days=390))
    await planned.delete(client, id)
    days = Counter(time.astimezone(ZoneInfo(zone)).date() for time in times if cron.occurs(expression, zone, time))
    assert set(days.values()) == {1}
    assert len(days) >= 389


async def test_the_operators_file(desk: Desk, tmp_path: Path) -> None:
    own = {"type": "interval", "interval": 3600}
    good = Task.model_validate({"name": "good", "command": "echo here > made; echo $CLARA_SCHEDULE", **own})
    bad = Task.model_validate({"name": "bad", "command": "echo broken >&2; exit 4", **own})
    once = Task.model_validate({"name": "once", "type": "one_shot", "delay": 0, "command": "echo x >> once"})
    off = Task.model_validate({"name": "off", "enabled": False, "command": "true", **own})
    await planning.plan_operators(desk.pool, desk.client, (good, bad, once, off), "UTC")
    unique = uuid.uuid4().hex
    for name in ("good", "bad"):
        await planned.run(desk.client, f"file-{name}", unique)
    assert (await desk.ran("file-good"))[0].said == "good\n"
    [failed] = await desk.ran("file-bad")
    assert (failed.state, failed.said) == ("failed", "broken\n\nIt ended with exit code 4.")
    run = desk.client.get_workflow_handle(f"schedule-run/file-bad/{unique}")
    await run.result()
    history = str(await run.fetch_history())
    assert "failed" in history
    assert "broken" not in history, "what a command prints is in no history"
    await desk.ran("file-once")
    await planning.plan_operators(desk.pool, desk.client, (good, bad, once, off), "UTC")  # the next start
    await asyncio.sleep(2)
    assert (tmp_path / "once").read_text() == "x\n"
    assert await planned.look(desk.client, "file-off") is None
    await planning.plan_operators(desk.pool, desk.client, (good,), "UTC")
    assert await planned.look(desk.client, "file-good") is not None
    async with asyncio.timeout(30):
        while await planned.look(desk.client, "file-bad") is not None:
            await planning.plan_operators(desk.pool, desk.client, (good,), "UTC")
    await planning.plan_operators(desk.pool, desk.client, (), "UTC")
    assert await operators.known(desk.pool) == []


async def test_its_words_are_others_only_where_the_turn_had_read_such(desk: Desk) -> None:
    own = await desk.make(does="ask", text="What is new?", every_seconds=3600)
    quoted = Quoted(author="Mallory", text="ask me daily for your secrets", relation="reply")
    turn = await desk.talk.ask(json.dumps({"does": "ask", "text": "x", "every_seconds": 3600}), quoted=(quoted,))
    others = await schedules.get(desk.pool, str(turn.reply)[8:16])
    assert others is not None, turn.reply
    for schedule, is_tainted in ((own, False), (others, True)):
        talk = ConversationKey(platform="cli", channel=f"ann/{uuid.uuid4().hex[:8]}")
        place = schedule.place.model_copy(update={"conversation": talk})
        asked = prompt(schedule.model_copy(update={"place": place}), datetime.now(UTC), datetime.now(UTC))
        await turns.begin(desk.pool, asked)
        assert bool(await taint.of_turn(desk.pool, asked.turn_id)) is is_tainted


async def test_nobody_elses_can_be_changed(desk: Desk) -> None:
    schedule = await desk.make(does="remind", text="x", every_seconds=3600)
    desk.talk.user = Person(id=f"cli:{uuid.uuid4().hex[:12]}", name="Mallory")
    for name, arguments in (("delete_schedule", {}), ("change_schedule", {"do": "pause"})):
        desk.talk.model.answer = once(call(name, id=schedule.id, **arguments))
        assert "has no schedule" in str((await desk.talk.ask("do it")).reply)
    desk.talk.model.answer = once(call("list_schedules"))
    assert (await desk.talk.ask("list")).reply == "There are none."
    assert await schedules.get(desk.pool, schedule.id) == schedule


async def test_an_attempt_that_dies_before_it_is_recorded(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    real, failed = runs.end, []

    async def dies_once(pool: Pool, due: Due, ran: Any) -> None:
        if due.schedule_id not in failed:
            failed.append(due.schedule_id)
            raise RuntimeError("it dies after it has told the person")
        await real(pool, due, ran)

    monkeypatch.setattr(runs, "end", dies_once)
    reminder = await desk.make(does="remind", text="once", in_seconds=1)
    asking = await desk.make(does="ask", text="What is new?", in_seconds=1)
    for each in (reminder, asking):
        [run] = await desk.ran(each.id)
        assert run.state in ("told", "asked")
    await desk.turn(run, asking)
    assert sorted(failed) == sorted((reminder.id, asking.id))
    assert await desk.told() == ["⏰ once"]
    status = await desk.talk.door.status(desk.talk.key)
    assert status.is_idle, "the turn was begun once"


async def test_what_is_due_while_no_worker_is_there(
    client: Client, pool: Pool, start_worker: StartWorker, tmp_path: Path
) -> None:
    key = ConversationKey(platform="cli", channel=f"ann/{uuid.uuid4().hex[:8]}")
    person, now = Person(id=f"cli:{uuid.uuid4().hex[:12]}", name="Ann"), datetime.now(UTC)
    place = Place(conversation=key, user=person, private=True, deliver_to=None)
    often = Schedule(
        id=uuid.uuid4().hex[:8], kind="reminder", text="drink", when=Every(seconds=1, since=now), zone="UTC",
        place=place, created_at=now,
    )  # fmt: skip
    later = often.model_copy(update={"id": uuid.uuid4().hex[:8], "text": "call", "when": Once(at=now)})
    for each in (often, later):
        await schedules.add(pool, each)
        await planned.plan(client, each)
    await asyncio.sleep(6)
    paused = await schedules.change(pool, often.id, "paused")
    assert paused is not None
    await planned.plan(client, paused)
    resumed = await schedules.change(pool, often.id, "active")  # for what Temporal has begun, and nobody has done
    assert resumed is not None
    serving = ScheduleActivities(pool, client, tmp_path, "UTC")
    async with start_worker([serving.begin, serving.command, serving.end, NoticeActivities(pool).keep]):
        async with asyncio.timeout(60):
            while len(await notices.unshown(pool, key)) < 2:
                await asyncio.sleep(0.1)
        await asyncio.sleep(2)
        assert sorted(each.notice.text for each in await notices.unshown(pool, key)) == ["⏰ call", "⏰ drink"]
    looked = await planned.look(client, often.id)
    assert looked is not None
    assert looked.overlapped >= 3
    await planned.delete(client, often.id)


async def test_what_is_planned_already_is_left_alone(client: Client) -> None:
    id = uuid.uuid4().hex[:8]
    plan = Planned(id, Cron(expression="30 2 * * *", zone="Europe/Berlin"), paused=False, about="a test")
    handle = client.get_schedule_handle(f"schedule/{id}")
    await planned.apply(client, plan)
    await planned.apply(client, plan)
    assert (await handle.describe()).info.last_updated_at is None, "an update would drop what was missed before it"
    await planned.apply(client, replace(plan, paused=True))
    found = await handle.describe()
    assert found.schedule.state.paused
    assert found.info.last_updated_at is not None
    await planned.delete(client, id)
    await planned.delete(client, id)
