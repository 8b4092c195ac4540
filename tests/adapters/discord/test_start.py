"""What the operator reads when it cannot work, and that it then ends instead of trying for ever."""

import json
from pathlib import Path

import pytest

from adapters.commands.registry import COMMANDS
from adapters.discord.api.client import DiscordClient
from adapters.discord.slash.face import payload
from clara.errors import Misconfigured
from clara.settings import load
from tests.adapters.discord.harness import Process, environment
from tests.loopback.discord import FakeDiscord, Fault


async def ending(tmp_path: Path, **variables: str) -> tuple[int, str]:
    process = Process("adapters.discord", environment(tmp_path, **variables), tmp_path / "log")
    await process.start()
    assert process.process is not None
    code = await process.process.wait()
    return code, process.log.read_text()


async def test_without_a_token(tmp_path: Path, database_url: str, temporal_address: str) -> None:
    code, said = await ending(tmp_path, DATABASE_URL=database_url, TEMPORAL_ADDRESS=temporal_address)
    assert code == 2
    assert said.startswith("DISCORD_BOT_TOKEN: must")


async def test_with_a_wrong_token(tmp_path: Path, database_url: str, temporal_address: str) -> None:
    async with FakeDiscord() as fake:
        code, said = await ending(
            tmp_path,
            DATABASE_URL=database_url,
            TEMPORAL_ADDRESS=temporal_address,
            DISCORD_API_BASE=fake.url,
            DISCORD_BOT_TOKEN="secret-and-wrong",
        )
    assert code == 2
    assert "Discord does not know this token" in said
    assert "Traceback" not in said
    assert "secret-and-wrong" not in said


async def test_without_the_intent(tmp_path: Path, database_url: str, temporal_address: str) -> None:
    async with FakeDiscord() as fake:
        fake.gateway.allows_message_content = False
        code, said = await ending(
            tmp_path,
            DATABASE_URL=database_url,
            TEMPORAL_ADDRESS=temporal_address,
            DISCORD_API_BASE=fake.url,
            DISCORD_BOT_TOKEN=fake.token,
        )
    assert code == 2
    assert "Message Content Intent" in said


async def test_it_waits_for_discord_to_come_back() -> None:
    async with FakeDiscord() as fake:
        fake.faults.append(Fault("GET", "users/@me", status=0))
        client = DiscordClient(load({"DISCORD_API_BASE": fake.url}).discord)
        await client.sign_in(fake.token)
        assert client.user is not None
        assert client.user.id == fake.world.clara.id
        await client.close()


@pytest.mark.parametrize(
    "base",
    ["https://example.org", "http://discord.com", "https://discord.com.example.org", "https://u@discord.com"],
)
def test_the_token_goes_to_discord_or_to_this_machine_only(base: str) -> None:
    with pytest.raises(Misconfigured, match="DISCORD_API_BASE: must"):
        load({"DISCORD_API_BASE": base})


def test_the_base_may_be_given_with_its_version() -> None:
    assert load({"DISCORD_API_BASE": "http://127.0.0.1:81/api/v10"}).discord.api_base == "http://127.0.0.1:81"


def test_commands_come_from_the_one_registry_and_fit_discords_limits() -> None:
    (clara,) = payload()
    assert [o["name"] for o in clara["options"]] == [c.name for c in COMMANDS]
    assert len(json.dumps(clara)) < 8000
    for option in clara["options"]:
        assert 1 <= len(option["description"]) <= 100
