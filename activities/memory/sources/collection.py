"""The memories in a collection of mem0's or MyPalClara's in Qdrant, on a server or in a folder.

Nothing is written there, and the vectors stay: they belong to another model.
"""

from collections.abc import AsyncGenerator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from clara.errors import ClaraError, Unavailable, UserError

if TYPE_CHECKING:
    from qdrant_client import AsyncQdrantClient

PAGE = 256
TIMEOUT_S = 20
"""Of a page."""


def at(url: str, key: str | None) -> "AsyncQdrantClient":
    from qdrant_client import AsyncQdrantClient

    return AsyncQdrantClient(url=url, api_key=key, timeout=TIMEOUT_S, check_compatibility=False)


def within(folder: Path) -> "AsyncQdrantClient":
    """A Qdrant without a server, such as MyPalClara's ``qdrant_data``. It may be open once at a time."""
    from qdrant_client import AsyncQdrantClient

    if not (folder / "meta.json").is_file():
        raise UserError(f"{folder} is no folder of a Qdrant: those have a file meta.json.")
    try:
        return AsyncQdrantClient(path=str(folder))
    except RuntimeError:
        raise UserError(f"{folder} is in use by another program. Please end that one first.") from None


async def items(client: "AsyncQdrantClient", collection: str) -> AsyncGenerator[Any, None]:
    """The payloads, with the ids, page by page; closes the client at the end.

    Raises UserError where there is no such collection, Unavailable where the server is away, also in the middle.
    """
    try:
        after: Any = None
        while True:
            try:
                if after is None and not await client.collection_exists(collection):
                    raise UserError(await _missing(client, collection))
                points, after = await client.scroll(
                    collection, limit=PAGE, offset=after, with_payload=True, with_vectors=False
                )
            except Exception as error:
                raise _meaning(error) from None
            for point in points:
                yield {**(point.payload or {}), "id": str(point.id)}
            if after is None:
                return
    finally:
        await client.close()


async def _missing(client: "AsyncQdrantClient", collection: str) -> str:
    found = (await client.get_collections()).collections
    names = sorted(each.name for each in found if each.name.isprintable())
    there = f"It has {', '.join(names[:10])}." if names else "It has none at all."
    return f"That Qdrant has no collection {collection}. {there} Please name one with --table."


def _meaning(error: Exception) -> Exception:
    from qdrant_client.http.exceptions import ApiException, ResponseHandlingException

    if isinstance(error, ClaraError) or not isinstance(error, ApiException | ResponseHandlingException | OSError):
        return error
    if getattr(error, "status_code", None) in (401, 403):
        return UserError("That Qdrant refuses the key. It is taken from QDRANT_API_KEY.")
    return Unavailable(
        "That Qdrant does not answer as one. What has come so far stays; the same command goes on with the rest.",
        kind="connection",
    )
