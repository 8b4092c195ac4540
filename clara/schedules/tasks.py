"""The operator's schedules: shell commands of ``scheduler.yaml``, which nobody else can set."""

from datetime import datetime, timedelta
from typing import Literal, Self
from zoneinfo import ZoneInfo

from pydantic import AwareDatetime, ConfigDict, Field, model_validator

from clara.messages import Value
from clara.schedules.schedule import Cron, Every, Once, When

PREFIX = "file-"
"""Before the name, in ids of runs: no person's schedule is called so."""


class Task(Value):
    """One entry, as it is written. What is not known is a mistake, and told."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")
    type: Literal["interval", "cron", "one_shot"]
    command: str = Field(min_length=1, max_length=4_000)
    description: str = Field("", max_length=200)
    interval: int | None = Field(None, ge=1, le=366 * 24 * 3600, description="seconds")
    cron: str | None = None
    delay: int | None = Field(None, ge=0, le=366 * 24 * 3600, description="seconds from when it is first seen")
    run_at: datetime | None = None
    timezone: str | None = None
    timeout: int = Field(300, ge=1, le=24 * 3600, description="seconds")
    working_dir: str | None = None
    enabled: bool = True

    @model_validator(mode="after")
    def _one_time(self) -> Self:
        given = {name for name in ("interval", "cron", "delay", "run_at") if getattr(self, name) is not None}
        allowed = {"interval": {"interval"}, "cron": {"cron"}, "one_shot": {"delay", "run_at"}}[self.type]
        if len(given) != 1 or not given <= allowed:
            raise ValueError(f"a schedule of type {self.type} needs {' or '.join(sorted(allowed))}, and no other time")
        return self

    @property
    def schedule_id(self) -> str:
        return f"{PREFIX}{self.name}"

    def when(self, first_seen: AwareDatetime, zone: str) -> When:
        """``zone`` is the installation's, for those that name none."""
        if self.interval is not None:
            return Every(seconds=self.interval, since=first_seen)
        if self.cron is not None:
            return Cron(expression=self.cron, zone=self.timezone or zone)
        if self.run_at is not None:
            at = self.run_at if self.run_at.tzinfo else self.run_at.replace(tzinfo=ZoneInfo(self.timezone or zone))
            return Once(at=at)
        return Once(at=first_seen + timedelta(seconds=self.delay or 0))
