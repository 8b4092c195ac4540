"""Becomes the filter in front of the Web UI of this home's Temporal. Run by the supervisor alone."""

import signal
import sys

from clara.errors import ClaraError
from gateway.embedded import host_filter
from gateway.home.record import Record
from gateway.supervision.child import begin


def main() -> None:
    child = begin("pages")
    record = Record.read(child.home)
    host, _, port = record.ui_upstream.rpartition(":")
    # Without site-packages, which it does not need: it takes half the memory so.
    argv = [sys.executable, "-I", "-S", host_filter.__file__, str(record.ui_port), host, port]
    child.become(argv, {}, signal.SIGTERM)


if __name__ == "__main__":
    try:
        main()
    except (ClaraError, OSError) as error:
        sys.exit(f"The Temporal Web UI cannot be shown: {error}")
