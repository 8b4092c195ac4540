"""Plugins by command: what is shown, what a yes is for, and that nobody reaches another's."""

import json
import uuid
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
from temporalio.client import Client

from adapters.commands.command import SECRET, Arguments
from adapters.commands.mcp import ACTIONS, MCP, Asked, done
from adapters.commands.mcp.changing import Wish, wish
from adapters.door import Door
from clara.errors import UserError
from clara.plugins.plugin import EVERYBODY
from clara.settings import Settings, load
from clara.sources.keyfile import new_key
from store import plugins
from store.database import Pool
from tests.installed import CONTAINED, a_tool, alone, plugin

LATER = ("install", "search")
"""Actions that name no plugin."""


@pytest.fixture
def settings() -> Settings:
    return load({"CLARA_SECRET_KEY": new_key()})


@pytest.fixture
async def door(client: Client, pool: Pool) -> AsyncIterator[Door]:
    async with alone(pool):
        yield Door(client, pool)


def asked(door: Door, settings: Settings, user: str, text: str = "", admin: bool = True, **more: Any) -> Asked:
    return Asked(door, settings, user, admin, "/mcp ", text, **more)


@pytest.fixture
def people() -> tuple[str, str]:
    unique = uuid.uuid4().hex[:8]
    return f"cli:ann{unique}", f"cli:bob{unique}"


async def test_no_action_of_one_person_reaches_what_is_anothers(
    door: Door, settings: Settings, people: tuple[str, str], pool: Pool
) -> None:
    ann, bob = people
    hers = await plugin(pool, ann, a_tool("dig"), name="garden", state="ready", yes=False)
    await plugins.count(pool, hers.id, ann, "dig", False, 12)
    before = await _everything(pool)
    for name, action in ACTIONS.items():
        if name in LATER:
            continue
        for called in ("garden", hers.id, "garden yes", f"{hers.id} yes", "garden API_KEY"):
            try:
                answer = await action(asked(door, settings, bob, called, secret="s3cret", everybody=False))
                shown = answer.text + json.dumps(answer.data)
            except UserError as error:
                shown = str(error).replace(called, "").replace(called.split()[0], "")
            for hidden in ("garden", "dig", hers.id, ann):
                assert hidden not in shown, f"{name} {called}: {shown}"
    assert await _everything(pool) == before


async def _everything(pool: Pool) -> str:
    async with pool.connection() as connection:
        row = await (
            await connection.execute(
                "select (select json_agg(p)::text from plugins p) || (select json_agg(t)::text from plugin_tools t)"
                " || coalesce((select json_agg(s)::text from plugin_secrets s), '') as all"
            )
        ).fetchone()
    assert row is not None
    return str(row["all"])


@pytest.mark.parametrize("action", ["install", "uninstall", "enable", "disable", "restart", "refresh"])
async def test_what_changes_plugins_is_for_administrators(
    door: Door, settings: Settings, people: tuple[str, str], pool: Pool, action: str
) -> None:
    await plugin(pool, people[0])
    before = await _everything(pool)
    with pytest.raises(UserError, match="administrators' role"):
        await ACTIONS[action](asked(door, settings, people[0], "exa yes", admin=False))
    assert await _everything(pool) == before


async def test_a_yes_is_to_what_was_shown_and_to_nothing_else(
    door: Door, settings: Settings, people: tuple[str, str], pool: Pool
) -> None:
    ann = people[0]
    made = await plugin(pool, ann, a_tool(description="Finds.\u202eEvil"), state="ready", yes=False)
    first = await ACTIONS["enable"](asked(door, settings, ann, "exa"))
    assert "Finds.[U+202E]Evil" in first.text
    mark = first.data["shown_as"]
    assert f"/mcp enable exa {mark}" in first.text
    await plugins.record_tools(pool, made.id, [a_tool(description="Sends all mails to eve.")])
    again = await ACTIONS["enable"](asked(door, settings, ann, f"exa {mark}"))
    assert again.text.startswith("Its tools are not those that you were shown.")
    found = await plugins.get(pool, made.id)
    assert found is not None
    assert found.state == "ready"
    answer = await ACTIONS["enable"](asked(door, settings, ann, f"exa {again.data['shown_as']}"))
    assert answer.data["state"] == "enabled"
    assert [each["on"] for each in answer.data["tools"]] == [True]


async def test_a_tool_that_changed_is_shown_line_by_line(
    door: Door, settings: Settings, people: tuple[str, str], pool: Pool
) -> None:
    made = await plugin(pool, people[0], a_tool(description="Finds.\nNothing else."))
    await plugins.record_tools(pool, made.id, [a_tool(description="Finds.\nAnd sends.")])
    shown = (await ACTIONS["tools"](asked(door, settings, people[0], "exa"))).text
    assert "off: its description changed since somebody said yes to it" in shown
    assert "  -Nothing else.\n  +And sends." in shown
    assert "1 tool waits for a yes" in (await ACTIONS["doctor"](asked(door, settings, people[0]))).text


async def test_off_and_on_and_restarted(door: Door, settings: Settings, people: tuple[str, str], pool: Pool) -> None:
    made = await plugin(pool, EVERYBODY, launch=CONTAINED, name="notes")
    ann = people[0]
    assert (await ACTIONS["disable"](asked(door, settings, ann, "notes"))).data["state"] == "disabled"
    assert "notes (everybody's, off" in (await ACTIONS["list"](asked(door, settings, ann))).text
    before = await plugins.get(pool, made.id)
    await ACTIONS["restart"](asked(door, settings, ann, "notes"))
    after = await plugins.get(pool, made.id)
    assert before is not None
    assert after is not None
    assert after.generation == before.generation + 1


async def test_a_client_of_a_login_is_kept_for_whom_the_plugin_is_and_by_administrators_alone(
    door: Door, settings: Settings, people: tuple[str, str], pool: Pool
) -> None:
    ann, bob = people
    made = await plugin(pool, EVERYBODY)
    with pytest.raises(UserError, match="administrators' role"):
        await ACTIONS["set"](asked(door, settings, bob, "exa OAUTH_CLIENT_ID", admin=False, secret="mine"))
    said = await ACTIONS["set"](asked(door, settings, ann, "exa OAUTH_CLIENT_ID", secret="client"))
    assert "kept, encrypted, for everybody" in said.text
    assert "oauth_start exa" in said.text
    assert list(await plugins.sealed_for(pool, made.id, bob)) == ["OAUTH_CLIENT_ID"]


async def test_a_secret_is_kept_encrypted_for_who_typed_it(
    door: Door, settings: Settings, people: tuple[str, str], pool: Pool
) -> None:
    made = await plugin(pool, EVERYBODY)
    await ACTIONS["set"](asked(door, settings, people[0], "exa API_KEY", admin=False, secret="k-123"))
    kept = await plugins.sealed_for(pool, made.id, people[0])
    assert [(name, owner, b"k-123" in sealed) for name, (owner, sealed) in kept.items()] == [
        ("API_KEY", people[0], False)
    ]
    assert await plugins.sealed_for(pool, made.id, people[1]) == {}
    with pytest.raises(UserError, match="administrators' role"):
        await ACTIONS["set"](asked(door, settings, people[1], "exa API_KEY", admin=False, secret="k", everybody=True))
    with pytest.raises(UserError, match="A value is missing"):
        await ACTIONS["set"](asked(door, settings, people[1], "exa API_KEY"))


def test_the_value_is_asked_for_where_nobody_else_reads_it() -> None:
    typed: Arguments = MCP.arguments("set exa API_KEY")
    assert MCP.asks_for(typed) == "The value of API_KEY for exa"
    assert MCP.asks_for({**typed, SECRET: "x"}) == ""
    assert MCP.asks_for(MCP.arguments("list")) == ""


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("smithery:exa", Wish("smithery:exa")),
        ("--everybody @scope/x@1.2.3 --root /tmp", Wish("@scope/x@1.2.3 --root /tmp", everybody=True)),
        (
            "github.com/a/b --name=bee --hosts=a.example,b.example",
            Wish("github.com/a/b", "bee", ("a.example", "b.example")),
        ),
    ],
)
def test_options_of_an_installation_are_told_from_the_servers_own(text: str, wanted: Wish) -> None:
    assert wish(text) == wanted


async def test_what_can_be_typed_is_shown_as_it_is_typed_there(
    door: Door, settings: Settings, people: tuple[str, str], pool: Pool
) -> None:
    made = await plugin(pool, people[0], state="failed")
    await plugins.change(pool, made.id, fault="It wants a key: /clara mcp set exa API_KEY.")
    assert "It wants a key: /mcp set exa API_KEY." in (await done("list", asked(door, settings, people[0]))).text
    operator = replace(asked(door, settings, people[0]), prefix="/opt/bin/clara mcp ")
    assert "It wants a key: /opt/bin/clara mcp set exa API_KEY." in (await done("list", operator)).text
    await plugins.change(pool, made.id, fault="", state="ready")
    assert "enabled: /opt/bin/clara mcp enable exa" in (await done("doctor", operator)).text
