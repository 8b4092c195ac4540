"""Through the door come Clara's errors alone."""

import inspect

import psycopg
import pytest
from temporalio.service import RPCError, RPCStatusCode

from adapters.door import Door, open_door
from adapters.door.faults import translated
from clara.conversation import Stop
from clara.errors import StackFault, Unreachable
from clara.messages import ConversationKey
from clara.settings import load
from store import conversations
from store.database import Pool
from tests.ports import free_port

KEY = ConversationKey(platform="cli", channel="me/main")


async def refused(pool: Pool) -> None:
    async with pool.connection() as connection:
        await connection.execute("select nothing from nowhere")


@pytest.mark.parametrize(
    ("error", "kind", "passes"),
    [
        (psycopg.OperationalError("gone"), "database", True),
        (psycopg.InterfaceError("closed"), "database", True),
        (psycopg.errors.DiskFull("full"), "disk_full", True),
        (psycopg.errors.UndefinedTable("none"), "invalid", False),
        (RPCError("away", RPCStatusCode.UNAVAILABLE, b""), "temporal", True),
        (RPCError("slow", RPCStatusCode.DEADLINE_EXCEEDED, b""), "temporal", True),
        (RPCError("no namespace", RPCStatusCode.NOT_FOUND, b""), "temporal", False),
        (RPCError("too long", RPCStatusCode.INVALID_ARGUMENT, b""), "invalid", False),
    ],
)
def test_what_passes_is_told_from_what_does_not(error: Exception, kind: str, passes: bool) -> None:
    with pytest.raises(StackFault) as raised, translated():
        raise error
    assert (raised.value.kind, isinstance(raised.value, Unreachable)) == (kind, passes)


async def test_a_statement_that_the_database_refuses_names_no_values(pool: Pool) -> None:
    door = Door(None, pool)  # type: ignore[arg-type]
    assert (await door.store(conversations.get, KEY)).project is None
    with pytest.raises(StackFault, match=r"refused \(UndefinedTable\)"):
        await door.store(refused)


async def test_a_database_that_is_away(temporal_address: str) -> None:
    nowhere = f"postgresql://clara@127.0.0.1:{free_port()}/postgres"
    async with open_door(load({"DATABASE_URL": nowhere, "TEMPORAL_ADDRESS": temporal_address})) as door:
        with pytest.raises(Unreachable, match="Clara's database does not answer"):
            await door.store(conversations.get, KEY)
        assert await door.stop(KEY, Stop()) is False  # needs Temporal alone
        assert await door.outage() is None


async def test_a_temporal_that_is_away_is_told_with_its_address(database_url: str) -> None:
    address = f"127.0.0.1:{free_port()}"
    with pytest.raises(Unreachable, match=f"Temporal does not answer at {address}"):
        async with open_door(load({"DATABASE_URL": database_url, "TEMPORAL_ADDRESS": address})):
            pass


def test_nothing_that_a_face_may_reach_is_a_connection() -> None:
    public = {name for name in vars(Door(None, None)) if not name.startswith("_")}  # type: ignore[arg-type]
    methods = {name for name, _ in inspect.getmembers(Door, inspect.isfunction) if not name.startswith("_")}
    assert public == set()
    talking = {
        "say",
        "stop",
        "bring",
        "answer",
        "answer_plugin",
        "notify",
        "status",
        "memory",
        "connect",
        "waiting_login",
        "finish_login",
    }
    assert methods == talking | {"store", "temporal", "frames", "outage", "delivering"}
