"""Looking at plugins."""

import uuid
from datetime import timedelta

from adapters.commands.mcp.asked import Answer, Asked
from clara.errors import UserError
from clara.plugins import telling
from store import plugins
from temporal.starting import plugins as asking

SEARCH_LIMIT = timedelta(seconds=30)


async def list_(asked: Asked) -> Answer:
    surveyed = await asked.survey()
    hint = "" if surveyed else f" To install one: {asked.prefix}install SOURCE"
    return Answer(telling.listed(surveyed) + hint, [telling.as_json(each) for each in surveyed])


async def status(asked: Asked) -> Answer:
    """What is being done with each, and what is the matter with it; of one that was named everything."""
    if asked.words:
        each = await asked.named()
        return Answer(telling.can_do(each, asked.prefix), telling.as_json(each))
    lines = []
    surveyed = await asked.survey()
    for each in surveyed:
        lines.append(telling.listed([each]))
        if each.plugin.state == "installing" and (doing := await asked.door.temporal(asking.progress, each.plugin.id)):
            lines.append(f"  {telling.one_line(doing)}")
        if off := len([standing for standing in each.tools if standing.off]) if each.plugin.state == "enabled" else 0:
            lines.append(f"  {off} of its tools are off: {asked.prefix}tools {each.plugin.name}")
    return Answer("\n".join(lines) or telling.NONE, [telling.as_json(each) for each in surveyed])


async def tools(asked: Asked) -> Answer:
    each = await asked.named()
    return Answer(telling.can_do(each, asked.prefix), telling.as_json(each))


async def search(asked: Asked) -> Answer:
    if not asked.text.strip():
        raise UserError(f"Please say what to search for: {asked.prefix}search WORDS")
    found = await asked.door.temporal(asking.search, asked.text.strip()[:200], uuid.uuid4().hex, SEARCH_LIMIT)
    if found is None:
        raise UserError("The registry did not answer in time. Please try again in a moment.")
    if found.problem:
        raise UserError(found.problem)
    text = f"{telling.found(found.hits)}\nTo install one: {asked.prefix}install SOURCE"
    return Answer(text, [hit.model_dump(mode="json") for hit in found.hits])


async def usage(asked: Asked) -> Answer:
    rows = await asked.door.store(plugins.totals, asked.user_id)
    return Answer(telling.used(rows), [each.model_dump(mode="json") for each in rows])


async def doctor(asked: Asked) -> Answer:
    """What keeps plugins from being used, and what to do about each."""
    surveyed = await asked.survey()
    found = [(each.plugin.name, matter) for each in surveyed for matter in telling.matters(each, asked.prefix)]
    text = "\n".join(f"- {name}: {matter}" for name, matter in found)
    return Answer(text or "Nothing is the matter with any plugin.", [{"plugin": n, "matter": m} for n, m in found])
