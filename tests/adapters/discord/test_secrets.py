"""Commands that need something that nobody else may read: Discord asks for it in a dialog."""

import json
from dataclasses import replace

import pytest

from adapters.commands.command import SECRET, Arguments, Command, CommandResult, Option, Request
from adapters.discord.slash import face
from store.database import Pool
from tests.adapters.discord.inside import inside

TOKEN = "tok-5c1a"


class Vault:
    """A command that keeps what it is told."""

    def __init__(self) -> None:
        self.kept: list[tuple[str, dict[str, str]]] = []
        self.command = Command(
            "vault",
            "Keep a secret",
            self._keep,
            (Option("name", "of what"), Option("action", "keep or look", ("keep", "look"))),
            secret=lambda given: "" if given.get("action") == "look" else f"The token for {given.get('name')}",
        )

    async def _keep(self, request: Request, arguments: Arguments) -> CommandResult:
        self.kept.append((request.asker.id, dict(arguments)))
        return CommandResult("Kept.")


@pytest.fixture
def vault(monkeypatch: pytest.MonkeyPatch) -> Vault:
    made = Vault()
    monkeypatch.setitem(face.COMMANDS, "vault", made.command)
    return made


async def test_a_secret_is_typed_into_a_dialog_and_only_its_person_sees_the_answer(pool: Pool, vault: Vault) -> None:
    async with inside(pool) as here:
        alice, channel = here.fake.world.add_user("Alice"), here.fake.world.add_channel()
        async with here.running():
            asked = await here.fake.command(channel, alice, "vault", name="github")
            await asked.answer()
            assert asked.acknowledged is not None
            (field,) = asked.acknowledged["data"]["components"][0]["components"]
            assert field["label"] == "The token for github"
        async with here.running():  # a restart while the dialog is open
            sent = await here.fake.fill_in(channel, alice, asked, f" {TOKEN}\n")
            assert await sent.answer() == "Kept."
            assert sent.ephemeral
        assert vault.kept == [(f"discord:{alice.id}", {"name": "github", SECRET: TOKEN})]
        assert here.fake.from_clara(channel) == []
        assert TOKEN not in json.dumps([asked.acknowledged, sent.acknowledged, sent.content])


async def test_what_needs_no_secret_is_done_at_once(pool: Pool, vault: Vault) -> None:
    async with inside(pool) as here:
        alice, channel = here.fake.world.add_user("Alice"), here.fake.world.add_channel()
        async with here.running():
            assert await (await here.fake.command(channel, alice, "vault", name="x", action="look")).answer() == "Kept."
    assert vault.kept == [(f"discord:{alice.id}", {"name": "x", "action": "look"})]


async def test_a_forged_dialog_has_no_more_rights_than_the_command(pool: Pool, vault: Vault) -> None:
    async with inside(pool) as here:
        face.COMMANDS["vault"] = replace(vault.command, rights="admins")
        mallory, channel = here.fake.world.add_user("Mallory"), here.fake.world.add_channel()
        async with here.running():
            for name in ("vault", "nothing"):
                forged = f'clara:secret:["{name}",{{"name":"github"}}]'
                sent = await here.fake.fill_in_forged(channel, mallory, forged, TOKEN)
                assert "Kept" not in await sent.answer()
            refused = await here.fake.command(channel, mallory, "vault", name="github")
            assert "permission" in await refused.answer()
            for odd in ('clara:secret:{"a":1}', "clara:secret:", "clara:secret:[[],{}]", "somebody:elses"):
                await here.fake.fill_in_forged(channel, mallory, odd, TOKEN)
            assert await (await here.fake.command(channel, mallory, "vault", name="a" * 90)).answer()
    assert vault.kept == []


async def test_names_that_do_not_fit_into_a_dialog_are_refused(pool: Pool, vault: Vault) -> None:
    async with inside(pool) as here:
        alice, channel = here.fake.world.add_user("Alice"), here.fake.world.add_channel()
        async with here.running():
            told = await (await here.fake.command(channel, alice, "vault", name="a" * 90)).answer()
    assert "terminal" in told
