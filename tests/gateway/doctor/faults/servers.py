# ruff: noqa: E501 - tables, whose rows are lines
"""The database and Temporal: away, behind, damaged, or idle."""

import os
import time
from datetime import timedelta
from types import SimpleNamespace
from uuid import uuid4

from google.protobuf.duration_pb2 import Duration
from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest
from temporalio.api.workflowservice.v1 import RegisterNamespaceRequest

from gateway.doctor.servers import database, temporal_server
from temporal.client import connect
from tests.gateway.doctor.faults.fault import Fault, env
from tests.gateway.doctor.world import Seed, World, sql


def changed(*statements: str) -> Seed:
    def seed(world: World) -> None:
        sql(world.database("doctor_changed"), *statements)

    return seed


def empty(world: World) -> None:
    world.database("doctor_empty", migrated=False)


def no_utf8(world: World) -> None:
    world.database("doctor_ascii", migrated=False, options="encoding 'SQL_ASCII' locale 'C' template template0")


def no_such_database(world: World) -> None:
    url = world.database("doctor_gone")
    world.env(DATABASE_URL=f"{url.rpartition('/')[0]}/nowhere")


def read_only_database(world: World) -> None:
    url = world.database("doctor_copy")
    sql(url, "alter database doctor_copy set default_transaction_read_only = on")


FAILED = (
    "insert into conversations (id, platform, channel) values ('cli/me/main', 'cli', 'me/main')",
    "insert into turns (id, conversation_id, position, user_id, message, status, reply, ended_at)"
    " select 'turn/cli/me/main/' || n, 'cli/me/main', n, 'cli:me', '{}', 'failed',"
    " 'The model provider (anthropic) refused the key.', now() from generate_series(1, 4) n",
)
ONE_FAILED = (
    *FAILED,
    "update turns set status = 'completed', ended_at = now() + interval '1 second' where position > 1",
)


def plugin(state: str, fault: str) -> str:
    return (
        "insert into plugins (id, owner, name, kind, source, launch, state, fault, installed_by) values"
        f" ('p', '', 'notes', 'npm', 'notes', '{{\"command\": [\"node\", \"x.js\"]}}', '{state}', '{fault}', 'cli:me')"
    )


def plugin_without_node(world: World) -> None:
    from activities.plugins import node

    sql(world.database("doctor_changed"), plugin("enabled", ""))
    world.patch.setattr(node, "_candidates", tuple)


def no_worker(world: World) -> None:
    world.temporal()
    world.database("doctor_idle")


def no_namespace(world: World) -> None:
    world.temporal("nowhere")


async def bare_namespace(world: World) -> None:
    """A namespace of three days that nobody has prepared."""
    name = f"doctor-{uuid4().hex[:8]}"
    client = await connect({}, world.temporal(name))
    day = Duration(seconds=int(timedelta(days=3).total_seconds()))
    await client.workflow_service.register_namespace(
        RegisterNamespaceRequest(namespace=name, workflow_execution_retention_period=day)
    )


async def mistyped_attribute(world: World) -> None:
    await bare_namespace(world)
    client = await connect({"TEMPORAL_NAMESPACE": os.environ["TEMPORAL_NAMESPACE"]}, os.environ["TEMPORAL_ADDRESS"])
    kinds = {"ClaraUser": IndexedValueType.INDEXED_VALUE_TYPE_INT}
    await client.operator_service.add_search_attributes(
        AddSearchAttributesRequest(namespace=client.namespace, search_attributes=kinds)
    )


def stranger(world: World) -> None:
    url = world.database("doctor_stranger")
    sql(url, "drop role if exists stranger", "create role stranger login")
    world.env(DATABASE_URL=url.replace("clara@", "stranger@"))


def clock(module: object, seconds: float) -> Seed:
    """This machine's clock is behind."""

    def seed(world: World) -> None:
        world.database("doctor_clock")
        world.temporal()
        world.patch.setattr(module, "time", SimpleNamespace(time=lambda: time.time() - seconds))

    return seed


SERVERS = [
    Fault("a plugin without Node.js", plugin_without_node, "warn", "notes cannot run without Node.js 18", "clara install node"),
    Fault("a plugin that does not start", changed(plugin("failed", "It wants a key.")), "warn", "notes does not work: It wants a key.", "clara mcp uninstall notes"),
    Fault("no database", env(DATABASE_URL="postgresql://clara:tops3cret@127.0.0.1:9/x"), "broken", "postgresql://clara@127.0.0.1:9/x", "Check DATABASE_URL"),
    Fault("no such database", no_such_database, "broken", 'database "nowhere" does not exist', "create database nowhere"),
    Fault("no tables", empty, "broken", "at nothing yet", "clara db upgrade"),
    Fault("an old schema", changed("update alembic_version set version_num = '0001'"), "broken", "at 0001, the newest is", "clara db upgrade"),
    Fault("a newer schema", changed("update alembic_version set version_num = '9999'"), "broken", "newer than this Clara knows", "git pull"),
    Fault("no table of notes", changed("drop table notes"), "broken", "the table notes is missing", "from a backup"),
    Fault("no tables of memories", changed("drop table memories, memory_people"), "broken", "the tables memories, memory_people are missing", "from a backup"),
    Fault("no record of the schema", changed("drop table alembic_version"), "broken", "the record of its revision", "from a backup"),
    Fault("an encoding that loses letters", no_utf8, "broken", "SQL_ASCII", "encoding 'UTF8'"),
    Fault("a copy that can't be written", read_only_database, "broken", "it can only be read", "primary server"),
    Fault("every turn fails", changed(*FAILED), "broken", "4 of 4 failed in the last hour: The model provider (anthropic) refused the key.", "clara turn show turn/cli/me/main/"),
    Fault("a turn failed", changed(*ONE_FAILED), "warn", "1 of 4 failed in the last hour", "clara logs worker"),
    Fault("no Temporal", env(TEMPORAL_ADDRESS="127.0.0.1:9"), "broken", "127.0.0.1:9: it does not answer", "Check TEMPORAL_ADDRESS"),
    Fault("no profile", env(TEMPORAL_PROFILE="nobody"), "broken", "the profile nobody", "Check TEMPORAL_PROFILE"),
    Fault("no namespace", no_namespace, "broken", "has no namespace nowhere", "namespace create --namespace nowhere"),
    Fault("no search attributes", bare_namespace, "broken", "missing: Clara", "clara doctor --fix"),
    Fault("a short memory", bare_namespace, "warn", "kept for 3 days", "--retention 30d"),
    Fault("an attribute of another type", mistyped_attribute, "broken", "of another type than Clara's: ClaraUser", "search-attribute remove --name ClaraUser"),
    Fault("a role without rights", stranger, "broken", "permission denied for table", "own the tables"),
    Fault("the database's clock", clock(database, 100), "warn", "the clock of the database is 100 s ahead of", "timedatectl set-ntp true"),
    Fault("Temporal's clock", clock(temporal_server, 100), "warn", "the clock of the Temporal server is", "timedatectl set-ntp true"),
    Fault("no worker", no_worker, "broken", "no worker is polling", "docker compose"),
]  # fmt: skip
