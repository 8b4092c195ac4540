"""What a write reads before it changes anything."""

from collections.abc import Iterator
from contextlib import contextmanager

from clara.errors import ToolFailed, Unavailable


@contextmanager
def beforehand() -> Iterator[None]:
    """A fault within means that nothing was done, so it is told and no effect is looked for."""
    try:
        yield
    except Unavailable as error:
        raise ToolFailed(f"{error} Nothing was changed. Call again later.") from None
