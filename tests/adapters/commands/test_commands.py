"""The one registry of what people may ask for, whatever they ask through."""

from collections.abc import Sequence
from dataclasses import replace
from typing import cast
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest

from adapters.cli.session import face as terminal
from adapters.commands import registry
from adapters.commands.command import Arguments, Command, CommandResult, Option, Request, Row
from adapters.discord.slash import face as discord
from adapters.door import Door
from clara.attention import Asker, Mode
from clara.errors import UserError
from clara.memory.kinds import Owner
from clara.messages import ConversationKey
from clara.settings import load
from clara.tools.provenance import Provenance
from store.database import Connection, Pool
from store.files import blobs, kept
from store.files.kept import Draft, Location
from tests.activities.memory.people import message, told


class Face:
    """A channel of several people."""

    prefix = "/"
    local: Sequence[Row] = (("/quit", "Leave"),)
    hints: Sequence[str] = ("Or just talk.",)
    operator = False

    def __init__(self) -> None:
        self.stopped: list[str | None] = []
        self.chosen: Mode | None = "mention"

    async def stop(self, turn_id: str | None) -> bool:
        self.stopped.append(turn_id)
        return True

    def mode(self) -> Mode | None:
        return self.chosen

    async def set_mode(self, mode: Mode) -> None:
        self.chosen = mode


SOMEBODY = Asker("discord:1")


def request(
    pool: Pool | None = None, asker: Asker = SOMEBODY, admin: bool = False, owner: str | None = None
) -> Request:
    return Request(
        door=Door(None, cast(Pool, pool), memory=False),  # type: ignore[arg-type]
        settings=load({}),
        face=Face(),
        commands=registry.COMMANDS,
        key=ConversationKey(platform="discord", channel="5"),
        asker=asker,
        zone=ZoneInfo("Europe/Berlin"),
        admin=admin,
        owner=owner,
    )


async def run(name: str, of: Request, **arguments: str) -> CommandResult:
    return await registry.offered(channels=True)[name].run(of, arguments)


@pytest.mark.parametrize(
    ("name", "line", "expected"),
    [
        ("model", "high", {"tier": "high"}),
        ("model", "", {}),
        ("project", "the old boat", {"name": "the old boat"}),
        ("memory", "add I play  the cello", {"action": "add", "text": "I play  the cello"}),
        ("new", "whatever", {}),
    ],
)
def test_a_typed_line_becomes_arguments(name: str, line: str, expected: dict[str, str]) -> None:
    assert registry.offered(channels=True)[name].arguments(line) == expected


@pytest.mark.parametrize(("name", "arguments"), [("new", {}), ("model", {"tier": "low"}), ("project", {"name": "x"})])
def test_what_concerns_everybody_is_for_those_who_decide(name: str, arguments: dict[str, str]) -> None:
    command = registry.offered(channels=True)[name]
    with pytest.raises(UserError, match="concerns everybody"):
        command.permit(request(), arguments)
    for asker in (replace(SOMEBODY, moderates=True), replace(SOMEBODY, private=True)):
        command.permit(request(asker=asker), arguments)
    command.permit(request(owner=SOMEBODY.id), arguments)


def test_everybody_may_look() -> None:
    for name in ("model", "project", "status", "usage", "tasks", "memory", "help", "stop"):
        registry.offered(channels=True)[name].permit(request(), {})


async def test_a_mode_is_for_those_who_manage_channels() -> None:
    with pytest.raises(UserError, match="permission to manage channels"):
        await run("mode", request(asker=replace(SOMEBODY, moderates=True)), mode="off")
    asked = request(admin=True)
    assert (await run("mode", asked, mode="OFF")).text == "I am silent in this channel."
    assert asked.face.mode() == "off"
    for missing in ({}, {"mode": ""}):
        with pytest.raises(UserError, match=r"mode active\|mention\|off"):
            await run("mode", request(admin=True), **missing)


async def test_a_choice_that_there_is_not_names_those_that_there_are() -> None:
    with pytest.raises(UserError, match=r"no tier 'enormous'\. Choose one of: high, mid, low, default\."):
        await run("model", request(asker=replace(SOMEBODY, private=True)), tier="enormous")


async def test_the_tier_is_shown_and_set(pool: Pool) -> None:
    asked = request(pool, replace(SOMEBODY, moderates=True))
    assert "by default.\nTo choose: /model high|mid|low|default" in (await run("model", asked)).text
    assert (await run("model", asked, tier="low")).text.endswith("tier low.")
    assert (await run("model", asked, tier="default")).text.endswith("by default.")


async def test_a_stop_means_what_is_being_answered_or_a_task_by_its_number(pool: Pool) -> None:
    asked = request(pool)
    assert (await run("stop", asked)).text == "I am stopping."
    assert cast(Face, asked.face).stopped == [None]
    with pytest.raises(UserError, match=r"There is no task 3\. /tasks lists them\."):
        await run("stop", asked, number="3")


async def test_help_lists_what_there_is_here() -> None:
    shown = await run("help", request())
    assert [left.split()[0] for left, _ in shown.table] == [f"/{c.name}" for c in registry.COMMANDS] + ["/quit"]
    assert shown.text == "Or just talk."


def test_a_terminal_offers_all_but_what_needs_a_channel_of_several_people() -> None:
    assert set(terminal.COMMANDS) == {command.name for command in registry.COMMANDS} - {"mode"}
    assert set(discord.COMMANDS) == {command.name for command in registry.COMMANDS}


async def test_a_new_command_needs_nothing_in_the_faces(monkeypatch: pytest.MonkeyPatch) -> None:
    async def count(_: Request, arguments: Arguments) -> CommandResult:
        return CommandResult("All *counted*.", [("sheep", arguments["how"])])

    sheep = Command("sheep", "Count them", count, (Option("how", "how", ("up", "down")),))
    for of in (terminal, discord):
        monkeypatch.setitem(of.COMMANDS, "sheep", sheep)
    told = next(option for option in discord.payload()[0]["options"] if option["name"] == "sheep")
    assert told["options"][0]["choices"] == [{"name": "up", "value": "up"}, {"name": "down", "value": "down"}]
    name, arguments = discord.chosen({"options": [{"name": "sheep", "options": [{"name": "how", "value": "up"}]}]})
    result = await discord.COMMANDS[name].run(request(), arguments)
    assert discord.message(result) == {"content": "`sheep`: up\nAll \\*counted\\*."}
    assert terminal.as_text(result) == "sheep\tup\n\nAll *counted*."


def test_what_a_message_cannot_hold_is_a_file_as_it_is() -> None:
    shown = discord.message(CommandResult('{"a_b": 1}\n' * 300))
    assert shown["file"].fp.read().startswith(b'{"a_b": 1}\n')


async def test_a_persons_own_files_are_listed_and_deleted_by_name(pool: Pool, owner: Owner) -> None:
    of = request(pool, Asker(owner))
    assert "keep no files" in (await run("files", of)).text
    for number, private in ((1, True), (2, False)):
        await keep_file(pool, owner, f"{number}.txt", private)
    listed = await run("files", of)
    assert sorted(name for name, _ in listed.table) == ["1.txt", "2.txt"], "nobody else reads the answer"
    with pytest.raises(UserError, match="which one: /files delete NAME"):
        await run("files", of, action="delete")
    with pytest.raises(UserError, match="no file called"):
        await run("files", of, action="delete", name="3.txt")
    with pytest.raises(UserError, match="no file called"):
        await run("files", request(pool, SOMEBODY), action="delete", name="1.txt")
    assert (await run("files", of, action="delete", name="1.TXT")).text == "Deleted 1.txt."
    assert [name for name, _ in (await run("files", of)).table] == ["2.txt"]


async def keep_file(pool: Pool, owner: Owner, name: str, private: bool) -> None:
    said = message(owner, "keep")
    await told(pool, said)
    draft = Draft(uuid4(), uuid4().hex, name, "text/plain", 5, "hash", private, Provenance.PERSON)

    async def place(connection: Connection) -> Location:
        return Location(blob_id=await blobs.put(connection, owner, name, "text/plain", b"words"))

    async with pool.connection() as connection, connection.transaction():
        assert await kept.reserve(connection, owner, draft, place, 1000, said.turn_id)
