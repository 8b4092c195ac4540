"""The promise, kept by real processes that are killed: every accepted message is answered, once."""

from pathlib import Path

import pytest

from tests.chaos.run import Chaos

TURNS, KILLS, SEED = 24, 12, 20261122


@pytest.mark.timeout(400)
async def test_accepted_messages_are_answered_once_whatever_dies(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLARA_HOME", str(tmp_path / "home"))
    account = await Chaos(tmp_path / "home", "anthropic", TURNS, KILLS, SEED, conversations=4).run()
    assert account.accepted >= TURNS
    assert account.faults == []
    assert account.kills_in_turns >= KILLS - 2, f"too few kills to prove anything: {account.kills}"
