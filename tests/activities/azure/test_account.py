"""Connecting an organization, as a person does it: by command, with a token that is checked at once."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, cast

import pytest
from temporalio.client import Client

from activities.accounts.accounts import ConnectedAccounts, Installations
from activities.accounts.activities import AccountActivities
from adapters.commands.accounts import ACCOUNTS, CONNECT, DISCONNECT
from adapters.commands.command import SECRET, Request
from adapters.discord.slash import secrets
from adapters.door import Door
from clara.accounts import Service
from clara.attention import Asker
from clara.errors import Misconfigured, ToolFailed, UserError
from clara.settings import load
from clara.sources.keyfile import new_key
from store.database import Pool
from store.sealing import Keys, Sealer
from tests.activities.azure.conftest import TOKENS, Desk
from tests.conftest import StartWorker
from workers.parts.accounts import opened_accounts

WHERE = {"service": "azure-devops", "where": "acme"}


class _Face:
    prefix = "/"


@pytest.fixture
async def request_of(
    client: Client, pool: Pool, start_worker: StartWorker, desk: Desk, owner: str
) -> AsyncIterator[Request]:
    settings = load({"CLARA_SECRET_KEY": new_key()})
    addresses: dict[Service, str] = {"azure-devops": desk.server.url}
    serving = AccountActivities(pool, Sealer(Keys.of(settings)), addresses)
    async with start_worker([serving.connect]):
        asker = Asker(owner, private=True)
        yield cast(Any, Request)(Door(client, pool), settings, _Face(), (), None, asker, None)


async def test_account_is_connected_shown_used_and_taken_away(
    request_of: Request, pool: Pool, desk: Desk, owner: str
) -> None:
    where = {"service": "azure-devops", "where": desk.server.url}
    result = await CONNECT.run(request_of, where | {SECRET: TOKENS["ann"]})
    assert result.text == "Connected with Azure DevOps as Ann."
    shown = await ACCOUNTS.run(request_of, {})
    assert shown.table == [("Azure DevOps", f"Ann at {desk.server.url}")]
    accounts = ConnectedAccounts(pool, Sealer(Keys.of(request_of.settings)), Installations({}, ()))
    desk.accounts.by_user["cli:ann"] = await accounts.access(owner, "azure-devops")
    assert "Fog Bank" in (await desk.run("list_projects")).text
    assert "Disconnected" in (await DISCONNECT.run(request_of, {"service": "azure-devops"})).text
    with pytest.raises(ToolFailed, match="/connect azure-devops"):
        await accounts.access(owner, "azure-devops")


@pytest.mark.parametrize(
    ("where", "words"),
    [
        ("", "Please say which organization: /connect azure-devops NAME"),
        ("https://evil.example/acme", "do not connect to that address"),
        ("http://169.254.169.254", "do not connect to that address"),
    ],
)
async def test_token_goes_to_no_other_address(request_of: Request, desk: Desk, where: str, words: str) -> None:
    arguments = {"service": "azure-devops", **({"where": where} if where else {}), SECRET: TOKENS["ann"]}
    try:
        said = (await CONNECT.run(request_of, arguments)).text
    except UserError as error:
        said = str(error)
    assert words in said
    assert not desk.server.asked


async def test_bad_token_is_not_kept(request_of: Request, desk: Desk) -> None:
    where = {"service": "azure-devops", "where": desk.server.url}
    assert "does not take that token" in (await CONNECT.run(request_of, where | {SECRET: "bad"})).text
    assert not (await ACCOUNTS.run(request_of, {})).table


def test_organization_is_asked_for_before_the_token() -> None:
    assert CONNECT.asks_for({"service": "azure-devops"}) == ""
    assert CONNECT.asks_for(WHERE) == "Your token for Azure DevOps"
    assert CONNECT.asks_for({"service": "github"}) == "Your token for GitHub"
    assert CONNECT.arguments("azure-devops https://dev.azure.com/acme") == {
        "service": "azure-devops", "where": "https://dev.azure.com/acme",
    }  # fmt: skip


async def test_dialog_of_discord_carries_the_organization() -> None:
    made = secrets.dialog("connect", WHERE, CONNECT.asks_for(WHERE))
    typed = {"components": [{"components": [{"custom_id": SECRET, "value": "pat"}]}]}
    assert secrets.filled({"custom_id": made.custom_id, **typed}) == ("connect", WHERE | {SECRET: "pat"})


def test_installations_account_is_of_the_organization_that_is_set(pool: Pool, tmp_path: Path) -> None:
    class _Services:
        settings = load({"AZURE_DEVOPS_ORG": "acme", "AZURE_DEVOPS_PAT": "p", "INTEGRATIONS_SHARED_WITH": "cli:me"})
        sealer = Sealer(Keys(tmp_path))

    _Services.pool = pool  # type: ignore[attr-defined]
    installation = opened_accounts(cast(Any, _Services))._installations
    found = installation.of("cli:me", "azure-devops")
    assert found is not None
    assert (found.base_url, found.token) == ("https://dev.azure.com/acme", "p")
    assert installation.of("cli:you", "azure-devops") is None
    assert installation.of("cli:me", "github") is None


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("acme", "https://dev.azure.com/acme"),
        ("https://dev.azure.com/acme/Tides", "https://dev.azure.com/acme"),
        ("https://acme.visualstudio.com/", "https://acme.visualstudio.com"),
        ("https://tfs.acme.example/tfs/Default/", "https://tfs.acme.example/tfs/Default"),
        ("http://127.0.0.1:8080/tfs", "http://127.0.0.1:8080/tfs"),
        ("http://tfs.acme.example/tfs", None),
        ("https://user:pw@tfs.acme.example/tfs", None),
        ("my org", None),
    ],
)
def test_organization_of_the_settings(given: str, expected: str | None) -> None:
    if expected is None:
        with pytest.raises(Misconfigured, match="AZURE_DEVOPS_ORG"):
            load({"AZURE_DEVOPS_ORG": given})
    else:
        assert load({"AZURE_DEVOPS_ORG": given}).azure.organization == expected


def test_a_token_needs_its_organization() -> None:
    with pytest.raises(Misconfigured, match="AZURE_DEVOPS_ORG: must be set"):
        load({"AZURE_DEVOPS_PAT": "p"})
