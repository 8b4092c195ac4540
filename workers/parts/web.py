"""The web: reading pages, and searching where there is a key."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from activities.http.client import Client
from activities.tools.toolset import fixed
from activities.web import fetch, search
from activities.web.tavily import Tavily
from workers.parts.part import Share
from workers.services import Services


@asynccontextmanager
async def web(services: Services) -> AsyncIterator[Share]:
    settings = services.settings.web
    pages = Client(fetch.WHO, fetch.LIMITS)
    tavily = Tavily(settings.tavily_key, settings.tavily_url) if settings.tavily_key else None
    reading = fetch.tool(pages)
    tools = (reading, search.tool(tavily)) if tavily else (reading,)
    try:
        yield Share(toolsets=(fixed("web", tools, missing={} if tavily else {search.NAME: search.MISSING}),))
    finally:
        await pages.close()
        if tavily:
            await tavily.close()
