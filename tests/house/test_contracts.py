"""Every activity that workflows ask for is implemented and served: by one role, under its name, with its types."""

import importlib
import inspect
import pkgutil
from collections.abc import Callable
from typing import Any, get_type_hints

import pytest

from adapters.discord.chat.actions import ChatActions
from adapters.discord.outbound.delivery import Deliverer
from clara.settings import load
from temporal import contracts
from workers.bootstrap import assemble
from workers.roles import ROLES

Activity = Callable[..., Any]

SHARED = {"tools.run"}
"""Served by each role that has tools of its own."""


def stubs() -> dict[str, Any]:
    """The functions of every class of every module of ``temporal.contracts``, by the name of the activity."""
    modules = [
        importlib.import_module(f"{contracts.__name__}.{m.name}") for m in pkgutil.iter_modules(contracts.__path__)
    ]
    declared = [
        contract
        for module in modules
        for contract in vars(module).values()
        if inspect.isclass(contract) and contract.__module__ == module.__name__
    ]
    functions = [each for contract in declared for each in vars(contract).values() if inspect.isfunction(each)]
    return {name_of(function): function for function in functions}


def name_of(function: Any) -> str:
    definition = getattr(function, "__temporal_activity_definition", None)
    assert definition is not None, f"{function.__qualname__} is no activity: its decorator is missing"
    return str(definition.name)


@pytest.fixture
async def served(database_url: str, temporal_address: str, tmp_path: Any) -> dict[str, list[tuple[str, Activity]]]:
    """By the name of each activity: the roles that serve it, and with what."""
    settings = load({"CLARA_HOME": str(tmp_path), "DATABASE_URL": database_url, "TEMPORAL_ADDRESS": temporal_address})
    found: dict[str, list[tuple[str, Activity]]] = {}
    async with assemble(settings, ROLES) as parts:
        for role, activities in parts.activities.items():
            for each in activities:
                found.setdefault(name_of(each), []).append((role, each))
    return found


async def test_each_activity_is_served_by_one_role_with_the_types_of_its_contract(
    served: dict[str, list[tuple[str, Activity]]],
) -> None:
    served["adapter.deliver"] = [("discord", Deliverer.deliver)]
    served["chat.act"] = [("discord", ChatActions.act)]
    declared = stubs()
    assert set(served) == set(declared)
    for name, by in served.items():
        assert len(by) == 1 or name in SHARED, f"{name} is served by {[role for role, _ in by]}"
        for _, made in by:
            assert get_type_hints(made) == get_type_hints(declared[name]), name
