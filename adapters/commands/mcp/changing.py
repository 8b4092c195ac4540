"""Installing plugins, and switching them on and off."""

import uuid
from dataclasses import dataclass
from datetime import timedelta

from adapters.commands.mcp.asked import Answer, Asked
from clara.errors import UserError
from clara.plugins import telling
from clara.plugins.requests import InstallRequest, PluginOutcome
from store import plugins
from temporal.starting import plugins as asking

CHAT_WAITS = timedelta(seconds=25)
"""In a chat; what takes longer is told there when it is done."""

TERMINAL_WAITS = timedelta(minutes=15)
WORK_LIMIT = timedelta(minutes=2)

INSTALLING = "It is being installed. I tell you here when it is done."


@dataclass(frozen=True)
class Wish:
    """What is to be installed, as it was typed with its options."""

    source: str
    name: str = ""
    hosts: tuple[str, ...] = ()
    everybody: bool = False


def wish(text: str) -> Wish:
    """``SOURCE [--everybody] [--name=NAME] [--hosts=HOST,HOST]``; all other words are the server's own."""
    left: list[str] = []
    name, hosts, everybody = "", tuple[str, ...](), False
    for word in text.split(" "):
        option, _, value = word.partition("=")
        if word == "--everybody":
            everybody = True
        elif option == "--name" and value:
            name = value
        elif option == "--hosts" and value:
            hosts = tuple(each for each in value.split(",") if each)
        else:
            left.append(word)
    return Wish(" ".join(left).strip(), name, hosts, everybody)


async def install(asked: Asked) -> Answer:
    asked.permit()
    wanted = wish(asked.text)
    if not wanted.source:
        raise UserError(f"Please say what to install: {asked.prefix}install SOURCE")
    request = InstallRequest(
        key=uuid.uuid4().hex, user_id=asked.user_id, admin=asked.admin, everybody=wanted.everybody or asked.everybody,
        source=wanted.source, name=wanted.name, hosts=wanted.hosts,
    )  # fmt: skip
    id = await asked.door.temporal(asking.install, request)
    done = await asked.door.temporal(asking.outcome, id, CHAT_WAITS if asked.address else TERMINAL_WAITS)
    if done is None and asked.address is not None:
        if await asked.door.temporal(asking.announce, id, asked.address):
            return Answer(INSTALLING, {"id": id, "state": "installing"})
        done = await asked.door.temporal(asking.outcome, id, WORK_LIMIT)
    return await _told(asked, id, done)


async def uninstall(asked: Asked) -> Answer:
    asked.permit()
    each = await asked.named()
    name = each.plugin.name
    if asked.words[1:] != ["yes"]:
        raise UserError(
            f"This removes {name} ({telling.whose(each)}) with everything that it keeps. "
            f"To go ahead: {asked.prefix}uninstall {name} yes"
        )
    done = await asked.door.temporal(asking.remove, asked.request(each.plugin), WORK_LIMIT)
    if done is None or done.state != "gone":
        raise UserError(done.sentence if done else f"{name} is still being removed. {asked.prefix}status shows it.")
    return Answer(f"{name} is uninstalled. Nothing of it is left.", {"id": each.plugin.id, "state": "gone"})


async def enable(asked: Asked) -> Answer:
    """Switch on what was shown; without the word that stands for it, show it."""
    asked.permit()
    each = await asked.named()
    name = each.plugin.name
    if why := telling.not_yet(each.plugin):
        raise UserError(why)
    if asked.words[1:] != [each.mark]:
        changed = "Its tools are not those that you were shown. " if len(asked.words) > 1 else ""
        return Answer(
            f"{changed}{telling.can_do(each, '')}\n\nTo say yes to this: {asked.prefix}enable {name} {each.mark}",
            telling.as_json(each),
        )
    tools = [standing.tool for standing in each.tools]
    if not await asked.door.store(plugins.enable, each.plugin.id, tools, each.beside):
        raise UserError(f"{name} was changed or removed meanwhile.")
    return Answer(f"{name} is on. Its tools can be used from the next message on.", await _now(asked, each.plugin.id))


async def disable(asked: Asked) -> Answer:
    asked.permit()
    each = await asked.named()
    if why := telling.not_yet(each.plugin):
        raise UserError(why)
    await asked.door.store(plugins.change, each.plugin.id, state="disabled")
    return Answer(f"{each.plugin.name} is off. It stays installed.", await _now(asked, each.plugin.id))


async def restart(asked: Asked) -> Answer:
    asked.permit()
    each = await asked.named()
    await asked.door.store(plugins.change, each.plugin.id)
    text = f"The servers of {each.plugin.name} are ended. They start again with the next call."
    return Answer(text, await _now(asked, each.plugin.id))


async def refresh(asked: Asked) -> Answer:
    asked.permit()
    each = await asked.named()
    done = await asked.door.temporal(asking.refresh, asked.request(each.plugin), WORK_LIMIT)
    return await _told(asked, each.plugin.id, done)


async def _told(asked: Asked, id: str, done: PluginOutcome | None) -> Answer:
    if done is None:
        raise UserError(f"It is still going on. {asked.prefix}status shows how far it is.")
    if done.state == "gone":
        raise UserError(done.sentence or "It is not there any more.")
    each = await asked.find(id)
    said = f"\nIts server wrote: {telling.one_line(done.said)}" if done.said else ""
    failed = each.plugin.state == "failed"
    return Answer(telling.can_do(each, asked.prefix) + said, telling.as_json(each), failed)


async def _now(asked: Asked, id: str) -> dict[str, object]:
    return telling.as_json(await asked.find(id))
