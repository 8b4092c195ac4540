"""What the worker and a supervisor say to each other."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from activities.sandbox.supervised.inside.frames import ERR, LARGEST, OUT, NotFrames, Order, Parser, pack

WORDS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))


@given(st.lists(st.tuples(st.sampled_from([OUT, ERR]), st.binary(max_size=500))), st.integers(1, 50))
def test_frames_come_back_however_they_are_cut(frames: list[tuple[bytes, bytes]], size: int) -> None:
    sent = b"".join(pack(*frame) for frame in frames)
    parser = Parser()
    read = [frame for start in range(0, len(sent), size) for frame in parser.feed(sent[start : start + size])]
    assert read == frames


@pytest.mark.parametrize("data", [b"OCI runtime exec failed: no such file", OUT + (LARGEST + 1).to_bytes(4, "big")])
def test_what_is_no_frame_is_told_apart(data: bytes) -> None:
    with pytest.raises(NotFrames) as raised:
        list(Parser().feed(data))
    assert raised.value.text == data


@given(st.lists(WORDS, min_size=1), st.dictionaries(WORDS, WORDS), st.integers(0), st.none() | st.integers(1, 70_000))
def test_an_order_comes_back(arguments: list[str], environment: dict[str, str], disk: int, user: int | None) -> None:
    order = Order.unpack(Order(arguments, environment, disk, user).packed())
    assert (order.arguments, order.environment) == (arguments, environment)
    assert (order.disk, order.user) == (disk, user)


def test_no_process_is_given_a_nul() -> None:
    with pytest.raises(ValueError, match="NUL"):
        Order(["echo", "a\0b"], {}, 1).packed()
