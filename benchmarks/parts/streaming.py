"""What a person sees of a running turn: the first words, and that a stop stops it."""

import asyncio
import time

from benchmarks.figures import Aim, Figure, Spread
from benchmarks.rig.model import paced
from benchmarks.rig.stack import Stack
from benchmarks.rig.talking import TURN_S, Talk
from clara.conversation import Stop
from tests.loopback.models.anthropic_api import PREAMBLE

PAUSE_MS = 20
WORDS_BEFORE_STOP_S = 0.5
STOP_AIM = Aim(1)


async def first_words(stack: Stack, rounds: int) -> list[Figure]:
    """From the model's first word, as its server sent it, to whoever listens."""
    talk, delays = Talk(stack), []
    await talk.ask("Hello.")
    for _ in range(rounds):
        heard = await talk.ask(paced(words=10, pause_ms=PAUSE_MS))
        exchange = stack.models.log[-1]
        assert exchange.first_piece is not None
        assert heard.first_text is not None
        # The pauses are slept, each a little too long: the delay is rather over- than understated.
        sent = exchange.first_piece + PREAMBLE * PAUSE_MS / 1e3
        delays.append((heard.first_text - sent) * 1e3)
    return [Figure("First word: from the model's server to a listener", Spread.of(delays), "ms")]


async def stops(stack: Stack, rounds: int) -> list[Figure]:
    """From the stop until "Stopped." can be read, and until the model's server sees the connection closed."""
    talk = Talk(stack)
    visible, hung_up = [], []
    for _ in range(rounds):
        heard = await talk.say(paced(words=600, pause_ms=50))
        await asyncio.wait_for(heard.speaking.wait(), TURN_S)
        await asyncio.sleep(WORDS_BEFORE_STOP_S)
        exchange = stack.models.log[-1]
        began = time.monotonic()
        await stack.door.stop(talk.key, Stop())
        await asyncio.wait_for(heard.done.wait(), TURN_S)
        await stack.models.wait_until(lambda log, exchange=exchange: exchange.ended, TURN_S)  # type: ignore[misc]
        assert heard.ended is not None
        assert heard.status == "stopped", heard
        assert exchange.outcome == "hung up", exchange.outcome
        assert exchange.ended is not None
        visible.append(heard.ended - began)
        hung_up.append(exchange.ended - began)
    return [
        Figure("Stop: until the person reads it", Spread.of(visible), "s", aim=STOP_AIM),
        Figure("Stop: until the model's server sees the connection closed", Spread.of(hung_up), "s", aim=STOP_AIM),
    ]
