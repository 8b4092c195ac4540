"""Accounts that are connected in the person's browser. Only they are shown the address."""

from adapters.commands.command import CommandResult, Request
from clara.accounts import NAMES, Service, SignInOutcome, SignInRequest
from clara.errors import UserError
from clara.plugins.logins import by_hand
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
        f"Pass it on to nobody: whose account is connected there is the one that I use for you.\n{pending.url}\n"
        f"If it ends at a page that cannot be reached, copy its address: {request.face.prefix}connect {service} ADDRESS"
    )


async def finish(request: Request, service: Service, address: str) -> CommandResult:
    """By hand, where the browser is on another machine than the page that it is sent back to."""
    answer = by_hand(address)
    id = answer.get("state", "").partition(".")[0]
    pending = await request.door.store(sign_ins.pending, id)
    if pending is None or (pending.user_id, pending.service) != (request.asker.id, service):
        raise UserError(f"Nothing waits for that. To begin: {request.face.prefix}connect {service}")
    done = await request.door.finish_login(id, answer)
    if not done.done:
        raise UserError(done.text)
    return CommandResult(done.text)


async def end(request: Request, service: Service) -> CommandResult:
    wish = SignInRequest(user_id=request.asker.id, service=service)
    return CommandResult(_done(await request.door.temporal(asking.end, wish)).text)


def _done(outcome: SignInOutcome | None) -> SignInOutcome:
    if outcome is None:
        raise UserError(SILENT)
    if not outcome.done:
        raise UserError(outcome.text)
    return outcome
