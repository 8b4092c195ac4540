"""Which plugins there are, whose they are, and how they are started."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import LiteralString

from psycopg.types.json import Jsonb

from clara.errors import UserError
from clara.plugins.plugin import Launch, Plugin, State
from store.database import Pool
from store.people.personal import Personal

PERSONAL = (Personal("plugins", "plugins", "t.owner = %(person)s"),)

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


async def add(pool: Pool, plugin: Plugin, most: int | None = None) -> bool:
    """Keep a new plugin; True also for one that is there already, and False where its name is given.

    A name is given once among everybody's plugins and those of one person. UserError where its owner has ``most``.
    """
    async with pool.connection() as connection, connection.transaction():
        await connection.execute("select pg_advisory_xact_lock(hashtext('clara plugins'))")  # one after the other
        row = await (
            await connection.execute(
                "select count(*) filter (where owner = %(owner)s) as count,"
                " count(*) filter (where id = %(id)s) as there,"
                " count(*) filter (where name = %(name)s and owner in ('', %(owner)s)) as taken from plugins",
                plugin.model_dump(include={"id", "owner", "name"}),
            )
        ).fetchone()
        assert row is not None
        if row["there"] or row["taken"]:
            return bool(row["there"])
        if most is not None and row["count"] >= most:
            raise UserError(f"There are {most} plugins already, which is the limit. Please uninstall one first.")
        await connection.execute(
            "insert into plugins (id, owner, name, kind, source, launch, state, installed_by) values"
            " (%(id)s, %(owner)s, %(name)s, %(kind)s, %(source)s, %(launch)s, %(state)s, %(installed_by)s)",
            {**plugin.model_dump(), "launch": Jsonb(plugin.launch.model_dump(mode="json"))},
        )
    return True


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
