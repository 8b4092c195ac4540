"""What Clara is doing in a conversation."""

from adapters.commands import model
from adapters.commands.command import Arguments, Command, CommandResult, Request
from clara.conversation import ConversationStatus
from clara.errors import StackFault
from clara.invocation import call
from store.turns import turns
from store.turns.inspection import short


async def _status(request: Request, _: Arguments) -> CommandResult:
    mode = request.face.mode()
    lines = [f"Mode: {mode}"] if mode else []
    try:
        lines += await _doing(request, await request.door.status(request.key))
    except StackFault:
        lines.append("What I am doing is not known: no worker is polling.")
        if request.face.operator:
            lines.append(f"{call('status')} shows the processes.")
    lines.append(await model.sentence(request))
    if request.face.operator:
        lines += [f"Conversation: {request.key.id}", *await _last(request)]
    return CommandResult("\n".join(lines))


async def _doing(request: Request, status: ConversationStatus) -> list[str]:
    running = [await _answer(request, each) for each in (status.running, *status.resumed) if each]
    running = [words for words in running if words]
    lines = [f"Running: {', '.join(running)}"] if running else ["Nothing is running."]
    if running or status.waiting:
        lines.append(f"Waiting: {len(status.waiting)}")
    if status.parked:
        count = len(status.parked)
        lines.append(f"Waiting for something outside: {count}; {request.face.prefix}tasks lists them")
    return lines


async def _answer(request: Request, turn_id: str) -> str:
    """Names a turn at work; empty for one that has ended, as one has whose workflow only says its last words."""
    turn = await request.door.store(turns.get, turn_id)
    if turn is not None and turn.status != "running":
        return ""
    if request.face.operator:
        return short(turn_id)
    return f"an answer to {turn.message.user.name}" if turn else "an answer"


async def _last(request: Request) -> list[str]:
    recent = await request.door.store(turns.recent, request.key, 2)
    ended = [turn for turn in recent if turn.status != "running"][-1:]
    return [f"Last turn: {short(turn.id)}, {turn.status}. Its details: {details(turn.id)}" for turn in ended]


def details(turn_id: str) -> str:
    """The operator's command that shows everything of a turn."""
    return call(f"turn show {short(turn_id)}")


STATUS = Command("status", "Show what I am doing: the running message, the queue and the model", _status)
