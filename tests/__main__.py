"""``python -m tests``: pytest, which ends as Clara's processes do, because it speaks to Temporal as they do."""

import pytest

from temporal.leaving import leave

if __name__ == "__main__":
    leave(pytest.main())
