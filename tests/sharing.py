"""How the tests are shared out to the processes that ``make test`` runs side by side.

What needs the same costly thing stays in one process, so that it is there once: a Docker daemon, a Clara that runs,
an adapter with everything behind it. All else goes file by file, to whoever has nothing left to do. What takes
longest begins first, then whatever speaks to Temporal, and what takes milliseconds comes last, so that at the end
nobody waits for one file alone.
"""

import re

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

TOGETHER = {
    "a Docker daemon": r"tests/activities/sandbox/docker/|.*\[docker\b",
    "a Clara that runs": r"tests/gateway/(test_running|test_turns|test_pages|doctor/test_command|.*_started_again)\b",
    "a chat": r"tests/adapters/cli/test_(downloads|guard|news|once|plain|terminal|two_chats|waiting)\b",
    "Discord": r"tests/adapters/discord/test_(?!chaos|context|full|hostile|rule|start)",
}
"""What is shared, and the tests that share it."""

LONGEST = (
    "Discord",
    "a chat",
    "a Docker daemon",
    "a Clara that runs",
    "tests/chaos/test_chaos.py",
    "tests/adapters/discord/test_chaos.py",
    "tests/gateway/test_lifetimes.py",
    "tests/gateway/test_full_disk.py",
    "tests/gateway/test_settings_file.py",
    "tests/gateway/test_bad_homes.py",
    "tests/gateway/test_outside.py",
    "tests/gateway/doctor/test_faults.py",
    "tests/workflows/test_plugins.py",
    "tests/workflows/test_lasting_questions.py",
    "tests/workflows/test_reindexing_killed.py",
    "tests/workflows/test_killed_approvals.py",
    "tests/workflows/test_offer.py",
    "tests/workflows/test_canaries.py",
    "tests/workflows/test_writes.py",
    "tests/workflows/test_flood.py",
    "tests/workflows/test_conversation.py",
    "tests/workflows/test_forgetting.py",
    "tests/workers/test_subject.py",
    "tests/activities/llm/test_floods.py",
    "tests/activities/llm/test_patience.py",
    "tests/activities/files/test_reading.py",
    "tests/activities/sandbox/test_archives.py",
    "tests/activities/sandbox/test_conformance.py",
)
"""These come first and in this order: names of what is shared, or files."""


def lot(nodeid: str) -> str:
    """What goes to one process together with this test."""
    shared = (name for name, tests in TOGETHER.items() if re.match(tests, nodeid))
    return next(shared, nodeid.partition("::")[0])


def in_order(items: list[pytest.Item]) -> list[pytest.Item]:
    """The tests as they are to be begun."""
    speaking = dict.fromkeys((lot(item.nodeid) for item in items if _speaks_to_temporal(item)), len(LONGEST))
    place = {**speaking, **{name: number for number, name in enumerate(LONGEST)}}
    return sorted(items, key=lambda item: place.get(lot(item.nodeid), len(LONGEST) + 1))


def _speaks_to_temporal(item: pytest.Item) -> bool:
    return isinstance(item, pytest.Function) and "temporal_address" in item.fixturenames


class Sharing(LoadScopeScheduling):
    def __init__(self, config: pytest.Config, log: Producer | None = None) -> None:
        super().__init__(config, log)
        config.option.loadscopereorder = False  # it would begin with the lots of the most tests

    def _split_scope(self, nodeid: str) -> str:
        return lot(nodeid)
