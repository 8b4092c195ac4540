"""Chats: what was said in them, and what may be done in them; adapters do it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from activities.chat import history, tools
from activities.chat.asking import Chats
from workers.parts.part import Share
from workers.services import Services


@asynccontextmanager
async def chat(services: Services) -> AsyncIterator[Share]:
    chats = Chats(services.pool, services.client)
    yield Share(toolsets=(history.toolset(services.pool, chats), tools.toolset(chats)))
