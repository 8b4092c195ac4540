"""An authorization server, as it is asked and spoken of."""

from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager

from activities.http.client import Client, Limits

LIMITS = Limits(total_s=20, size=256 * 1024)


@asynccontextmanager
async def asking(who: str, trusted: Collection[str]) -> AsyncIterator[Client]:
    """A client for one conversation with it, guarded as the web is."""
    client = Client(who, LIMITS, trusted)
    try:
        yield client
    finally:
        await client.close()
