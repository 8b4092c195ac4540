"""Whether the service runs, and whether Clara can work: for whoever watches over her."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from adapters.web.entrance import Entrance


class Health:
    def __init__(self, entrance: Entrance) -> None:
        self._entrance = entrance

    async def alive(self, _: Request) -> Response:
        return JSONResponse({"status": "ok"})

    async def ready(self, _: Request) -> Response:
        """200 if Temporal and the database answer, else 503 with what does not."""
        missing = await self._entrance.missing()
        status = {"status": "unavailable", "missing": missing} if missing else {"status": "ok"}
        return JSONResponse(status, 503 if missing else 200)
