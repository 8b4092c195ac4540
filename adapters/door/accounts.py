"""Connecting an account of a person's: the token is sealed at once, and checked by a workflow of its own."""

import logging
import uuid

import psycopg
from temporalio.client import Client, WorkflowFailureError
from temporalio.service import RPCError

from clara.accounts import ConnectRequest, Service, place
from store import accounts
from store.database import Pool
from store.sealing import Sealer
from temporal.starting import accounts as connecting

log = logging.getLogger(__name__)

SILENT = "I could not find out whether the token is good. Please look with /accounts, and try again."


async def connect(
    client: Client, pool: Pool, sealer: Sealer, user_id: str, service: Service, base_url: str, token: str
) -> str:
    """A sentence for the person. Misconfigured without a key to seal with; RPCError and psycopg.Error."""
    request = ConnectRequest(reference=uuid.uuid4().hex, user_id=user_id, service=service)
    sealed = sealer.seal(token, place(user_id, service))
    await accounts.propose(pool, request.reference, user_id, service, base_url, sealed)
    try:
        return (await connecting.connect(client, request)).said
    except (TimeoutError, WorkflowFailureError) as error:
        log.warning("%s: connecting %s did not come to an end: %s", user_id, service, type(error).__name__)
        return SILENT
    except (RPCError, psycopg.Error):
        await accounts.reject(pool, request.reference)
        raise
