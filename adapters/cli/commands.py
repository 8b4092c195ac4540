"""What a typed line means, and the slash commands of the terminal."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from adapters import tasks
from adapters.cli.printable import printable
from adapters.cli.session import Session
from clara import commands, phrases
from clara.invocation import call
from clara.messages import Tier
from clara.tiers import TIERS
from store import conversations, inspection, turns
from store.inspection import short
from store.turns import Totals


@dataclass(frozen=True)
class Say:
    text: str


@dataclass(frozen=True)
class Command:
    name: str
    argument: str = ""


@dataclass(frozen=True)
class Refused:
    """Neither a message nor a command; ``reason`` says what to do instead."""

    reason: str


TAB = 32
"""Columns of the first one, where words are printed as they are."""

NAMES = tuple(command.name for command in commands.for_surface("terminal"))


def read_line(line: str, busy: bool) -> Say | Command | Refused | None:
    """What ``line`` asks for; None if it is empty. ``busy``: a stop phrase would have something to stop."""
    text = line.strip()
    if not text:
        return None
    if text.startswith("//"):
        return Say(text[1:])
    if text.startswith("/"):
        name, _, argument = text[1:].partition(" ")
        if name.lower() in NAMES:
            return Command(name.lower(), argument.strip())
        return Refused(
            f"There is no command /{name}: /help lists them. To send a text that begins with a slash, begin with //."
        )
    if busy and phrases.is_stop(text):
        return Command("stop")
    return Say(text)


async def run(session: Session, command: Command) -> str:
    """Do what a command asks; returns the words for the person, a tab between columns.

    ``quit`` is its surface's own business.
    """
    return printable(await HANDLERS[command.name](session, command.argument))


async def _stop(session: Session, number: str) -> str:
    if number:
        stopped = await session.stop(await session.door.store(tasks.turn_of, session.key, number))
        return "Stopping …" if stopped else "Nothing is running."
    status = await session.status()
    if status is not None and status.is_idle:
        return "Nothing is running."
    return "Stopping …" if await session.stop() else "Nothing is running."


async def _tasks(session: Session, _: str) -> str:
    zone = ZoneInfo(session.zone or session.settings.runtime.timezone)
    return await session.door.store(tasks.listing, session.key, zone)


async def _new(session: Session, _: str) -> str:
    await session.door.store(conversations.start_fresh, session.key)
    return "A fresh start: I no longer read what was said before."


async def _model(session: Session, argument: str) -> str:
    wanted = argument.lower()
    if wanted == "default":
        await session.door.store(conversations.set_tier, session.key, None)
    elif wanted in TIERS:
        await session.door.store(conversations.set_tier, session.key, _tier(wanted))
    elif wanted:
        return f"There is no tier {argument!r}. Choose one of: {', '.join(TIERS)}, default."
    return await _model_line(session) + ("" if wanted else f"\nTo choose: /model {'|'.join(TIERS)}|default")


def _tier(word: str) -> Tier:
    return next(tier for tier in TIERS if tier == word)


async def _model_line(session: Session) -> str:
    llm = session.settings.llm
    chosen = (await session.door.store(conversations.get, session.key)).tier
    tier = chosen or llm.default_tier
    if chosen is None and llm.auto_tier:
        return f"Model: {llm.provider}, chosen for each message"
    return f"Model: {llm.provider}, {llm.model(llm.provider, tier)} ({tier}{'' if chosen else ', the default'})"


async def _status(session: Session, _: str) -> str:
    status = await session.status()
    lines = []
    if status is None:
        lines.append(f"No worker is polling, so I cannot tell what is running. {call('status')} shows the processes.")
    elif status.running is None and not status.waiting and not status.resumed:
        lines.append("Nothing is running.")
    else:
        running = [turn_id for turn_id in (status.running, *status.resumed) if turn_id]
        lines.append(f"Running: {', '.join(map(short, running)) or 'nothing'}")
        lines.append(f"Waiting: {len(status.waiting)}")
    if status is not None and status.parked:
        lines.append(f"Waiting for something outside: {', '.join(map(short, status.parked))}")
    lines += [await _model_line(session), f"Conversation: {session.key.id}"]
    ended = [turn for turn in await session.door.store(turns.recent, session.key, 2) if turn.status != "running"]
    if ended:
        lines.append(f"Last turn: {short(ended[-1].id)}, {ended[-1].status}. Its details: {details(ended[-1].id)}")
    return "\n".join(lines)


def details(turn_id: str) -> str:
    """The command that shows everything of a turn."""
    return call(f"turn show {short(turn_id)}")


async def _usage(session: Session, _: str) -> str:
    zone = ZoneInfo(session.zone or session.settings.runtime.timezone)
    now = datetime.now(UTC).astimezone(zone)
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    periods = (("Today", midnight), ("30 days", now - timedelta(days=30)))
    return "\n".join([f"{name}: {await _used(session, since)}" for name, since in periods])


async def _used(session: Session, since: datetime) -> str:
    totals = await session.door.store(turns.usage, session.user.id, since)
    ends = await session.door.store(inspection.ends, session.user.id, since)
    count = sum(ends.values())
    if not count and not totals.turns:
        return "nothing"
    without_answer = ", ".join(f"{ends[end]:,} {end}" for end in ("stopped", "failed") if end in ends)
    return (
        f"{count:,} {'message' if count == 1 else 'messages'}{f' ({without_answer})' if without_answer else ''}, "
        f"{totals.input_tokens:,} tokens read ({totals.cached_tokens:,} from the cache), "
        f"{totals.output_tokens:,} written, {_cost(totals)}"
    )


def _cost(totals: Totals) -> str:
    if not totals.steps:
        return "no model was asked"
    return "the cost is not known" if totals.cost_usd is None else f"${totals.cost_usd:,.4f}"


async def _project(session: Session, argument: str) -> str:
    if argument:
        await session.set_project(argument)
    project = (await session.door.store(conversations.get, session.key)).project
    return f"Project: {project}" if project else "This conversation belongs to no project. To set one: /project NAME"


async def _memory(session: Session, argument: str) -> str:
    action, _, text = argument.partition(" ")
    return await session.door.memory(session.user.id, session.key, action or "list", text)


async def _help(session: Session, _: str) -> str:
    return "\n".join(
        [
            *(f"/{command.usage}\t{command.summary}" for command in commands.for_surface("terminal")),
            "",
            "A first word !high, !mid or !low chooses the model for one message.",
            "stop, cancel or never mind, typed alone, stops what is running; so does Ctrl-C.",
            "A text that begins with a slash is sent when it begins with two.",
        ]
    )


async def _quit(session: Session, _: str) -> str:
    return ""


HANDLERS: dict[str, Callable[[Session, str], Awaitable[str]]] = {
    "stop": _stop,
    "tasks": _tasks,
    "new": _new,
    "model": _model,
    "status": _status,
    "usage": _usage,
    "project": _project,
    "memory": _memory,
    "help": _help,
    "quit": _quit,
}
