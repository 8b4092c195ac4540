"""What surrounds every activity tells a fault of Clara's own database from all others."""

from typing import Any, cast

import psycopg
import pytest
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput

from clara.errors import StackFault, ToolFailed, Unavailable, Unreachable
from temporal.failures import STORE_DOWN
from temporal.processes.interceptor import Surroundings


class Fails(ActivityInboundInterceptor):
    def __init__(self, error: Exception) -> None:
        self._error = error

    async def execute_activity(self, _: ExecuteActivityInput) -> Any:
        raise self._error


@pytest.mark.parametrize(
    ("error", "kind", "final"),
    [
        (psycopg.OperationalError("gone"), STORE_DOWN, False),
        (Unreachable("Clara's database does not answer", "…", "database"), STORE_DOWN, False),
        (StackFault("Clara's database refused (UndefinedTable).", "invalid"), "StackFault", False),
        (Unavailable("slow down", "rate_limit"), "rate_limit", False),
        (ToolFailed("no such file"), "ToolFailed", True),
    ],
)
async def test_errors_of_an_activity(error: Exception, kind: str, final: bool) -> None:
    surrounded = Surroundings().intercept_activity(Fails(error))
    with pytest.raises(ApplicationError) as raised:
        await ActivityEnvironment().run(surrounded.execute_activity, cast(ExecuteActivityInput, None))
    assert (raised.value.type, raised.value.non_retryable) == (kind, final)
    if kind == STORE_DOWN:
        assert raised.value.next_retry_delay is not None
        assert raised.value.next_retry_delay.total_seconds() <= 5
