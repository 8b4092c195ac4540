"""What waits for somebody's yes, and answering it, for the command line."""

import asyncio
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from adapters.cli.render.printable import one_line, printable
from adapters.door import open_door
from clara.errors import UserError
from clara.settings import load
from gateway.servers.reached import reached
from store import approvals, grants
from store.approvals import Approval, Scope
from store.grants import Grant

OPERATOR = "operator"
"""Who answered, where it was done at the command line. Whoever can give this command has the whole installation."""

VIEW = 100


def unanswered() -> list[Approval]:
    """Everybody's open questions, oldest first."""

    async def found() -> list[Approval]:
        async with open_door(load()) as door:
            return await door.store(approvals.unanswered)

    with reached():
        return asyncio.run(found())


def one(id: str) -> Approval:
    """UserError if there is none of this id."""

    async def found() -> Approval | None:
        async with open_door(load()) as door:
            return await door.store(approvals.get, id.lower())

    with reached():
        approval = asyncio.run(found())
    if approval is None:
        raise UserError(f"There is no question {id}.")
    return approval


def answer(id: str, allowed: bool, scope: Scope) -> Approval:
    """UserError where there is nothing to be answered any more, or not for so long."""
    approval = one(id)
    if allowed and scope != "once" and not approval.lasting:
        raise UserError("This can only be allowed once: it reaches too far, or words of others may be behind it.")

    async def answered() -> list[Approval]:
        async with open_door(load()) as door:
            return await door.answer([approval.id], allowed, scope, OPERATOR)

    with reached():
        done = asyncio.run(answered())
    if not done:
        state = one(id).state
        raise UserError(f"Nobody waits for that answer any more{'' if state == 'open' else f': it was {state}'}.")
    return done[0]


def granted(user: str) -> list[Grant]:
    async def found() -> list[Grant]:
        async with open_door(load()) as door:
            return await door.store(grants.of_person, user)

    with reached():
        return asyncio.run(found())


def revoke(user: str, id: int) -> bool:
    async def revoked() -> bool:
        async with open_door(load()) as door:
            return await door.store(grants.revoke, user, id)

    with reached():
        return asyncio.run(revoked())


def as_json(found: Sequence[Approval | Grant]) -> list[dict[str, Any]]:
    return [
        {name: value.isoformat() if hasattr(value, "isoformat") else value for name, value in asdict(each).items()}
        for each in found
    ]


def as_text(found: Sequence[Approval]) -> str:
    return "\n".join(f"{each.id}  {each.user_id}  {one_line(each.view, VIEW)}" for each in found) or (
        "Nothing waits for anybody's yes."
    )


def in_full(approval: Approval) -> str:
    lines = [
        printable(approval.view),
        printable(approval.why),
        f"For {approval.user_id}, in {approval.conversation_id}",
    ]
    if approval.answered_at is not None:
        by = f" by {approval.answered_by}" if approval.answered_by else ""
        lines.append(f"{approval.state.title()}{by} at {approval.answered_at:%Y-%m-%d %H:%M} UTC")
    else:
        lines.append(f"Open until {approval.until:%Y-%m-%d %H:%M} UTC")
    return "\n".join(lines)


def grants_as_text(found: Sequence[Grant]) -> str:
    return "\n".join(
        f"{each.id}  {each.tool}  {each.conversation_id or 'everywhere'}  since {each.given_at:%Y-%m-%d},"
        f" last used {each.used_at:%Y-%m-%d}"
        for each in found
    ) or ("Nothing is allowed for good.")
