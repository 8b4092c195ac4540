"""Many wishes at once: limits hold, a name is given once, and no more is built at a time than the machine takes."""

import asyncio
import uuid

from activities.plugins import places
from activities.plugins.activities import MOST
from activities.plugins.installing.installer import AT_ONCE
from clara.errors import UserError
from clara.plugins.requests import InstallRequest
from store import plugins
from store.database import Pool
from tests.loopback.npm import NpmRegistry
from tests.workflows import test_plugins
from tests.workflows.test_plugins import Installing, wish

registry, installing, settings, _needs = (
    test_plugins.registry,
    test_plugins.installing,
    test_plugins.settings,
    test_plugins._needs,
)

URL = "https://mcp.example/mcp"


def person() -> str:
    return f"cli:{uuid.uuid4().hex[:8]}"


async def test_a_flood_of_wishes_of_two_people(installing: Installing, pool: Pool) -> None:
    async def reserved(request: InstallRequest) -> str:
        try:
            await installing.activities.reserve(request)
        except UserError as error:
            return str(error)
        return ""

    ann, bob = person(), person()
    once = wish(URL, user_id=ann, name="once")
    assert set(await asyncio.gather(*(reserved(once) for _ in range(20)))) == {""}, "a repeat is no second wish"
    said = await asyncio.gather(*(reserved(wish(URL, user_id=bob, name="same")) for _ in range(20)))
    assert sorted(each[:30] for each in said) == ["", *["There is a plugin named same a"] * 19]
    said = await asyncio.gather(*(reserved(wish(URL, user_id=ann, name=f"n{n}")) for n in range(MOST + 9)))
    assert sorted(each[:20] for each in said) == [*[""] * (MOST - 1), *[f"There are {MOST} plugins"[:20]] * 10]
    assert len([each for each in await plugins.of_person(pool, ann) if each.owner == ann]) == MOST


async def test_few_are_built_at_the_same_time(installing: Installing, registry: NpmRegistry) -> None:
    registry.publish("small")
    registry.hold(registry.path("small"))
    ann = person()
    installs = [
        asyncio.create_task(installing.install(wish("small", user_id=ann, name=f"n{number}")))
        for number in range(AT_ONCE + 2)
    ]
    await registry.asked(registry.path("small"))
    await asyncio.sleep(1)
    at_once = [each for each in places.installing(installing.root).iterdir() if each.name.isalnum()]
    assert len(at_once) == AT_ONCE
    registry.let_go(registry.path("small"))
    assert [each.state for each in await asyncio.gather(*installs)] == ["ready"] * len(installs)
