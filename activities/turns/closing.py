"""Ending turns that did not end with an answer."""

import asyncio

from temporalio import activity
from temporalio.client import Client

from clara.messages import TurnStatus
from clara.tools.effects import account, doubt
from clara.turn import CloseRequest
from store import audit, budgets
from store.database import Pool
from store.turns import effects, turns
from store.turns.effects import LedgerEntry
from temporal.client import is_open
from temporal.contracts.turns import Turns

POLL_S = 1.0


class TurnActivities(Turns):
    def __init__(self, pool: Pool, client: Client) -> None:
        self._pool = pool
        self._client = client

    @activity.defn(name="turns.close")
    async def close(self, request: CloseRequest) -> TurnStatus:
        turn_id = request.incoming.turn_id
        async with self._pool.connection() as connection, connection.transaction():
            if request.will_look:
                await effects.doubt(connection, turn_id)
            reply = ending(request, await effects.of_turn(connection, turn_id))
            await audit.cut_writes(connection, turn_id)
            await budgets.release(connection, turn_id)
            return await turns.close(connection, request.incoming, request.status, reply)

    @activity.defn(name="turns.is_open")
    async def is_open(self, turn_id: str) -> bool:
        return await is_open(self._client, turn_id)

    @activity.defn(name="turns.settle")
    async def settle(self, turn_id: str) -> None:
        while True:
            if not await self.is_open(turn_id):
                return
            await asyncio.sleep(POLL_S)


def ending(request: CloseRequest, written: list[LedgerEntry]) -> str:
    """The words with which a turn ends that has no answer, and what became of each of its writes."""
    if request.status == "stopped":
        words = "Stopped."
    else:
        reason = request.reason[:1].upper() + request.reason[1:]
        words = f"Sorry, I could not answer this. {reason}"
    told = [account(each.name, each.state, each.result or "", request.will_look) for each in written]
    return "\n\n".join((words, *told))


def unknown_outcomes(unknown: list[LedgerEntry]) -> str:
    """A plain warning for every effect whose outcome is unknown; empty without any."""
    return "".join(f"\n\n{doubt(effect.name)}" for effect in unknown)
