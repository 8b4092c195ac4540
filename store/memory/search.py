"""Finding in the book itself: by words, and by age. One statement reads all that a turn may be given.

A memory's words are in its column ``search``, which Postgres keeps (migration 0130): each word as it was written,
its stem, and pairs of characters of scripts without spaces. A question is cut in the same way, and whatever shares a
word with it is found; how much a shared word counts, depends on how few of the person's memories have it. A name in
its exact form is shared twice, as written and as a stem.
"""

from dataclasses import dataclass, field
from typing import Any, LiteralString

from clara.memory.kinds import KEY_LIMIT, Memory, Owner
from clara.memory.recall import MOODS
from clara.text import storable
from store.database import Pool
from store.memory.records import COLUMNS

QUERY_LIMIT = 4_000
"""Characters of a question that are searched for."""

HITS = 5_000
"""Memories of one person that are weighed, newest first. More share a word only where the words say little."""


@dataclass(frozen=True)
class Place:
    """Whose memories are looked at, and where they are to be shown: those of no project, and of ``projects``.

    ``open_only``: others read here, so nothing private is shown unless the person allows it (``sharing``), which
    ``by_preference`` has looked up in the same statement.
    """

    owner: Owner
    projects: tuple[str, ...] = ()
    open_only: bool = False
    by_preference: bool = False

    def parameters(self) -> dict[str, Any]:
        return {
            "owner": self.owner,
            "projects": list(self.projects),
            "open": self.open_only,
            "preference": self.by_preference,
        }


@dataclass(frozen=True)
class Book:
    """What the book has for a turn: key memories and moods newest first, found ones best first, and the newest."""

    keys: list[Memory] = field(default_factory=list)
    moods: list[Memory] = field(default_factory=list)
    found: list[Memory] = field(default_factory=list)
    newest: list[Memory] = field(default_factory=list)
    open_only: bool = False
    """Whether private memories were left out, after the person's own preference."""


_VISIBLE: LiteralString = (
    "user_id = %(owner)s and state = 'active' and (expires_at is null or expires_at > now())"
    " and (project is null or project = any(%(projects)s)) and (not private or not (select openly from shown))"
)

_SHOWN: LiteralString = (
    "shown (openly) as materialized (select %(open)s and not (%(preference)s and coalesce("
    "(select share_private from memory_people where user_id = %(owner)s), false)))"
)

# The lexemes hold no character that means something in a tsquery; quoted they are all the same.
_WORDS: LiteralString = (
    # As it is asked, a word may also be the stem of what was said: stemmers cut "fiets" and leave it of "fietsen".
    "read (lexeme) as materialized (select unnest(memory_lexemes(%(query)s))),"
    " asked (lexemes) as materialized"
    " (select array(select lexeme from read union select ltrim(lexeme, '=') from read)),"
    " wanted (query) as materialized (select string_agg(quote_literal(lexeme), ' | ')::tsquery"
    "  from asked, unnest(lexemes) lexeme),"
    " hits as materialized (select id, created_at, search from memories"
    f"  where {_VISIBLE} and kind <> 'emotional' and search @@ (select query from wanted)"
    "  order by created_at desc limit %(hits)s),"
    " shared as (select hits.id, lexeme, count(*) over (partition by lexeme) as having_it"
    "  from asked, hits, unnest(hits.search) where lexeme = any(lexemes)),"
    " ranked as (select id, sum(ln(1 + (select count(*) from hits)::float / having_it)) as score from shared"
    "  group by id order by score desc, id limit %(limit)s)"
)


def _newest(part: LiteralString, kind: LiteralString, limit: LiteralString) -> LiteralString:
    return (
        f"select '{part}', id, null from (select id from memories where {_VISIBLE} and kind = '{kind}'"
        f" order by created_at desc, id limit %({limit})s) newest_{kind}"
    )


async def by_words(pool: Pool, place: Place, query: str, limit: int) -> list[Memory]:
    """Memories that share words with ``query``, best first."""
    async with pool.connection() as connection:
        rows = await (
            await connection.execute(
                f"with {_SHOWN}, {_WORDS} select {COLUMNS} from ranked join memories using (id)"
                " order by score desc, id",
                {**place.parameters(), "query": searchable(query), "limit": limit, "hits": HITS},
            )
        ).fetchall()
    return [Memory(**row) for row in rows]


async def for_turn(pool: Pool, place: Place, query: str, limit: int, newest: int) -> Book:
    """All that a turn may be given of the book: ``limit`` by words, and ``newest`` of the newest ones."""
    async with pool.connection() as connection:
        rows = await (
            await connection.execute(
                f"with {_SHOWN}, {_WORDS}, parts (part, id, place) as ("
                " select 'found', id, row_number() over (order by score desc, id) from ranked"
                f" union all {_newest('keys', 'key', 'keys')} union all {_newest('moods', 'emotional', 'moods')}"
                f" union all {_newest('newest', 'user', 'newest')} union all {_newest('newest', 'project', 'newest')}"
                f") select part, (select openly from shown) as openly, {COLUMNS} from parts join memories using (id)"
                " order by place, created_at desc, id",
                {
                    **place.parameters(),
                    "query": searchable(query),
                    "limit": limit,
                    "hits": HITS,
                    "keys": KEY_LIMIT,
                    "moods": MOODS,
                    "newest": newest,
                },
            )
        ).fetchall()
    parts: dict[str, list[Memory]] = {"keys": [], "moods": [], "found": [], "newest": []}
    open_only = place.open_only
    for row in rows:
        open_only = row.pop("openly")
        parts[row.pop("part")].append(Memory(**row))
    parts["newest"] = parts["newest"][:newest]
    return Book(**parts, open_only=open_only)


def searchable(query: str) -> str:
    """``query`` as Postgres takes it, and not longer than is of use."""
    return storable(query[:QUERY_LIMIT])
