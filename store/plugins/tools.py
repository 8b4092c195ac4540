"""The tools of plugins: what their servers say of them, and what somebody said yes to."""

from collections.abc import Mapping, Sequence

from psycopg.types.json import Jsonb

from clara.plugins.plugin import PluginTool
from clara.plugins.trust import BESIDE, as_shown
from store.database import Connection, Pool

IMPERSONAL = {"plugin_tools": "how servers describe their tools; gone with their plugin"}


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
