"""What a person has allowed for good, and taking it back."""

from adapters.commands.command import Arguments, Command, CommandResult, Option, Request
from clara.errors import UserError
from store import grants


async def _grants(request: Request, arguments: Arguments) -> CommandResult:
    if number := arguments.get("revoke"):
        if not number.isdecimal() or not await request.door.store(grants.revoke, request.asker.id, int(number)):
            raise UserError(f"You have allowed nothing under {number}. {request.face.prefix}grants lists it.")
        return CommandResult("Taken back: I ask again from now on.")
    found = await request.door.store(grants.of_person, request.asker.id)
    if not found:
        return CommandResult("You have allowed nothing for good: I ask each time.")
    rows = [
        (
            f"{each.id}. {each.tool}",
            f"{f'in {each.conversation_id}' if each.conversation_id else 'everywhere'},"
            f" since {each.given_at.astimezone(request.zone):%Y-%m-%d},"
            f" last used {each.used_at.astimezone(request.zone):%Y-%m-%d}",
        )
        for each in found
    ]
    return CommandResult(
        f"What is not used for {grants.UNUSED.days} days is asked about again."
        f" To take one back: {request.face.prefix}grants NUMBER",
        rows,
    )


GRANTS = Command(
    "grants",
    "List what you have allowed for good, or take one of it back",
    _grants,
    (Option("revoke", "the number of what you take back"),),
)
