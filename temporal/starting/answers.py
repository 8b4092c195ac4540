"""Telling a turn that a person has answered what it asked, by the name of its signal."""

from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from clara.turn import CallPlace
from temporal.client import RPC_TIMEOUT


async def tell(client: Client, turn_id: str, place: CallPlace) -> None:
    """The answer is in the store. A turn that has ended needs no answer; a repeat changes nothing. Raises RPCError."""
    try:
        await client.get_workflow_handle(turn_id).signal("answered", place, rpc_timeout=RPC_TIMEOUT)
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
