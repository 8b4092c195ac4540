"""What tools cost before any is called: their schemas in the prompt, and choosing and pinning a turn's offer."""

import time
import uuid
from datetime import UTC, datetime

from activities.tools.builtin import toolset as built_in
from activities.tools.catalogue import Catalogue
from activities.tools.offers import Offers
from activities.tools.tool import Arguments, Context, Tool
from activities.tools.toolset import Toolset, fixed
from benchmarks.figures import Aim, Figure, Spread, single
from benchmarks.rig.listening import PLATFORM
from benchmarks.rig.stack import Stack
from clara.messages import ConversationKey, Incoming, Person
from clara.tools.offer import BUDGET, schema_tokens
from store.database import open_pool
from store.turns import turns

MANY = 300
"""Tools of plugins and integrations, made up, beside the built-in ones."""

OFFER_AIM = Aim(5)


class Anything(Arguments):
    """Arguments as most tools have them: a name, a text, a number."""

    name: str
    text: str = ""
    limit: int = 20


async def _run(arguments: Anything, context: Context) -> str:
    return arguments.name


def many() -> list[Toolset]:
    """Ten integrations with as many tools each as make MANY."""
    return [
        fixed(
            f"service{service}",
            [
                Tool(
                    name=f"service{service}_do_{number}",
                    description=f"Does what service {service} calls number {number}, and tells what became of it.",
                    arguments=Anything,
                    run=_run,
                )
                for number in range(MANY // 10)
            ],
        )
        for service in range(10)
    ]


def _message() -> Incoming:
    return Incoming(
        id="m1",
        conversation=ConversationKey(platform=PLATFORM, channel=f"bench/{uuid.uuid4().hex[:8]}"),
        user=Person(id=f"{PLATFORM}:bench", name="Bench"),
        text="hello",
        sent_at=datetime.now(UTC),
    )


async def measure(stack: Stack, rounds: int) -> list[Figure]:
    """Each turn is a new one, in a conversation of its own; in this process, with Clara's database."""
    pool = await open_pool(stack.database_url)
    catalogue = Catalogue()
    offers = Offers(pool, catalogue)
    catalogue.add((built_in(pool, offers), *many()))
    took, cpu, tokens = [], [], 0
    try:
        for _ in range(rounds):
            turn = await turns.begin(pool, _message())
            began, used = time.perf_counter(), time.process_time()
            offered = await offers.begin(turn)
            took.append((time.perf_counter() - began) * 1e3)
            cpu.append((time.process_time() - used) * 1e3)
            tokens = sum(map(schema_tokens, offered.schemas()))
    finally:
        await pool.close()
    return [
        Figure(
            f"Tools: schemas in the prompt, of {MANY} beside the built-in ones", single(tokens), "", aim=Aim(BUDGET)
        ),
        Figure("Tools: choosing and pinning the offer of a turn", Spread.of(took), "ms", aim=OFFER_AIM),
        Figure("Tools: the same, CPU", Spread.of(cpu), "ms"),
    ]
