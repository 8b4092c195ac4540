"""How long Temporal waits before it tries again."""

from datetime import timedelta

import pytest

from clara.errors import Unavailable
from temporal.failures import BUSY, to_application_error


@pytest.mark.parametrize(
    ("asked", "attempt", "pause"),
    [(1, 1, 1), (1, 5, 8), (1, 12, 30), (0, 3, 2), (120, 12, 120)],
)
def test_pause_is_what_was_asked_for_and_never_less_than_the_back_off(asked: int, attempt: int, pause: int) -> None:
    error = Unavailable("busy day", "server", timedelta(seconds=asked))
    assert to_application_error(error, attempt).next_retry_delay == timedelta(seconds=pause)


def test_wait_for_what_is_under_way_is_as_long_as_asked() -> None:
    error = Unavailable("still running", BUSY, timedelta(seconds=1))
    assert to_application_error(error, 12).next_retry_delay == timedelta(seconds=1)


def test_without_a_wish_the_policy_decides() -> None:
    assert to_application_error(Unavailable("down", "server"), 12).next_retry_delay is None
