"""What a look at the world may be taken for, whatever happens in whatever order."""

from datetime import timedelta
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clara.tools.effects import LONGEST_PAUSE, Seen, State, account, conclude, correction, pause

SEEN = st.sampled_from(get_args(Seen))
REMAINING = st.timedeltas(min_value=timedelta(days=-3), max_value=timedelta(minutes=20))
ELAPSED = st.timedeltas(min_value=timedelta(), max_value=timedelta(days=3))


@given(SEEN, REMAINING, st.booleans(), st.booleans())
def test_conclusions(seen: Seen, remaining: timedelta, may_wait: bool, may_ask: bool) -> None:
    conclusion = conclude(seen, remaining, may_wait, may_ask)
    assert (conclusion == "done") == (seen == "done")
    if conclusion == "not_done":
        assert seen == "not_done"
        assert remaining <= timedelta()
    if conclusion == "wait":
        assert may_wait
        assert remaining > timedelta() or (seen == "unreachable" and may_ask)
    if not may_wait:
        assert conclusion != "wait"


@given(ELAPSED, REMAINING, st.integers(0, 1000))
def test_pauses_are_bounded_and_end_when_not_done_counts(
    elapsed: timedelta, remaining: timedelta, unanswered: int
) -> None:
    waited = pause(elapsed, remaining, unanswered)
    assert timedelta() < waited <= LONGEST_PAUSE
    if remaining > timedelta():
        assert waited <= remaining


@given(st.timedeltas(min_value=timedelta(seconds=1), max_value=timedelta(minutes=20)))
def test_few_looks_are_needed_until_not_done_counts(lasts: timedelta) -> None:
    elapsed, looks = timedelta(), 0
    while lasts > elapsed:
        elapsed += pause(elapsed, lasts - elapsed)
        looks += 1
    assert looks <= 30


@given(
    lasts=st.floats(1, 60),
    runs=st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=6),
    looks=st.lists(st.tuples(st.floats(0.01, 30), st.sampled_from(["true", "unknown", "unreachable"])), max_size=60),
)
def test_a_request_that_shows_in_time_never_takes_effect_twice(
    lasts: float, runs: list[tuple[float, bool]], looks: list[tuple[float, str]]
) -> None:
    """Attempts that are killed, and looks at any time: a model of the ledger and of a slow service."""
    shown: list[float] = []
    now, begun, run = 0.0, 0.0, 0

    def begin() -> None:
        share, arrives = runs[run % len(runs)]
        if arrives:
            shown.append(now + share * lasts)

    begin()
    for wait, answer in looks:
        now += wait
        seen: Seen = "done" if any(at <= now for at in shown) else "not_done"
        if answer != "true":
            seen = "unknown" if answer == "unknown" else "unreachable"
        conclusion = conclude(seen, timedelta(seconds=begun + lasts - now), may_wait=True, may_ask_again=True)
        if conclusion in ("done", "unknown"):
            break
        if conclusion == "not_done":
            run, begun = run + 1, now
            begin()
    assert len(shown) <= 1


@pytest.mark.parametrize("state", get_args(State))
def test_each_outcome_is_told_in_its_own_words(state: State) -> None:
    told = account("post", state, "line one\nline two", will_look=True)
    assert "post" in told
    assert ("line one" in told) == (state in ("committed", "failed"))
    assert "line two" not in told
    assert ("I do not know" in told) == (state in ("ambiguous", "intended"))
    assert ("I will look" in told) == (state == "intended")
    assert correction("post", state, "x").startswith("Correction: ")


def test_a_long_result_is_cut() -> None:
    assert len(account("post", "committed", "x" * 5000, will_look=False)) < 300
