"""Which processes of this worker run in which box, so that the end of a box is not taken for a fault."""

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager

from activities.sandbox.supervised.process import SupervisedProcess


class Running:
    def __init__(self) -> None:
        self._boxes: defaultdict[str, set[SupervisedProcess]] = defaultdict(set)

    def add(self, box: str, process: SupervisedProcess) -> None:
        running = self._boxes[box]
        running.difference_update([each for each in running if not each.running])
        running.add(process)

    @contextmanager
    def stopping(self, box: str) -> Iterator[None]:
        """While a box is ended; what runs in it counts as killed, unless that fails."""
        running = self._boxes.pop(box, set())
        for each in running:
            each.stopped = True
        try:
            yield
        except BaseException:
            for each in running:
                each.stopped = False
            self._boxes[box] |= running
            raise
