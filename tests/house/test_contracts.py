"""Every activity that workflows ask for is implemented, under the same name, with the same types."""

import inspect
from typing import Any, get_type_hints

import pytest

from activities.llm.activities import LlmActivities
from activities.memory.activities import MemoryActivities
from activities.tools.activities import ToolActivities
from activities.turns import TurnActivities
from temporal import contracts

IMPLEMENTED: dict[type, type] = {
    contracts.Llm: LlmActivities,
    contracts.Tools: ToolActivities,
    contracts.Turns: TurnActivities,
    contracts.Memory: MemoryActivities,
}


def stubs() -> list[tuple[type, str]]:
    return [
        (contract, name)
        for contract, _ in IMPLEMENTED.items()
        for name, member in vars(contract).items()
        if inspect.isfunction(member)
    ]


def definition(function: Any) -> str:
    name = getattr(function, "__temporal_activity_definition", None)
    assert name is not None, f"{function.__qualname__} is no activity: its decorator is missing"
    return str(name.name)


@pytest.mark.parametrize(("contract", "name"), stubs(), ids=lambda value: getattr(value, "__name__", value))
def test_stub_is_implemented_under_its_name(contract: type, name: str) -> None:
    stub, made = getattr(contract, name), vars(IMPLEMENTED[contract])[name]
    assert definition(stub) == definition(made)
    assert get_type_hints(stub) == get_type_hints(made)


def test_every_contract_is_listed_here_or_belongs_to_adapters() -> None:
    declared = {c for c in vars(contracts).values() if inspect.isclass(c) and c.__module__ == contracts.__name__}
    assert declared - set(IMPLEMENTED) == {contracts.Adapter}
