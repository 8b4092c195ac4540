"""Accounts that a test gives to people, and writes that go through the ledger as a turn's do."""

import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from temporalio.testing import ActivityEnvironment

from activities.accounts.access import Access, Accounts, missing
from activities.tools.tool import Context, Tool
from activities.tools.writes import Write, WriteOutcome, Writes
from clara.accounts import Service
from clara.errors import ToolFailed
from store.database import Pool
from store.turns import turns
from tests.clara.test_conversation import message

Attempt = Callable[[], Awaitable[WriteOutcome]]
NOW = datetime(2026, 11, 28, 0, 5, tzinfo=UTC)


@dataclass
class KnownAccounts(Accounts):
    by_user: dict[str, Access] = field(default_factory=dict)
    lost: list[str] = field(default_factory=list)

    async def has(self, user_id: str, service: Service) -> bool:
        return user_id in self.by_user

    async def access(self, user_id: str, service: Service) -> Access:
        if user_id not in self.by_user:
            raise ToolFailed(missing(service))
        return self.by_user[user_id]

    async def refused(self, user_id: str, service: Service) -> None:
        self.lost.append(user_id)


async def prepared(
    pool: Pool, tool: Tool[Any], arguments: dict[str, Any], user_id: str | None = None
) -> tuple[Attempt, Write]:
    """A call of a tool through the ledger, to be attempted as often as a test wants."""
    said = message(uuid.uuid4().hex)
    if user_id:
        said = said.model_copy(update={"user": said.user.model_copy(update={"id": user_id})})
    await turns.begin(pool, said)
    write = Write(tool, tool.parse(arguments), Context(said, f"{said.turn_id}/0/c1", NOW))
    return lambda: ActivityEnvironment().run(Writes(pool).run, write, True), write
