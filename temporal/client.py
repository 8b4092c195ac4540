"""Connecting to Temporal, the same way from every process.

The TEMPORAL_* variables are Temporal's own (``temporalio.envconfig``), so one code serves the
embedded server, a self-hosted one with mTLS and Temporal Cloud.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.converter import DataConverter, ExternalStorage, StorageDriver
from temporalio.envconfig import ClientConfig
from temporalio.runtime import Runtime, TelemetryConfig
from temporalio.service import RPCError, RPCStatusCode

PAYLOAD_THRESHOLD = 480 * 1024
"""Bytes above which a payload is kept outside of the history. Every message of a person is smaller, so that
accepting one needs Temporal alone, and the size of a history tells how much waits in it."""

RPC_TIMEOUT = timedelta(seconds=10)


def data_converter(drivers: Sequence[StorageDriver] = ()) -> DataConverter:
    """Pydantic models as JSON; with a driver, payloads above 480 KiB as references."""
    if not drivers:
        return pydantic_data_converter
    storage = ExternalStorage(drivers=list(drivers), payload_size_threshold=PAYLOAD_THRESHOLD)
    return replace(pydantic_data_converter, external_storage=storage)


def quiet() -> None:
    """For a process whose screen is a person's: the SDK writes its own log there, past all loggers.

    What it would say of a server that is away is raised to the caller as well. For clients connected
    after this.
    """
    Runtime.set_default(Runtime(telemetry=TelemetryConfig(logging=None)), error_if_already_set=False)


async def connect(environment: Mapping[str, str], address: str | None, drivers: Sequence[StorageDriver] = ()) -> Client:
    """A client for the server that ``environment`` names, or for ``address`` where it names none."""
    config = ClientConfig.load_client_connect_config(override_env_vars=dict(environment))
    if address:
        config["target_host"] = address
    return await Client.connect(**config, data_converter=data_converter(drivers))


async def is_open(client: Client, workflow_id: str) -> bool:
    """Whether a workflow of this id runs; False also where it is not known (any more). Raises RPCError."""
    try:
        description = await client.get_workflow_handle(workflow_id).describe(rpc_timeout=RPC_TIMEOUT)
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            return False
        raise
    return description.status is WorkflowExecutionStatus.RUNNING
