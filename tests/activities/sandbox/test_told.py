"""What the model reads of a piece of Python."""

from activities.sandbox.sessions import Piece
from activities.sandbox.tools.python import told


def test_a_package_that_is_missing_is_told_with_both_ways_to_get_it() -> None:
    words = told(Piece("ModuleNotFoundError: No module named 'matplotlib'"), lost=False)
    assert "install_package" in words
    assert "install sandbox-python" in words
    assert "install_package" not in told(Piece("42", ok=True), lost=False)


def test_nothing_written_is_said() -> None:
    assert told(Piece("", ok=True), lost=False) == "(It wrote nothing.)"
