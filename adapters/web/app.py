"""The routes, and what holds for all of them."""

from starlette.applications import Starlette
from starlette.routing import Route

from adapters.web.entrance import Entrance
from adapters.web.guard import Guard
from adapters.web.health import Health
from adapters.web.login import LoginPages
from adapters.web.pages import Pages
from clara.settings import Settings


def application(settings: Settings, entrance: Entrance) -> Guard:
    """What uvicorn serves."""
    pages = Pages(settings.runtime.name)
    health, login = Health(entrance), LoginPages(entrance, pages)
    routes = [
        Route("/health", health.alive, methods=["GET"]),
        Route("/ready", health.ready, methods=["GET"]),
        Route("/oauth/callback", login.come_back, methods=["GET"]),
        Route("/oauth/callback", login.decide, methods=["POST"]),
    ]
    return Guard(Starlette(routes=routes), pages, settings.own_address)
