"""Accounts with other services: connect one, see which there are, disconnect."""

from adapters.commands import sign_ins
from adapters.commands.command import SECRET, Arguments, Command, CommandResult, Option, Request
from clara.accounts import NAMES, Service, described
from clara.errors import Misconfigured, UserError
from store import accounts
from store.sealing import Keys, Sealer

TYPED: tuple[Service, ...] = ("github", "azure-devops")
"""Those whose tokens are typed. Others are connected in a browser."""

SERVICES: tuple[Service, ...] = (*TYPED, "google")
_SERVICE = Option("service", "with whom", SERVICES, required=True)
_WHERE = Option("where", "Azure DevOps: your organization. Google: where your browser ended, if no page came")


def _wanted(arguments: Arguments) -> str:
    service = arguments.get("service", "").lower()
    if service == "azure-devops" and not arguments.get("where"):
        return ""  # which is said first
    return f"Your token for {NAMES[service]}" if service in TYPED else ""


async def _connect(request: Request, arguments: Arguments) -> CommandResult:
    service: Service = next(each for each in SERVICES if each == arguments["service"])
    where = arguments.get("where", "")
    if service not in TYPED:
        return await (sign_ins.finish(request, service, where) if where else sign_ins.begin(request, service))
    if service == "azure-devops" and not where:
        raise UserError(f"Please say which organization: {request.face.prefix}connect azure-devops NAME")
    sealer = Sealer(Keys.of(request.settings))
    try:
        said = await request.door.connect(sealer, request.asker.id, service, where, arguments[SECRET])
    except Misconfigured as error:
        raise UserError(f"I cannot keep a token, until who runs me has set up a key for it. {error}") from error
    return CommandResult(said)


async def _accounts(request: Request, arguments: Arguments) -> CommandResult:
    found = await request.door.store(accounts.of_person, request.asker.id)
    if not found:
        return CommandResult(f"You have connected no account. {request.face.prefix}{CONNECT.usage} connects one.")
    rows = [(NAMES[each.service], described(each)) for each in found]
    return CommandResult(f"{request.face.prefix}{DISCONNECT.usage} takes one away.", table=rows)


async def _disconnect(request: Request, arguments: Arguments) -> CommandResult:
    service: Service = next(each for each in SERVICES if each == arguments["service"])
    if service not in TYPED:
        return await sign_ins.end(request, service)
    if not await request.door.store(accounts.remove, request.asker.id, service):
        raise UserError(f"You have connected no account with {NAMES[service]}.")
    return CommandResult(
        f"Disconnected, and the token is deleted here. To make it worthless, delete it at {NAMES[service]} too."
    )


CONNECT = Command(
    "connect",
    "Connect an account of yours, by a token that only I read or in your browser",
    _connect,
    (_SERVICE, _WHERE),
    secret=_wanted,
)
ACCOUNTS = Command("accounts", "Show the accounts that you have connected", _accounts)
DISCONNECT = Command("disconnect", "Disconnect an account of yours", _disconnect, (_SERVICE,))
