"""Gists: found again by all that they hold, because a mark in one would be seen."""

import json
from typing import Any

import pytest

from activities.github import looks
from clara.errors import ToolFailed, Unavailable
from clara.tools.provenance import Provenance
from tests.activities.github.conftest import Desk
from tests.loopback.github import Fault, gists
from tests.loopback.http import answer

ID = f"{0xA0:020x}"
CALLS: dict[str, dict[str, Any]] = {
    "list_gists": {},
    "get_gist": {"gist_id": ID},
    "create_gist": {"files": [{"name": "tide.py", "content": "print(1)\n"}], "description": "Tide"},
    "update_gist": {"gist_id": ID, "files": [{"name": "a.md", "content": "New\n"}]},
    "delete_gist": {"gist_id": ID},
}
CREATING = ["create_gist", "delete_gist"]
LOST = Fault(answer(b"{}", "502 Bad Gateway"), after=True, at_change=True)


async def test_own_gists_are_listed_and_those_of_others(desk: Desk) -> None:
    gists.add(desk.server.world, "bob", {"files": {"b": {"content": "b"}}, "public": True, "description": "Of\nBob"})
    gists.add(desk.server.world, "bob", {"files": {"c": {"content": "c"}}})
    own = await desk.run("list_gists")
    assert (
        f"- [{ID}](https://gist.github.com/ann/{ID}) Log (secret; by @ann; updated 2026-11-28; files: a.md" in own.text
    )
    assert own.provenance is Provenance.OTHERS
    of_bob = (await desk.run("list_gists", user="bob")).text
    assert "Of Bob (public; by @bob;" in of_bob
    assert of_bob.count("- [") == 1
    assert desk.lines == ["GET /gists?page=1&per_page=30", "GET /users/bob/gists?page=1&per_page=30"]


async def test_gist_is_shown_with_its_files(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    shown = (await desk.run("get_gist", gist_id=ID)).text
    assert "### a.md (6 bytes)\nFirst\n" in shown
    monkeypatch.setattr(gists, "SHOWN", 2)
    assert "### a.md (6 bytes)\nFi\n[GitHub shows no more of it]" in (await desk.run("get_gist", gist_id=ID)).text


async def test_gist_is_secret_unless_told_otherwise(desk: Desk) -> None:
    output = await desk.run("create_gist", **CALLS["create_gist"])
    assert output.text.startswith("Made the secret gist ")
    assert json.loads(desk.server.asked[-1].body) == {
        "description": "Tide", "public": False, "files": {"tide.py": {"content": "print(1)\n"}},
    }  # fmt: skip
    assert "Made the public gist" in (await desk.run("create_gist", **CALLS["create_gist"], public=True)).text


@pytest.mark.parametrize("shown", [1_000_000, 3], ids=["whole", "cut"])
async def test_lost_gist_is_found_by_what_it_holds(desk: Desk, monkeypatch: pytest.MonkeyPatch, shown: int) -> None:
    monkeypatch.setattr(gists, "SHOWN", shown)
    asked = CALLS["create_gist"]
    assert (await desk.verify("create_gist", **asked)).state == "not_done"
    desk.server.faults = [LOST]
    with pytest.raises(Unavailable):
        await desk.run("create_gist", **asked)
    verdict = await desk.verify("create_gist", **asked)
    assert verdict.state == "done"
    assert "https://gist.github.com/ann/" in verdict.result
    text, name = [{"name": "tide.py", "content": "x"}], [{"name": "b", "content": "print(1)\n"}]
    for other in ({"description": "Ebb"}, {"public": True}, {"files": text}, {"files": name}):
        assert (await desk.verify("create_gist", **asked | other)).state == "not_done"
    assert (await desk.verify("create_gist", "bob", **asked)).state == "not_done"


async def test_look_among_very_many_says_unknown(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("activities.github.tools.gists.PER_PAGE", 1)
    for _ in range(looks.LOOKED_AT_PAGES):
        await desk.run("create_gist", files=[{"name": "a", "content": "a"}])
    assert (await desk.verify("create_gist", files=[{"name": "b", "content": "b"}])).state == "unknown"


async def test_update_changes_only_what_was_given(desk: Desk) -> None:
    output = await desk.run(
        "update_gist", gist_id=ID, files=[{"name": "c.md", "content": "Third\n"}], delete_files=["b.md", "gone.md"]
    )
    assert output.text == f"Changed gist {ID}: https://gist.github.com/ann/{ID}"
    assert json.loads(desk.server.asked[-1].body) == {"files": {"c.md": {"content": "Third\n"}, "b.md": None}}
    await desk.run("update_gist", gist_id=ID, description="")
    assert json.loads(desk.server.asked[-1].body) == {"description": ""}
    with pytest.raises(ToolFailed, match="Say what is to change"):
        await desk.run("update_gist", gist_id=ID)


async def test_deleted_gist_is_gone_and_that_of_another_stays(desk: Desk) -> None:
    with pytest.raises(ToolFailed, match="may not see it"):
        await desk.run("delete_gist", "bob", gist_id=ID)
    assert (await desk.verify("delete_gist", gist_id=ID)).state == "not_done"
    desk.server.faults = [LOST]
    with pytest.raises(Unavailable):
        await desk.run("delete_gist", gist_id=ID)
    assert (await desk.verify("delete_gist", gist_id=ID)).state == "done"


@pytest.mark.parametrize(
    "wrong",
    [
        {"files": []},
        {"files": [{"name": "a/b", "content": "x"}]},
        {"files": [{"name": "a", "content": " \n"}]},
        {"files": [{"name": "a", "content": "x"}, {"name": "a", "content": "y"}]},
        {"files": [{"name": "a", "content": "x"}], "description": "a\nb"},
    ],
)
async def test_what_github_would_refuse_is_refused(desk: Desk, wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="arguments of github_create_gist are wrong"):
        (await desk.tools())["github_create_gist"].parse(wrong)
    with pytest.raises(ValueError, match="gist_id"):
        (await desk.tools())["github_get_gist"].parse({"gist_id": "../user"})
