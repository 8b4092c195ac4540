"""Which turns a model reads."""

from hypothesis import given
from hypothesis import strategies as st

from clara.llm.history import STRIDE, TurnSize, window_start


def sizes(count: int, tokens: int = 100, first: int = 1) -> list[TurnSize]:
    return [TurnSize(first + n, tokens) for n in range(count)]


def test_everything_is_read_while_it_fits() -> None:
    assert window_start(sizes(25), 2_500) == 1


def test_start_moves_in_strides() -> None:
    starts = [window_start(sizes(count), 2_500) for count in range(26, 60)]
    assert set(starts) <= {1 + STRIDE * n for n in range(10)}
    assert starts == sorted(starts)


def test_newest_turn_is_read_even_where_a_stride_would_skip_it() -> None:
    assert window_start(sizes(3, tokens=900), 1_000) == 3


def test_nothing_fits() -> None:
    assert window_start(sizes(3, tokens=900), 100) == 4
    assert window_start([], 100) == 0


@given(st.lists(st.integers(1, 5_000), max_size=70), st.integers(0, 50_000), st.integers(1, 500))
def test_budget_is_never_exceeded(tokens: list[int], budget: int, first: int) -> None:
    turns = [TurnSize(first + n, size) for n, size in enumerate(tokens)]
    start = window_start(turns, budget)
    assert sum(turn.tokens for turn in turns if turn.position >= start) <= budget
