"""A person's token on the requests to a plugin's server, renewed where it has to be. Loads httpx2."""

from collections.abc import AsyncGenerator, Awaitable, Callable

import httpx2

from activities.http.network import origin_of
from activities.oauth.renewing import Token
from activities.plugins.needs_login import NeedsLogin
from clara.errors import ClaraError
from clara.plugins.plugin import Plugin


class Bearer(httpx2.Auth):
    """``token`` gives the token that is of use, other than the one of a version that was refused; None without a login.

    ``refused`` is why there is none, for whoever sees only that the connection ended.
    """

    def __init__(self, plugin: Plugin, token: Callable[[int | None], Awaitable[Token | None]]) -> None:
        self._plugin = plugin
        self._origin = origin_of(plugin.launch.url)
        self._token = token
        self.refused: ClaraError | None = None

    async def async_auth_flow(self, request: httpx2.Request) -> AsyncGenerator[httpx2.Request, httpx2.Response]:
        if origin_of(str(request.url)) != self._origin:
            yield request
            return
        token = await self._asked(None)
        response = yield self._with(request, token)
        if response.status_code != 401:
            return
        if token is None:
            raise self._refused(NeedsLogin(self._plugin))
        token = await self._asked(token.version)
        response = yield self._with(request, token)
        if response.status_code == 401:
            raise self._refused(NeedsLogin(self._plugin, lost=True))

    async def _asked(self, refused: int | None) -> Token | None:
        try:
            token = await self._token(refused)
        except ClaraError as error:
            raise self._refused(error) from None
        self.refused = None
        return token

    def _refused(self, error: ClaraError) -> ClaraError:
        self.refused = error
        return error

    @staticmethod
    def _with(request: httpx2.Request, token: Token | None) -> httpx2.Request:
        if token is not None:
            request.headers["authorization"] = f"Bearer {token.value}"
        return request
