"""What holds for each tool: whose account it uses, and its commonest faults."""

from contextlib import suppress

import pytest

from activities.github.asking import Asking
from activities.github.toolset import all_tools
from clara.errors import ToolFailed, Unavailable
from clara.tools.tool import Effect
from tests.activities.github.calls import CALLS, CREATING
from tests.activities.github.conftest import TOKENS, Desk
from tests.loopback.github import Fault
from tests.loopback.github.wire import NOT_FOUND, primary_limit, refusal, secondary_limit


def test_every_tool_is_called_and_every_write_is_looked_for() -> None:
    tools = all_tools(Asking(None, None))  # type: ignore[arg-type] # none of them is called
    assert {tool.name for tool in tools} == {f"github_{name}" for name in CALLS}
    writes = [tool for tool in tools if tool.effect is Effect.WRITE]
    assert {tool.name for tool in writes} == {f"github_{name}" for name in CREATING}
    assert all(tool.verify for tool in writes)
    assert all(tool.view for tool in tools)


@pytest.mark.parametrize("name", CALLS)
async def test_each_call_carries_the_token_of_its_person_alone(desk: Desk, name: str) -> None:
    for who in ("ann", "bob", "ann"):
        before = len(desk.server.asked)
        with suppress(ToolFailed):  # what the first has made or deleted, others cannot
            await desk.run(name, who, key=f"t/0/{who}", **CALLS[name])
        assert len(desk.server.asked) > before
        for asked in desk.server.asked[before:]:
            assert TOKENS[who] in asked.headers["authorization"]
            rest = asked.line + str(asked.body) + str({k: v for k, v in asked.headers.items() if k != "authorization"})
            assert not any(token in rest for token in TOKENS.values())


@pytest.mark.parametrize("name", CALLS)
async def test_commonest_faults_are_told(desk: Desk, name: str) -> None:
    """One test for all, because there are so many tools."""
    is_read = (await desk.tools())[f"github_{name}"].effect is Effect.READ
    for limit in (primary_limit, secondary_limit):
        before = len(desk.server.asked)
        desk.server.faults = [Fault(limit(600))]
        with pytest.raises(Unavailable if is_read else ToolFailed, match="rate limit") as raised:
            await desk.run(name, **CALLS[name])
        assert len(desk.server.asked) == before + 1
        if isinstance(raised.value, Unavailable):  # waited for, and not here
            assert raised.value.retry_after is not None
            assert 500 < raised.value.retry_after.total_seconds() <= 600
    desk.server.faults = [Fault(NOT_FOUND)] * 5  # a file that is not there yet is no fault, but then its repository is
    with pytest.raises(ToolFailed, match=r"there, or the account may not see it|no such thing"):
        await desk.run(name, **CALLS[name])
    desk.server.faults = [Fault(refusal("401 Unauthorized", "Bad credentials"))]
    with pytest.raises(ToolFailed, match="/clara connect github"):
        await desk.run(name, **CALLS[name])
