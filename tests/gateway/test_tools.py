"""The catalogue of tools as the operator sees it."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from clara.errors import UserError
from clara.settings import load
from gateway.commands import clara
from gateway.inspection import tool_list
from gateway.inspection.tool_list import Catalogued
from tests.house.modules import dice


@pytest.fixture
def environment(database_url: str, temporal_address: str, tmp_path: Path) -> dict[str, str]:
    home = {"CLARA_HOME": str(tmp_path), "DATABASE_URL": database_url, "TEMPORAL_ADDRESS": temporal_address}
    return {**home, "CLARA_TOOLS": dice.__name__, "TAVILY_API_KEY": "tvly-key"}


@pytest.fixture
async def catalogued(environment: dict[str, str]) -> Catalogued:
    return await tool_list.listed(load(environment), None)


async def test_all_tools_are_listed_with_what_they_do_and_who_may_use_them(catalogued: Catalogued) -> None:
    lines = {line.split()[0]: line.split()[1:] for line in tool_list.as_text(catalogued, None).split("\n")}
    assert lines["save_note"] == ["clara", "idempotent", "change", "everyone", "always"]
    assert lines["find_tools"] == ["clara", "idempotent", "look", "everyone", "always"]
    assert lines["web_search"] == ["web", "read", "look", "everyone", "always"]
    assert lines["roll_dice"] == ["CLARA_TOOLS", "read", "look", "everyone", "always"]
    assert "of 8,000 tokens" in tool_list.as_text(catalogued, 80)
    assert all(len(line) <= 80 for line in tool_list.as_text(catalogued, 80).split("\n"))


async def test_one_tool_is_shown_whole(catalogued: Catalogued) -> None:
    shown = tool_list.described(tool_list.named(catalogued, "read_output"))
    assert "call: the call whose output was cut" in shown
    assert "start (optional): number of the first character" in shown
    json.dumps(tool_list.as_json(catalogued))


async def test_wrong_name_is_answered_with_the_nearest(catalogued: Catalogued) -> None:
    with pytest.raises(UserError, match=r"Do you mean save_note\?"):
        tool_list.named(catalogued, "safe_note")


async def test_what_is_missing_is_said(environment: dict[str, str]) -> None:
    found = await tool_list.listed(load({**environment, "MEMORY_ENABLED": "false"}), None)
    assert "Missing: remember, recall, forget: memory is switched off (MEMORY_ENABLED)" in tool_list.as_text(
        found, None
    )
    with pytest.raises(UserError, match="recall cannot be used now: memory is switched off"):
        tool_list.named(found, "recall")
    found = await tool_list.listed(load({**environment, "TAVILY_API_KEY": ""}), None)
    assert "Missing: web_search: searching the web needs a key of Tavily" in " ".join(
        tool_list.as_text(found, None).split()
    )
    lines = {line.split()[0]: line.split()[1:] for line in tool_list.as_text(found, None).split("\n")}
    assert lines["find_tools"][-1] == "always", "it tells what is missing"


def test_nobody_is_told_apart_from_a_person(environment: dict[str, str]) -> None:
    done = CliRunner().invoke(clara, ["tools", "list", "-u", "ann"], env=environment)
    assert done.exit_code == 1
    assert "looks like discord:1234" in str(done.exception)
