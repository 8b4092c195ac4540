"""How often the tools of plugins were called, and by whom."""

from dataclasses import dataclass
from datetime import date

from clara.plugins.plugin import Calls
from store.database import Pool
from store.people.personal import Personal

PERSONAL = (Personal("plugin_calls", "plugin_calls", "t.user_id = %(person)s"),)


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
