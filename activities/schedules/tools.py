"""The model's tools for schedules. A person sees, changes and deletes their own alone."""

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from pydantic import Field
from temporalio.client import Client

from activities.tools.tool import Arguments, Context, Tool
from activities.tools.toolset import Toolset, fixed
from clara.errors import ToolFailed, UserError
from clara.schedules import cron
from clara.schedules.schedule import (
    LATEST,
    SHORTEST,
    TEXT_LIMIT,
    Cron,
    Every,
    Once,
    Place,
    Schedule,
    When,
    described,
    local,
)
from clara.tools.provenance import Provenance
from clara.tools.tool import Effect, Risk
from store.database import Pool
from store.schedules import schedules
from store.turns import taint
from temporal.schedules import plan

TIMES = ("at", "in_seconds", "every_seconds", "cron")


class CreateSchedule(Arguments):
    does: Literal["remind", "ask"] = Field(
        description="remind: the text is shown to the person as it is. ask: the text is given to you as a request of "
        "theirs each time, and you answer it with your tools then"
    )
    text: str = Field(
        min_length=1, max_length=TEXT_LIMIT, description="complete in itself: nothing of this conversation is added"
    )
    at: datetime | None = Field(None, description="once, at this time of the person's clock, as 2026-12-24T18:00")
    in_seconds: int | None = Field(None, ge=1, description="once, so long from now")
    every_seconds: int | None = Field(None, ge=int(SHORTEST.total_seconds()), le=366 * 24 * 3600)
    cron: str | None = Field(
        None,
        max_length=cron.LIMIT,
        description="for times of day and weekdays: minute hour day month weekday, on the person's clock;"
        " 0 8 * * 1-5 is every weekday at 8",
    )
    timezone: str | None = Field(
        None, max_length=60, description="IANA name such as Asia/Tokyo, if they name another than their own"
    )


class OneSchedule(Arguments):
    id: str = Field(pattern=r"^[0-9a-f]{8}$", description="as list_schedules gives it")


class ChangeSchedule(OneSchedule):
    do: Literal["pause", "resume"]


class ListSchedules(Arguments):
    pass


def toolset(pool: Pool, client: Client) -> Toolset:
    made = (_create, _list, _change, _delete)
    return fixed("schedules", [make(pool, client) for make in made])


def _create(pool: Pool, client: Client) -> Tool[CreateSchedule]:
    async def run(asked: CreateSchedule, context: Context) -> str:
        zone = _zone(asked.timezone) or str(context.now.tzinfo)
        when = _when(asked, zone, context.now)
        schedule = Schedule(
            id=hashlib.sha256(context.key.encode()).hexdigest()[:8],
            kind="reminder" if asked.does == "remind" else "prompt",
            text=asked.text,
            when=when,
            zone=zone,
            place=Place.of(context.message),
            created_at=context.now,
            origin=Provenance.OTHERS if await taint.of_turn(pool, context.message.turn_id) else Provenance.PERSON,
        )
        try:
            # What was kept first counts: a later attempt has another now.
            kept = await schedules.add(pool, schedule)
        except UserError as error:
            raise ToolFailed(str(error)) from error
        if kept.place.user.id != context.user_id:
            raise ToolFailed("Please call again.")
        await plan(client, kept)
        return f"Kept as {kept.id}: {described(kept.when, zone)}.{_first(kept.when, zone, context.now)}"

    return Tool(
        "create_schedule",
        "Remind the person of something, or do something for them, once or again and again. "
        "Give exactly one of at, in_seconds, every_seconds and cron. It speaks in this conversation.",
        CreateSchedule,
        run,
        effect=Effect.IDEMPOTENT,
        risk=Risk.CHANGE,
        remembers=True,
        view=lambda asked: f"{asked.does}, {_times(asked)}: {asked.text}",
    )


def _list(pool: Pool, _: Client) -> Tool[ListSchedules]:
    async def run(_: ListSchedules, context: Context) -> str:
        found = await schedules.of_person(pool, context.user_id)
        lines = [
            f"- {each.id}{' (paused)' if each.state == 'paused' else ''}: {each.kind},"
            f" {described(each.when, each.zone)}: {each.text}"
            # What was made in private is not told where others read.
            for each in found
            if context.message.private or each.place.conversation == context.message.conversation
        ]
        hidden = len(found) - len(lines)
        lines += [f"({hidden} more were made elsewhere, and are told in private alone.)"] if hidden else []
        return "\n".join(lines) or "There are none."

    return Tool(
        "list_schedules",
        "List the person's reminders and other schedules, with their ids.",
        ListSchedules,
        run,
        provenance=Provenance.PERSON,
    )


def _change(pool: Pool, client: Client) -> Tool[ChangeSchedule]:
    async def run(asked: ChangeSchedule, context: Context) -> str:
        state: Literal["paused", "active"] = "paused" if asked.do == "pause" else "active"
        schedule = await schedules.change(pool, asked.id, state, context.user_id)
        if schedule is None:
            raise ToolFailed(_missing(asked.id))
        await plan(client, schedule)
        return f"{asked.id} is {state}."

    return Tool(
        "change_schedule",
        "Pause one of the person's schedules, or have it go on.",
        ChangeSchedule,
        run,
        effect=Effect.IDEMPOTENT,
        remembers=True,
        view=lambda asked: f"{asked.do} {asked.id}",
    )


def _delete(pool: Pool, client: Client) -> Tool[OneSchedule]:
    async def run(asked: OneSchedule, context: Context) -> str:
        schedule = await schedules.get(pool, asked.id)
        if schedule is None or schedule.place.user.id != context.user_id:
            raise ToolFailed(_missing(asked.id))
        # Temporal's first: once the row is gone, a later attempt would know of nothing to delete there.
        await plan(client, schedule.model_copy(update={"state": "done"}))
        await schedules.delete(pool, asked.id, context.user_id)
        return f"{asked.id} is deleted."

    return Tool(
        "delete_schedule",
        "Delete one of the person's schedules for good.",
        OneSchedule,
        run,
        effect=Effect.IDEMPOTENT,
        remembers=True,
        view=lambda asked: asked.id,
    )


def _when(asked: CreateSchedule, zone: str, now: datetime) -> When:
    given = [name for name in TIMES if getattr(asked, name) is not None]
    if len(given) != 1:
        raise ToolFailed(f"Give exactly one of {', '.join(TIMES)}; this gives {' and '.join(given) or 'none'}.")
    if asked.cron is not None:
        try:
            return Cron(expression=cron.checked(asked.cron, zone, now), zone=zone)
        except UserError as error:
            raise ToolFailed(str(error)) from error
    if asked.every_seconds is not None:
        return Every(seconds=asked.every_seconds, since=now)
    if asked.in_seconds is not None:
        if asked.in_seconds > LATEST.total_seconds():
            raise ToolFailed(f"That is too far ahead; {LATEST.days} days is the limit.")
        at = now + timedelta(seconds=asked.in_seconds)
    else:
        assert asked.at is not None
        at = asked.at if asked.at.tzinfo else asked.at.replace(tzinfo=ZoneInfo(zone))
    if not now < at <= now + LATEST:
        raise ToolFailed(f"{local(at, zone)} is past, or too far ahead. It is {local(now, zone)} now.")
    return Once(at=at.astimezone(UTC).replace(microsecond=0))


def _zone(name: str | None) -> str | None:
    if name is None:
        return None
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise ToolFailed(f"There is no time zone {name!r}. Give an IANA name such as Asia/Tokyo.") from error
    return name


def _first(when: When, zone: str, now: datetime) -> str:
    if isinstance(when, Cron):
        return f" The first time is {local(cron.following(when.expression, when.zone, now), zone)}."
    return ""


def _times(asked: CreateSchedule) -> str:
    return ", ".join(f"{name} {getattr(asked, name)}" for name in TIMES if getattr(asked, name) is not None)


def _missing(id: str) -> str:
    return f"The person has no schedule {id}. list_schedules gives their ids."
