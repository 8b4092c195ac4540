"""What waits for a person's yes, and the answers."""

from adapters.commands.command import Arguments, Command, CommandResult, Option, Request
from clara.errors import UserError
from store import approvals
from store.approvals import Approval, Scope

SHOWN = 300
"""Characters of what a call will do in the list."""

SCOPES: tuple[Scope, ...] = ("once", "conversation", "always")

_WHICH = Option("which", "a number of the list, or the id of a question")


async def _allow(request: Request, arguments: Arguments) -> CommandResult:
    scope: Scope = next((each for each in SCOPES if each == arguments.get("scope")), "once")
    chosen = await _chosen(request, arguments.get("which", ""))
    if scope != "once" and not all(each.lasting for each in chosen):
        raise UserError(
            "This can only be allowed once: it reaches too far, or words of others may be behind it."
            f" To allow it now: {request.face.prefix}allow"
        )
    await _answer(request, chosen, True, scope)
    lasts = {"once": "", "conversation": " It stays allowed in this conversation.", "always": " It stays allowed."}
    return CommandResult(f"Allowed: {_named(chosen)}.{lasts[scope]}")


async def _deny(request: Request, arguments: Arguments) -> CommandResult:
    chosen = await _chosen(request, arguments.get("which", ""))
    await _answer(request, chosen, False, "once")
    return CommandResult(f"Not allowed: {_named(chosen)}.")


async def _list(request: Request, arguments: Arguments) -> CommandResult:
    if which := arguments.get("which"):
        (chosen,) = await _chosen(request, which)
        return CommandResult(f"{chosen.view}\n{chosen.why}")
    found = await request.door.store(approvals.of_person, request.asker.id, request.key.id)
    lines = [f"{number}. {_short(each.view)}\n   {each.why}" for number, each in enumerate(found, 1)]
    elsewhere = len(await request.door.store(approvals.of_person, request.asker.id)) - len(found)
    if elsewhere:
        lines.append(f"{elsewhere} more in other conversations.")
    if not lines:
        return CommandResult("Nothing waits for your yes.")
    prefix = request.face.prefix
    return CommandResult("\n".join([*lines, f"To answer: {prefix}allow once NUMBER, {prefix}deny NUMBER"]))


async def _chosen(request: Request, which: str) -> list[Approval]:
    """The questions that are meant: without a word, those about one answer of hers if there are no others."""
    found = await request.door.store(approvals.of_person, request.asker.id, request.key.id)
    if not which:
        if not found:
            raise UserError("Nothing waits for your yes here.")
        if len({(each.turn_id, each.step) for each in found}) > 1:
            raise UserError(f"Several things wait for your yes. {request.face.prefix}approvals lists them; say which.")
        return found
    if which.isdecimal() and 0 < int(which) <= len(found):
        return [found[int(which) - 1]]
    everywhere = await request.door.store(approvals.of_person, request.asker.id)
    known = [each for each in everywhere if each.id == which.lower()]
    if not known:
        raise UserError(f"No question {which} waits for your yes. {request.face.prefix}approvals lists those that do.")
    return known


async def _answer(request: Request, chosen: list[Approval], allowed: bool, scope: Scope) -> None:
    answered = await request.door.answer([each.id for each in chosen], allowed, scope, request.asker.id)
    if not answered:
        raise UserError("That was answered a moment ago.")


def _named(chosen: list[Approval]) -> str:
    return ", ".join(_short(each.view) for each in chosen)


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= SHOWN else f"{line[: SHOWN - 1]}…"


ALLOW = Command(
    "allow",
    "Say yes to what I have asked you about",
    _allow,
    (Option("scope", "for how long", choices=SCOPES), _WHICH),
)
DENY = Command("deny", "Say no to what I have asked you about", _deny, (_WHICH,))
APPROVALS = Command("approvals", "List what waits for your yes, or show one of it in full", _list, (_WHICH,))
