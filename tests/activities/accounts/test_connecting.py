"""Connecting accounts: a token is checked at the service, and is nowhere to be read afterwards."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any, cast

import pytest
from aiohttp import web
from pydantic import SecretStr
from temporalio.client import Client

from activities.accounts.accounts import ConnectedAccounts, Installations
from activities.accounts.activities import AccountActivities
from activities.accounts.checking import address
from adapters.door import Door
from clara.accounts import Service
from clara.errors import Misconfigured, ToolFailed, UserError
from clara.sources.keyfile import make_key
from store import accounts
from store.database import Pool
from store.sealing import Keys, Sealer
from temporal.starting.accounts import WORKFLOW
from tests.conftest import StartWorker

TOKEN = "ghp-canary-5c1a9d"
NOBODY = Installations({}, ())


class Fake:
    """GitHub and Azure DevOps, as far as they tell whose token it is."""

    def __init__(self) -> None:
        self.fails = 0
        self.asked: list[str] = []
        self.url = ""

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Fake"]:
        app = web.Application()
        app.router.add_get("/user", self._user)
        app.router.add_get("/_apis/connectionData", self._connection)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        try:
            yield self
        finally:
            await runner.cleanup()

    async def _user(self, request: web.Request) -> web.Response:
        self.asked.append(request.headers["authorization"])
        if self.fails > 0:
            self.fails -= 1
            return web.Response(status=502)
        if request.headers["authorization"] != f"Bearer {TOKEN}":
            return web.json_response({"message": "Bad credentials"}, status=401)
        return web.json_response({"login": "octo ann"}, headers={"x-oauth-scopes": "repo, read:org"})

    async def _connection(self, request: web.Request) -> web.Response:
        return web.Response(status=203, text="<html>Sign in</html>", content_type="text/html")


class Scene:
    def __init__(self, door: Door, pool: Pool, sealer: Sealer) -> None:
        self.door, self.pool, self.sealer = door, pool, sealer
        self.accounts = ConnectedAccounts(pool, sealer, NOBODY)

    async def connect(self, user: str, token: str, service: Service = "github") -> str:
        return await self.door.connect(self.sealer, user, service, "", token)


Open = AbstractAsyncContextManager[tuple[Scene, Fake]]


@pytest.fixture
def scene(client: Client, pool: Pool, start_worker: StartWorker, tmp_path: Path) -> Open:
    @asynccontextmanager
    async def opened() -> AsyncIterator[tuple[Scene, Fake]]:
        make_key(tmp_path)
        sealer = Sealer(Keys(tmp_path))
        async with Fake().running() as fake:
            addresses: dict[Service, str] = {"github": fake.url, "azure-devops": fake.url}
            async with start_worker([AccountActivities(pool, sealer, addresses).connect]):
                yield Scene(Door(client, pool), pool, sealer), fake

    return opened()


async def test_a_good_token_is_kept_sealed_and_in_no_history(scene: Open, client: Client, owner: str) -> None:
    async with scene as (here, fake):
        assert await here.connect(owner, TOKEN) == "Connected with GitHub as octo ann. It may: repo, read:org."
        access = await here.accounts.access(owner, "github")
        assert (access.token, access.login, access.base_url) == (TOKEN, "octo ann", fake.url)
        assert TOKEN not in repr(access)
        (account,) = await accounts.of_person(here.pool, owner)
        assert account.scopes == ("repo", "read:org")
        found = await accounts.get(here.pool, owner, "github")
        assert found is not None
        assert TOKEN.encode() not in found[1]
        async for run in client.list_workflows(f"WorkflowType = '{WORKFLOW}' and ClaraUser = '{owner}'"):
            history = await client.get_workflow_handle(run.id).fetch_history()
            assert TOKEN not in history.to_json()


async def test_a_bad_token_is_dropped_and_the_one_before_stays(scene: Open, owner: str, stranger: str) -> None:
    async with scene as (here, _):
        await here.connect(owner, TOKEN)
        assert "does not take that token" in await here.connect(owner, "wrong")
        assert "does not take that token" in await here.connect(owner, "wrong", "azure-devops")
        assert (await here.accounts.access(owner, "github")).token == TOKEN
        async with here.pool.connection() as connection:
            (row,) = await (await connection.execute("select count(*) as left from account_proposals")).fetchall()
        assert row["left"] == 0
        assert not await here.accounts.has(stranger, "github")
        with pytest.raises(ToolFailed, match="/connect github"):
            await here.accounts.access(stranger, "github")
        assert await accounts.remove(here.pool, owner, "github")
        assert await accounts.of_person(here.pool, owner) == []


async def test_a_service_that_fails_is_asked_again_and_then_it_is_said(scene: Open, owner: str) -> None:
    async with scene as (here, fake):
        fake.fails = 1
        assert (await here.connect(owner, TOKEN)).startswith("Connected")
        fake.fails = 9
        said = await here.connect(owner, TOKEN)
        assert "was not kept" in said
        assert TOKEN not in said


async def test_an_account_that_the_service_refuses_is_not_used_until_it_is_connected_again(
    scene: Open, owner: str
) -> None:
    async with scene as (here, _):
        await here.connect(owner, TOKEN)
        await here.accounts.refused(owner, "github")
        with pytest.raises(ToolFailed, match="does not accept the token any more"):
            await here.accounts.access(owner, "github")
        await here.connect(owner, TOKEN)
        assert (await here.accounts.access(owner, "github")).token == TOKEN


async def test_without_a_key_nothing_is_kept(client: Client, pool: Pool, owner: str, tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="CLARA_SECRET_KEY"):
        await Door(client, pool).connect(Sealer(Keys(tmp_path)), owner, "github", "", TOKEN)


async def test_the_installations_account_is_for_whom_the_operator_names(pool: Pool, tmp_path: Path) -> None:
    tokens: dict[Service, tuple[SecretStr, str]] = {"github": (SecretStr(TOKEN), "")}
    for people, may in ((("cli:me",), ["cli:me"]), (("*",), ["cli:me", "cli:mex"]), ((), [])):
        made = ConnectedAccounts(pool, Sealer(Keys(tmp_path)), Installations(tokens, people))
        assert [user for user in ("cli:me", "cli:mex") if await made.has(user, "github")] == may


@pytest.mark.parametrize(
    ("service", "wished", "found"),
    [
        ("azure-devops", "https://dev.azure.com/acme/", "https://dev.azure.com/acme"),
        ("azure-devops", "https://acme.visualstudio.com", "https://acme.visualstudio.com"),
        ("github", "", "http://127.0.0.1:9"),
        ("github", "https://github.acme.example/api/v3", None),
        ("azure-devops", "http://dev.azure.com/acme", None),
        ("azure-devops", "https://dev.azure.com.evil.example/acme", None),
        ("azure-devops", "https://dev.azure.com:8080/acme", None),
        ("azure-devops", "https://169.254.169.254/", None),
    ],
)
def test_tokens_go_to_the_service_or_to_where_the_operator_says(service: str, wished: str, found: str | None) -> None:
    if found is not None:
        assert address(cast(Service, service), wished, "http://127.0.0.1:9") == found
        return
    with pytest.raises(UserError, match="do not connect to that address"):
        address(cast(Any, service), wished, "http://127.0.0.1:9")
