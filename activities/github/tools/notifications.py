"""The account's notifications: what is new, and marking it as read."""

from datetime import UTC, datetime
from typing import Annotated, Any, Self

from pydantic import Field, model_validator

from activities.github.arguments import Owner, Paged, Repo
from activities.github.asking import Asking
from activities.github.markdown.notifications import notification_line
from activities.github.results import listed
from activities.github.tools.commits import Time
from activities.tools.tool import Arguments, Context, Tool, ToolOutput
from clara.tools.provenance import Provenance
from clara.tools.tool import Effect, Risk

THREADS_LIMIT = 10
"""Each is a request, one after another."""

Thread = Annotated[str, Field(pattern=r"^[0-9]{1,20}$", description="as github_list_notifications told it")]


class OfRepository(Arguments):
    owner: Owner | None = Field(None, description="with repo: only those of this repository")
    repo: Repo | None = None

    @model_validator(mode="after")
    def _both(self) -> Self:
        if (self.owner is None) != (self.repo is None):
            raise ValueError("give owner and repo together")
        return self

    @property
    def below(self) -> str:
        """The beginning of a path."""
        return f"/repos/{self.owner}/{self.repo}" if self.owner else ""

    @property
    def where(self) -> str:
        return f"{self.owner}/{self.repo}" if self.owner else "all repositories"


class ListNotifications(OfRepository, Paged):
    include_read: bool = Field(False, description="also those that are read")
    participating: bool = Field(False, description="only where the person takes part or is mentioned")
    since: Time | None = None
    before: Time | None = None


class MarkRead(OfRepository):
    threads: list[Thread] = Field([], max_length=THREADS_LIMIT, description="single ones")
    everything: bool = Field(False, description="in place of single ones: all of the repository, or of the account")
    up_to: Time | None = Field(None, description="with everything: none after it; when the person asked if not given")

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if self.everything == bool(self.threads):
            raise ValueError("give either threads, or everything=true")
        return self


class _Notifications:
    """What the tools do."""

    def __init__(self, ask: Asking) -> None:
        self._ask = ask

    async def list_notifications(self, asked: ListNotifications, context: Context) -> ToolOutput:
        chosen = {"all": asked.include_read, "participating": asked.participating}
        query: dict[str, Any] = {name: "true" for name, yes in chosen.items() if yes}
        query |= {name: _written(at) for name, at in (("since", asked.since), ("before", asked.before)) if at}
        answer = await self._ask(context, "GET", f"{asked.below}/notifications", query=query | asked.paging)
        lines = map(notification_line, answer.data)
        return listed(lines, asked.page, answer.more, f"the notifications of {asked.where}")

    async def mark_read(self, asked: MarkRead, context: Context) -> str:
        if asked.threads:
            for thread in asked.threads:
                await self._ask(context, "PATCH", f"/notifications/threads/{thread}")
            return f"Marked {len(asked.threads)} as read."
        # What comes after the person has asked is not seen by anybody yet.
        up_to = _written(asked.up_to or context.message.sent_at)
        answer = await self._ask(context, "PUT", f"{asked.below}/notifications", {"last_read_at": up_to})
        later = " GitHub says that it takes a while." if answer.data else ""
        return f"Marked as read what {asked.where} had until {up_to}.{later}"


def tools(ask: Asking) -> tuple[Tool[Any], ...]:
    notifications = _Notifications(ask)
    return (
        Tool(
            "github_list_notifications", "List the account's notifications on GitHub, unread ones if not told "
            "otherwise.", ListNotifications, notifications.list_notifications, provenance=Provenance.OTHERS,
            view=lambda asked: f"of {asked.where}",
        ),
        Tool(
            "github_mark_notifications_read", "Mark notifications on GitHub as read.", MarkRead,
            notifications.mark_read, effect=Effect.IDEMPOTENT, risk=Risk.CHANGE, view=_view_marking,
        ),
    )  # fmt: skip


def _view_marking(asked: MarkRead) -> str:
    return f"mark {len(asked.threads)} as read" if asked.threads else f"mark everything of {asked.where} as read"


def _written(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
