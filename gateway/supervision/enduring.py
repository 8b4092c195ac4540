"""Runs supervisord so that a full disk does not end it, and everything with it.

Its own log files raise what they cannot write: into its main loop, or into its standard error, which
is a file on the same disk. Here such lines are lost instead, until there is room again.
"""

from pathlib import Path
from typing import Any

from supervisor import loggers, supervisord


class EnduringFile(loggers.RotatingFileHandler):  # type: ignore[misc] # it carries no types
    """A log file that drops what it cannot write, and goes on by itself."""

    stream: Any

    def emit(self, record: Any) -> None:
        try:
            if self.stream.closed:  # a rotation was cut short
                self.stream = Path(self.baseFilename).open(self.mode)  # noqa: SIM115 - kept open
            super().emit(record)
        except OSError:
            return

    def handleError(self) -> None:
        """Told to nobody: standard error would fail as well."""


def main() -> None:
    loggers.RotatingFileHandler = EnduringFile
    supervisord.main()


if __name__ == "__main__":
    main()
