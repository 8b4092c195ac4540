"""Plugins: who has installed which, what their tools are, and how often they were called."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import LiteralString

from psycopg.types.json import Jsonb

from clara.plugins.plugin import EVERYBODY, Calls, Launch, Plugin, PluginTool, State
from clara.plugins.trust import BESIDE, as_shown
from store.database import Connection, Pool
from store.people.personal import Personal

PERSONAL = (
    Personal("plugin_secrets", "plugin_secrets", "t.user_id = %(person)s", export=None),
    Personal("plugin_calls", "plugin_calls", "t.user_id = %(person)s"),
    Personal("plugin_boxes", "plugin_boxes", "t.user_id = %(person)s", export=None),
    Personal("plugins", "plugins", "t.owner = %(person)s"),
)
IMPERSONAL = {"plugin_tools": "how servers describe their tools; gone with their plugin"}

FORGETTING: LiteralString = "update plugins set installed_by = '' where installed_by = %s and owner = ''"
"""What somebody has installed for everybody stays when they are forgotten, without their name."""

_COLUMNS: LiteralString = "id, owner, name, kind, source, launch, state, fault, generation, revision, installed_by"


@dataclass(frozen=True)
class InShort:
    """A plugin, for who looks whether all is well."""

    name: str
    state: str
    fault: str
    local: bool
    program: str


IN_SHORT: LiteralString = (
    "select name, state, fault, jsonb_array_length(launch->'command') > 0, launch->'command'->>0 from plugins"
    " order by state <> 'failed', name"
)
"""All plugins, as the fields of InShort, for a connection that is no pool's."""


@dataclass(frozen=True)
class Usage:
    """One tool of a plugin, one person, one day."""

    user_id: str
    plugin: str
    tool: str
    day: date
    calls: int
    failures: int
    milliseconds: int


async def add(pool: Pool, plugin: Plugin) -> bool:
    """Keep a new plugin; False where its owner, or everybody, has one of that name or it is there already."""
    async with pool.connection() as connection:
        done = await connection.execute(
            "insert into plugins (id, owner, name, kind, source, launch, state, installed_by)"
            " select %(id)s, %(owner)s, %(name)s, %(kind)s, %(source)s, %(launch)s, %(state)s, %(installed_by)s"
            " where not exists (select from plugins where name = %(name)s and owner in ('', %(owner)s))"
            " on conflict do nothing",
            {**plugin.model_dump(), "launch": Jsonb(plugin.launch.model_dump(mode="json"))},
        )
    return done.rowcount == 1


async def get(pool: Pool, id: str) -> Plugin | None:
    return await _one(pool, "id = %s", (id,))


async def find(pool: Pool, user_id: str, name: str) -> Plugin | None:
    """The plugin that a person means by a name: everybody's, or their own."""
    return await _one(pool, "name = %s and owner in ('', %s)", (name, user_id))


async def of_person(pool: Pool, user_id: str) -> list[Plugin]:
    """What a person sees: everybody's plugins first, then their own, the oldest first."""
    return await _all(pool, "owner in ('', %s)", (user_id,))


async def everything(pool: Pool) -> list[Plugin]:
    """For operators, and for workers that look after what lies on the disk."""
    return await _all(pool, "true", ())


async def change(
    pool: Pool, id: str, *, state: State | None = None, launch: Launch | None = None, fault: str | None = None
) -> bool:
    """Change what is given, and begin a new generation: servers that run stop. False where it is gone."""
    async with pool.connection() as connection:
        done = await connection.execute(
            "update plugins set state = coalesce(%s, state), launch = coalesce(%s, launch),"
            " fault = coalesce(%s, fault), generation = generation + 1, changed_at = now() where id = %s",
            (state, Jsonb(launch.model_dump(mode="json")) if launch else None, fault, id),
        )
    return done.rowcount == 1


async def remove(pool: Pool, id: str) -> None:
    async with pool.connection() as connection:
        await connection.execute("delete from plugins where id = %s", (id,))


async def tools_of(pool: Pool, ids: Sequence[str]) -> list[PluginTool]:
    """Their tools, those that are gone too, by name."""
    async with pool.connection() as connection:
        rows = await (
            await connection.execute(
                "select plugin_id, name, description, parameters, hints, approved, present from plugin_tools"
                " where plugin_id = any(%s) order by plugin_id, name",
                (list(ids),),
            )
        ).fetchall()
    return [PluginTool(**row) for row in rows]


async def record_tools(pool: Pool, id: str, tools: Sequence[PluginTool]) -> None:
    """Keep what a server has now; what was approved of a tool stays beside it."""
    async with pool.connection() as connection, connection.transaction():
        await connection.execute("update plugin_tools set present = false where plugin_id = %s", (id,))
        for tool in tools:
            await connection.execute(
                "insert into plugin_tools (plugin_id, name, description, parameters, hints) values (%s, %s, %s, %s, %s)"
                " on conflict (plugin_id, name) do update set description = excluded.description,"
                " parameters = excluded.parameters, hints = excluded.hints, present = true, seen_at = now()",
                (id, tool.name, tool.description, Jsonb(dict(tool.parameters)), Jsonb(dict(tool.hints))),
            )
        await connection.execute("update plugins set revision = revision + 1 where id = %s", (id,))


async def approve_tools(
    pool: Pool, id: str, seen: Sequence[PluginTool], beside: Mapping[str, Sequence[str]] | None = None
) -> None:
    """Somebody said yes to these tools as they were shown; one that has changed since stays off.

    ``beside`` has, by the name of a tool, whose tools of the same name were shown with it.
    """
    async with pool.connection() as connection, connection.transaction():
        await _approve(connection, id, seen, beside or {})


async def enable(pool: Pool, id: str, seen: Sequence[PluginTool], beside: Mapping[str, Sequence[str]]) -> bool:
    """The same, and the plugin is on from now; False where it is not there to be switched on."""
    async with pool.connection() as connection, connection.transaction():
        done = await connection.execute(
            "update plugins set state = 'enabled', fault = '', generation = generation + 1, changed_at = now()"
            " where id = %s and state in ('ready', 'enabled', 'disabled')",
            (id,),
        )
        if done.rowcount:
            await _approve(connection, id, seen, beside)
    return done.rowcount == 1


async def _approve(
    connection: Connection, id: str, seen: Sequence[PluginTool], beside: Mapping[str, Sequence[str]]
) -> None:
    for tool in seen:
        shown = {**as_shown(tool), BESIDE: list(beside.get(tool.name, ()))}
        await connection.execute(
            "update plugin_tools set approved = %s where plugin_id = %s and name = %s", (Jsonb(shown), id, tool.name)
        )
    await connection.execute("update plugins set revision = revision + 1 where id = %s", (id,))


async def count(pool: Pool, id: str, user_id: str, tool: str, failed: bool, milliseconds: int) -> None:
    """Count a call of a person's."""
    async with pool.connection() as connection:
        await connection.execute(
            "insert into plugin_calls as t (plugin_id, user_id, tool, day, calls, failures, milliseconds)"
            " values (%s, %s, %s, current_date, 1, %s, %s) on conflict (plugin_id, user_id, tool, day) do update set"
            " calls = t.calls + 1, failures = t.failures + excluded.failures,"
            " milliseconds = t.milliseconds + excluded.milliseconds",
            (id, user_id, tool, int(failed), milliseconds),
        )


async def usage(pool: Pool, user_id: str | None, days: int = 30) -> list[Usage]:
    """The calls of a person, or of everybody for None, newest day first."""
    async with pool.connection() as connection:
        rows = await (
            await connection.execute(
                "select c.user_id, p.name as plugin, c.tool, c.day, c.calls, c.failures, c.milliseconds"
                " from plugin_calls c join plugins p on p.id = c.plugin_id"
                " where (%(user)s::text is null or c.user_id = %(user)s) and c.day > current_date - %(days)s::integer"
                " order by c.day desc, p.name, c.tool, c.user_id",
                {"user": user_id, "days": days},
            )
        ).fetchall()
    return [Usage(**row) for row in rows]


async def totals(pool: Pool, user_id: str, days: int = 30) -> list[Calls]:
    """The calls of one person, by plugin and tool."""
    async with pool.connection() as connection:
        rows = await (
            await connection.execute(
                "select p.name as plugin, c.tool, sum(c.calls)::bigint as calls, sum(c.failures)::bigint as failures,"
                " sum(c.milliseconds)::bigint as milliseconds from plugin_calls c join plugins p on p.id = c.plugin_id"
                " where c.user_id = %s and c.day > current_date - %s::integer group by p.name, c.tool"
                " order by p.name, c.tool",
                (user_id, days),
            )
        ).fetchall()
    return [Calls(**row) for row in rows]


async def seal(pool: Pool, id: str, user_id: str, name: str, sealed: bytes) -> None:
    """Keep the encrypted value of a variable or header, for a person or with EVERYBODY for all who use it."""
    async with pool.connection() as connection, connection.transaction():
        await connection.execute(
            "insert into plugin_secrets (plugin_id, user_id, name, sealed) values (%s, %s, %s, %s)"
            " on conflict (plugin_id, user_id, name) do update set sealed = excluded.sealed",
            (id, user_id, name, sealed),
        )
        await connection.execute("update plugins set generation = generation + 1 where id = %s", (id,))


async def sealed_for(pool: Pool, id: str, user_id: str) -> dict[str, tuple[str, bytes]]:
    """Owners and encrypted values by name: everybody's, overruled by the person's own."""
    async with pool.connection() as connection:
        rows = await (
            await connection.execute(
                "select user_id, name, sealed from plugin_secrets where plugin_id = %s and user_id in (%s, %s)"
                " order by user_id <> %s",
                (id, EVERYBODY, user_id, EVERYBODY),
            )
        ).fetchall()
    return {row["name"]: (row["user_id"], bytes(row["sealed"])) for row in rows}


async def claim_box(pool: Pool, box: str, id: str, user_id: str) -> bool:
    """Say that a folder is a person's, before anything is put into it; False where the plugin is gone."""
    async with pool.connection() as connection:
        done = await connection.execute(
            "insert into plugin_boxes (id, plugin_id, user_id) select %(box)s, id, %(user)s from plugins"
            " where id = %(id)s on conflict (id) do update set user_id = excluded.user_id",
            {"box": box, "id": id, "user": user_id},
        )
    return done.rowcount == 1


async def unclaimed_boxes(pool: Pool, boxes: Sequence[str]) -> list[str]:
    """Those of these folders that are nobody's any more: their plugin was removed, or their person forgotten."""
    async with pool.connection() as connection:
        rows = await (
            await connection.execute(
                "select box from unnest(%s::text[]) box where not exists (select from plugin_boxes b where b.id = box)",
                (list(boxes),),
            )
        ).fetchall()
    return [row["box"] for row in rows]


async def generations(pool: Pool, ids: Sequence[str]) -> dict[str, tuple[State, int]]:
    """The state and the generation of plugins; those that are gone are not in it."""
    async with pool.connection() as connection:
        rows = await (
            await connection.execute("select id, state, generation from plugins where id = any(%s)", (list(ids),))
        ).fetchall()
    return {row["id"]: (row["state"], row["generation"]) for row in rows}


async def _one(pool: Pool, where: LiteralString, values: Sequence[object]) -> Plugin | None:
    found = await _all(pool, where, values)
    return found[0] if found else None


async def _all(pool: Pool, where: LiteralString, values: Sequence[object]) -> list[Plugin]:
    async with pool.connection() as connection:
        rows = await (
            await connection.execute(
                f"select {_COLUMNS} from plugins where {where} order by owner <> '', installed_at, id", values
            )
        ).fetchall()
    return [Plugin(**{**row, "launch": Launch.model_validate(row["launch"])}) for row in rows]
