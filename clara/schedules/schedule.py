"""A schedule of a person's: what Clara is to do, when, and where she tells them."""

from datetime import datetime, timedelta
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import AwareDatetime, Field

from clara.messages import ConversationKey, Incoming, Person, Text, Value
from clara.tools.provenance import Provenance

TEXT_LIMIT = 2_000
"""Characters of what is told or asked."""

PER_PERSON = 50
"""Schedules that one person may have at a time."""

SHORTEST = timedelta(minutes=1)
"""Between two runs."""

LATEST = timedelta(days=3 * 366)
"""A single time lies no further ahead."""

ONCE_WITHIN = timedelta(days=366)
"""Something that was to happen once is done however late it is."""

AGAIN_WITHIN = timedelta(hours=12)
"""What recurs and could not run, because everything was switched off, is done once within this time."""

LATE = timedelta(minutes=2)
"""Whoever is told something later than this is told that, too."""

Kind = Literal["reminder", "prompt"]
State = Literal["active", "paused", "done"]


class Once(Value):
    type: Literal["once"] = "once"
    at: AwareDatetime


class Every(Value):
    type: Literal["every"] = "every"
    seconds: int = Field(ge=1, le=366 * 24 * 3600)
    since: AwareDatetime = Field(description="runs are counted from here")


class Cron(Value):
    type: Literal["cron"] = "cron"
    expression: str = Field(description="as clara.schedules.cron has checked it")
    zone: str


When = Annotated[Once | Every | Cron, Field(discriminator="type")]


class Place(Value):
    """Where somebody has made a schedule, so that it speaks to them there."""

    conversation: ConversationKey
    user: Person
    private: bool
    deliver_to: str | None
    project: str | None = None
    memory: bool = True

    @classmethod
    def of(cls, message: Incoming) -> "Place":
        return cls(
            conversation=message.conversation,
            user=message.user,
            private=message.private,
            deliver_to=message.deliver_to,
            project=message.project,
            memory=message.memory,
        )


class Schedule(Value):
    id: str
    kind: Kind
    text: Text
    when: When
    zone: str = Field(description="in which its times are told")
    place: Place
    state: State = "active"
    created_at: AwareDatetime
    origin: Provenance = Field(Provenance.PERSON, description="whose words its text is made of")


class RunRequest(Value):
    """Asks for one run. What is to be done is in the store, or in the operator's file."""

    schedule_id: str
    by_hand: bool = False


class Due(Value):
    """One run, and when it was due."""

    schedule_id: str
    at: AwareDatetime
    by_hand: bool = False

    @property
    def key(self) -> str:
        """Names the run, the same for each attempt at it."""
        # Those by hand are due at no full second.
        exactly = f"-{self.at:%f}" if self.at.microsecond else ""
        return f"{self.schedule_id}-{self.at:%Y%m%dT%H%M%SZ}{exactly}"


class Begun(Value):
    """What a run is to do beside what its first step has done."""

    command: bool = False
    timeout_s: int = Field(0, description="of the command")


class Ran(Value):
    """What came of a run."""

    state: Literal["told", "asked", "done", "failed", "skipped"]
    said: str = Field("", description="for people: why it was skipped, or what a command printed at its end")


def described(when: Once | Every | Cron, zone: str) -> str:
    """When, as people are told."""
    if isinstance(when, Once):
        return f"once, {local(when.at, zone)}"
    if isinstance(when, Cron):
        return f"by the cron expression {when.expression} ({when.zone})"
    return f"every {_lasting(when.seconds)}"


def local(time: datetime, zone: str) -> str:
    return f"{time.astimezone(ZoneInfo(zone)):%a %Y-%m-%d %H:%M} ({zone})"


def reminder(schedule: Schedule, due: datetime, now: datetime) -> str:
    """What a person is told when a reminder is due; late ones say so, and in a shared place whom it concerns."""
    whom = "" if schedule.place.private else f"{schedule.place.user.name}: "
    return f"⏰ {whom}{schedule.text}{lateness(due, now, schedule.zone)}"


def prompt(schedule: Schedule, due: datetime, now: datetime) -> Incoming:
    """The message that begins a turn in the person's name, as they wanted it when they made the schedule."""
    place = schedule.place
    return Incoming(
        id=f"schedule-{Due(schedule_id=schedule.id, at=due).key}",
        conversation=place.conversation,
        user=place.user,
        text=f"{schedule.text}{lateness(due, now, schedule.zone)}",
        sent_at=now,
        timezone=schedule.zone,
        private=place.private,
        project=place.project,
        memory=place.memory,
        deliver_to=place.deliver_to,
        origin="schedule",
        vouched=schedule.origin is Provenance.PERSON,
    )


def lateness(due: datetime, now: datetime, zone: str) -> str:
    return f"\n\n(This was due {local(due, zone)}.)" if now - due > LATE else ""


def _lasting(seconds: int) -> str:
    for unit, name in ((86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second")):
        if seconds % unit == 0:
            number = seconds // unit
            return f"{number} {name}s" if number > 1 else name
    raise AssertionError("a whole number of seconds")
