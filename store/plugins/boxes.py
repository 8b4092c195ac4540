"""The boxes that servers run in: whose folder is whose, so that those of nobody are deleted."""

from collections.abc import Sequence

from store.database import Pool
from store.people.personal import Personal

PERSONAL = (Personal("plugin_boxes", "plugin_boxes", "t.user_id = %(person)s", export=None),)


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
