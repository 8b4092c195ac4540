"""Accounts that are connected in the person's browser. Only they are shown the address."""

from adapters.commands.command import CommandResult, Request
from clara.accounts import NAMES, Service, SignInOutcome, SignInRequest
from clara.errors import UserError
from store import sign_ins
from temporal.starting import accounts as asking

SILENT = "I cannot do that just now, because no worker of mine answers. Please try again in a moment."


async def begin(request: Request, service: Service) -> CommandResult:
    wish = SignInRequest(user_id=request.asker.id, service=service, conversation=request.key)
    begun = _done(await request.door.temporal(asking.begin, wish))
    pending = await request.door.store(sign_ins.pending, begun.sign_in_id)
    if pending is None:
        raise UserError(SILENT)
    return CommandResult(
        f"Please open this within ten minutes, in a browser of your own, and sign in with {NAMES[service]}. "
        f"Pass it on to nobody: whose account is connected there is the one that I use for you.\n{pending.url}"
    )


async def end(request: Request, service: Service) -> CommandResult:
    wish = SignInRequest(user_id=request.asker.id, service=service)
    return CommandResult(_done(await request.door.temporal(asking.end, wish)).text)


def _done(outcome: SignInOutcome | None) -> SignInOutcome:
    if outcome is None:
        raise UserError(SILENT)
    if not outcome.done:
        raise UserError(outcome.text)
    return outcome
