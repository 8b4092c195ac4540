"""What a run writes, bounded while it comes: the beginning and the end are kept, the middle is counted."""

HEAD = 1_000_000
TAIL = 250_000
"""Bytes. Beyond the beginning only the newest are kept."""

ENDLESS = 64_000_000
"""Bytes after which a run is ended: nobody reads that, and it may never stop."""

SHOWN_LINE = 160
"""Characters of the line that is shown while a run goes on."""


class Output:
    """Collects one run's output."""

    def __init__(self) -> None:
        self._head = bytearray()
        self._tail = bytearray()
        self.size = 0

    def add(self, data: bytes) -> None:
        self.size += len(data)
        room = HEAD - len(self._head)
        self._head += data[:room]
        self._tail += data[max(0, room) :]
        if len(self._tail) > 2 * TAIL:
            del self._tail[:-TAIL]

    @property
    def endless(self) -> bool:
        return self.size > ENDLESS

    @property
    def text(self) -> str:
        """All that is kept, with a line that says how much is not."""
        tail = bytes(self._tail[-TAIL:])
        left_out = self.size - len(self._head) - len(tail)
        head = bytes(self._head).decode("utf-8", "replace")
        if left_out <= 0:
            return (bytes(self._head) + tail).decode("utf-8", "replace")
        return f"{head}\n[… {left_out:,} bytes were left out …]\n{tail.decode('utf-8', 'replace')}"

    @property
    def last_line(self) -> str:
        """The newest line that is not empty, as far as it is there: what a terminal would show at its bottom."""
        newest = bytes((self._tail or self._head)[-4 * SHOWN_LINE :]).decode("utf-8", "replace")
        lines = [line.strip() for line in newest.replace("\r", "\n").splitlines() if line.strip()]
        return lines[-1][-SHOWN_LINE:] if lines else ""
