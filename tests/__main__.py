"""``python -m tests``: pytest, which ends as Clara's processes do, because it speaks to Temporal as they do."""

import os
import signal
import sys

# What is started a hundred times, as Clara's processes are here, must not be compiled a hundred times. This is
# before the imports, because most of what is imported is to be kept as well.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# What is started in the background, or by nohup, may ignore these, and tests send them to processes of their own.
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGHUP, signal.SIG_DFL)

import pytest  # noqa: E402

from temporal.processes.leaving import leave  # noqa: E402

if __name__ == "__main__":
    leave(pytest.main())
