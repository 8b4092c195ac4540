"""Relations between people and things, as triples: one graph per person.

Where the same triples are told again, an edge gets one more source and stays one edge, so every
write may be repeated. An edge without sources is gone.
"""

import asyncio
import importlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

from clara.errors import Misconfigured, Unavailable
from clara.extras import adding
from clara.memory import words
from clara.memory.extraction import Relation
from clara.memory.kinds import Owner
from clara.settings.memory import MemorySettings

TIMEOUT_S = 3.0
"""Of one query; the largest graphs of persons answer in milliseconds."""

EDGES_READ = 400
"""Newest relations of one person that are looked through."""

_MERGE = (
    "MERGE (a:Entity {name: $subject}) MERGE (b:Entity {name: $object})"
    " MERGE (a)-[r:REL {type: $predicate, project: $project}]->(b)"
    " ON CREATE SET r.sources = [$source], r.open = $open, r.at = timestamp()"
    " ON MATCH SET r.sources = CASE WHEN $source IN r.sources THEN r.sources ELSE r.sources + [$source] END,"
    " r.open = r.open OR $open, r.at = timestamp()"
)
_READ = (
    "MATCH (a:Entity)-[r:REL]->(b:Entity) WHERE r.project IN $projects AND (r.open OR NOT $open_only)"
    " RETURN a.name, r.type, b.name ORDER BY r.at DESC LIMIT $limit"
)
_FORGET = (
    "MATCH (a:Entity)-[r:REL]->(b:Entity) WHERE $source IN r.sources"
    " AND a.name IN $names AND b.name IN $names"
    # FalkorDB 4.16 looks at ``WHERE size(r.sources) = 0`` before it sets; a name of its own comes after it.
    " SET r.sources = [s IN r.sources WHERE s <> $source] WITH r, size(r.sources) AS told WHERE told = 0 DELETE r"
)
_ALL = "MATCH (a:Entity)-[r:REL]->(b:Entity) RETURN a.name, r.type, b.name, r.project, r.sources ORDER BY r.at"
_TIDY = "MATCH (n:Entity) WHERE NOT (n)--() DELETE n"
_SOURCED = "MATCH (a:Entity)-[r:REL]->(b:Entity) WHERE $source IN r.sources RETURN a.name, b.name"

PERSON = "user"
"""The name of the person's own node."""


class Graph(Protocol):
    async def write(
        self, owner: Owner, relations: Sequence[Relation], source: str, project: str | None, private: bool
    ) -> None:
        """Add triples that were told in ``source``; doing so again changes nothing."""
        ...

    async def near(
        self, owner: Owner, text: str, limit: int, project: str | None = None, open_only: bool = False
    ) -> list[str]:
        """Relations of whom or what ``text`` names, and of their neighbours, as short sentences."""
        ...

    async def forget(self, owner: Owner, source: str, text: str | None) -> int:
        """Take back what ``source`` told about the things that ``text`` names; without one all that it told."""
        ...

    async def clear(self, owner: Owner) -> int:
        """Delete the whole graph; returns how many relations it had."""
        ...

    async def export(self, owner: Owner) -> list[dict[str, Any]]:
        """All relations with the turns that told them."""
        ...

    async def close(self) -> None: ...


class FalkorGraph:
    """FalkorDB: a server at an address, or an embedded one below ``home`` through falkordblite."""

    def __init__(self, url: str | None, home: Path) -> None:
        self._url = url
        self._home = home
        self._client: Any = None
        self._graph: Any = None
        self._opening = asyncio.Lock()

    async def write(
        self, owner: Owner, relations: Sequence[Relation], source: str, project: str | None, private: bool
    ) -> None:
        for relation in relations:
            await self._query(
                owner,
                _MERGE,
                subject=_name(relation.subject),
                predicate=relation.predicate,
                object=_name(relation.object),
                source=source,
                project=project or "",
                open=not private,
            )

    async def near(
        self, owner: Owner, text: str, limit: int, project: str | None = None, open_only: bool = False
    ) -> list[str]:
        rows = await self._query(
            owner, _READ, read=True, projects=["", project or ""], open_only=open_only, limit=EDGES_READ
        )
        asked = words.content(text)
        named = {end for row in rows for end in (row[0], row[2]) if end != PERSON and words.content(end) & asked}
        direct = [row for row in rows if {row[0], row[2]} & named]
        around = {end for row in direct for end in (row[0], row[2])} - {PERSON}
        further = [row for row in rows if row not in direct and {row[0], row[2]} & around]
        return [_sentence(*row) for row in (*direct, *further)[:limit]]

    async def forget(self, owner: Owner, source: str, text: str | None) -> int:
        told = None if text is None else words.content(text)
        rows = await self._query(owner, _SOURCED, read=True, source=source)
        names = {end for row in rows for end in row if told is None or end == PERSON or words.content(end) <= told}
        if not rows:
            return 0
        before = await self._count(owner)
        await self._query(owner, _FORGET, source=source, names=sorted(names))
        await self._query(owner, _TIDY)
        await self._rewrite()
        return before - await self._count(owner)

    async def clear(self, owner: Owner) -> int:
        count = await self._count(owner)
        client = await self._open()
        try:
            async with asyncio.timeout(TIMEOUT_S):
                if _graph_name(owner) in await client.execute_command("GRAPH.LIST"):
                    await self._graph(client, _graph_name(owner)).delete()
        except Exception as error:
            raise _meaning(error) from error
        await self._rewrite()
        return count

    async def export(self, owner: Owner) -> list[dict[str, Any]]:
        rows = await self._query(owner, _ALL, read=True)
        return [
            {"subject": s, "predicate": p, "object": o, "project": project or None, "sources": sources}
            for s, p, o, project, sources in rows
        ]

    async def close(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            # An embedded server lives on unless it is told to end.
            await (client.aclose() if self._url else client.close())

    async def _rewrite(self) -> None:
        """Have the embedded server write its append-only file anew, which would keep what was deleted.

        One that is being written already may have begun before: then the next deletion does it.
        """
        if self._url is not None:
            return
        client = await self._open()
        try:
            async with asyncio.timeout(TIMEOUT_S):
                await client.execute_command("BGREWRITEAOF")
        except Exception as error:
            if "in progress" not in str(error):
                raise _meaning(error) from error

    async def _count(self, owner: Owner) -> int:
        rows = await self._query(owner, "MATCH ()-[r:REL]->() RETURN count(r)", read=True)
        return int(rows[0][0]) if rows else 0

    async def _query(self, owner: Owner, query: str, read: bool = False, **parameters: Any) -> list[list[Any]]:
        client = await self._open()
        try:
            async with asyncio.timeout(TIMEOUT_S):
                graph = self._graph(client, _graph_name(owner))
                # Reading by ``query`` would leave an empty graph of everybody who was asked about.
                result = await (graph.ro_query if read else graph.query)(query, params=parameters)
        except Exception as error:
            if read and "empty key" in str(error):
                return []
            raise _meaning(error) from error
        rows: list[list[Any]] = result.result_set
        return rows

    async def _open(self) -> Any:
        async with self._opening:
            if self._client is None:
                self._client = await asyncio.to_thread(self._connect)
            return self._client

    def _connect(self) -> Any:
        client = self._embedded() if self._url is None else self._server(self._url)
        self._graph = importlib.import_module("falkordb.asyncio.graph").AsyncGraph
        return client

    @staticmethod
    def _server(url: str) -> Any:
        # Not by falkordb's own FalkorDB: it blocks to look for a cluster, tries again for ten seconds
        # where nobody answers, and does not close what it opened.
        try:
            importlib.import_module("falkordb")
            redis = importlib.import_module("redis.asyncio")
            retry = importlib.import_module("redis.asyncio.retry")
            backoff = importlib.import_module("redis.backoff")
        except ImportError:
            raise Misconfigured(f"FALKORDB_URL needs the extra graph: {adding('graph')}") from None
        return redis.from_url(
            url.replace("falkor", "redis", 1) if url.startswith("falkor") else url,
            decode_responses=True,
            protocol=2,
            socket_timeout=TIMEOUT_S,
            socket_connect_timeout=TIMEOUT_S,
            retry=retry.Retry(backoff.NoBackoff(), 0),
        )

    def _embedded(self) -> Any:
        try:
            lite = importlib.import_module("redislite.async_client")
        except ImportError:
            raise Misconfigured(
                f"ENABLE_GRAPH_MEMORY needs FALKORDB_URL, or the extra graph-embedded: {adding('graph-embedded')}"
            ) from None
        folder = self._home / "graph"
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        # Without an append-only file a crash would lose the newest triples.
        config = {"appendonly": "yes", "appendfsync": "everysec", "dir": str(folder)}
        return lite.AsyncRedis(str(folder / "graph.rdb"), serverconfig=config)


def graph(settings: MemorySettings, home: Path) -> Graph | None:
    """The graph that the settings ask for; None where they ask for none."""
    if not settings.graph:
        return None
    return FalkorGraph(settings.graph_url.get_secret_value() if settings.graph_url else None, home)


def _graph_name(owner: Owner) -> str:
    return f"clara_memory:{owner}"


def _name(end: str) -> str:
    name = " ".join(end.split())
    return PERSON if name.casefold() == PERSON else name


def _sentence(subject: str, predicate: str, other: str) -> str:
    ends = ["this person" if end == PERSON else end for end in (subject, other)]
    return f"{ends[0]} {predicate.replace('_', ' ')} {ends[1]}"


def _meaning(error: Exception) -> Exception:
    if isinstance(error, Misconfigured):
        return error
    # By class name, because the library is optional. Its texts may hold what was stored.
    names = {cls.__name__ for cls in type(error).__mro__}
    if names & {"AuthenticationError", "NoPermissionError"}:
        return Misconfigured("FALKORDB_URL: FalkorDB refuses its user or password")
    return Unavailable(f"the graph of relations cannot be reached ({type(error).__name__})", kind="memory")
