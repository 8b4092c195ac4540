"""Files: what is shown of them, and that a change of somebody else's is not written over."""

import base64
import json
from datetime import timedelta
from typing import Any

import pytest

from activities.github.tools import contents
from clara.errors import ToolFailed, Unavailable
from clara.tools.provenance import Provenance
from clara.tools.tool import Risk
from tests.activities.github.conftest import FILES, PICTURE, Desk
from tests.activities.web.asking import SAID
from tests.loopback.github import Fault
from tests.loopback.github.git import Git, blob
from tests.loopback.github.wire import as_json, refusal
from tests.loopback.http import answer

HERE: dict[str, Any] = {"owner": "acme", "repo": "tides"}
READ = blob(FILES["README.md"])
CALLS: dict[str, dict[str, Any]] = {
    "get_file_contents": {**HERE, "path": "README.md"},
    "create_or_update_file": {**HERE, "path": "notes/a.md", "content": "Low at nine.\n", "message": "Note the tide"},
    "delete_file": {**HERE, "path": "src/tide.py", "message": "No tides any more", "sha": blob(FILES["src/tide.py"])},
}
CREATING = ["create_or_update_file", "delete_file"]
LOST = Fault(answer(b"{}", "502 Bad Gateway"), after=True, at_change=True)


def git(desk: Desk) -> Git:
    return desk.server.world.of("acme/tides", Git)


def somebody_writes(desk: Desk, path: str, data: bytes, later: bool = True) -> str:
    """A commit of another person's, after the message that the turn answers, or before it."""
    world = desk.server.world
    world.now = SAID.sent_at + timedelta(minutes=1 if later else -10)
    git(desk).commit(world, "main", "mallory", "Mine", {path: data})
    world.now = SAID.sent_at + timedelta(minutes=5)
    return blob(data)


async def test_text_is_shown_with_its_size_and_version(desk: Desk) -> None:
    output = await desk.run("get_file_contents", **HERE, path="README.md")
    head = f"[README.md](https://github.com/acme/tides/blob/main/README.md) (8 bytes; version {READ})"
    assert f"{head}\n\n# Tides\n" in output.text
    assert output.provenance is Provenance.OTHERS
    assert output.source == "README.md of acme/tides"
    assert not output.files
    assert desk.lines == ["GET /repos/acme/tides/contents/README.md"]


async def test_folder_is_a_list(desk: Desk) -> None:
    top = await desk.run("get_file_contents", **HERE)
    assert "- README.md (8 bytes)\n- logo.png (264 bytes)\n- src (folder)" in top.text
    below = await desk.run("get_file_contents", **HERE, path="src/")
    assert "- src/old (folder)\n- src/tide.py" in below.text


async def test_what_is_no_text_goes_to_the_person_as_a_file(desk: Desk) -> None:
    output = await desk.run("get_file_contents", **HERE, path="logo.png", ref="main")
    (file,) = output.files
    assert (file.name, file.media_type, file.data) == ("logo.png", "image/png", PICTURE)
    assert "image/png" in output.text
    assert base64.b64encode(PICTURE)[:20].decode() not in output.text
    assert desk.lines == ["GET /repos/acme/tides/contents/logo.png?ref=main"]


async def test_large_file_is_read_raw_and_a_larger_one_is_not_asked_for(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    somebody_writes(desk, "log.txt", b"ebb\n" * 400_000)
    assert (await desk.run("get_file_contents", **HERE, path="log.txt")).text.count("ebb\n") == 400_000
    assert "vnd.github.raw" in desk.server.asked[-1].headers["accept"]
    monkeypatch.setattr(contents, "SIZE", 1_000_000)
    with pytest.raises(ToolFailed, match=r"has 1\.5 MiB; .*https://github.com/acme/tides/blob/main/log.txt"):
        await desk.run("get_file_contents", **HERE, path="log.txt")
    assert len(desk.server.asked) == 3


async def test_odd_paths_are_asked_for_as_they_are(desk: Desk) -> None:
    for path in ("a b/ü#?.md", "%2e%2e/x", "...", "a;b&c=d", "'\"\\", "issues", "a/.github"):
        somebody_writes(desk, path, b"odd\n")
        assert "odd\n" in (await desk.run("get_file_contents", **HERE, path=path)).text
        assert desk.lines[-1].startswith("GET /repos/acme/tides/contents/")
        assert desk.lines[-1].count("/") == 5


async def test_paths_and_names_cannot_lead_elsewhere(desk: Desk) -> None:
    tools = await desk.tools()
    delete, read = tools["github_delete_file"], tools["github_get_file_contents"]
    for path in ("..", "../issues", "a/../../x", "./a", "a//b", "/a", "a\nb", "a\0", "", "/"):
        with pytest.raises(ValueError, match="arguments of github_delete_file are wrong: path"):
            delete.parse({**CALLS["delete_file"], "path": path})
    for ref in (
        "..",
        "a..b",
        "/a",
        "a/",
        "a//b",
        ".a",
        "a/.b",
        "a.lock",
        "a b",
        "a?b",
        "a~1",
        "HEAD^",
        "a\\b",
        "@",
        "-x",
    ):
        with pytest.raises(ValueError, match="wrong: ref"):
            read.parse({**HERE, "ref": ref})
    read.parse({**HERE, "ref": "feature/über-#1@2"})


async def test_new_file_is_written_without_a_version(desk: Desk) -> None:
    output = await desk.run("create_or_update_file", **CALLS["create_or_update_file"])
    commit = git(desk).branches["main"]
    assert output.text == (
        f"Wrote notes/a.md of acme/tides: https://github.com/acme/tides/commit/{commit} "
        f"Its version is {blob(b'Low at nine.' + bytes([10]))} now."
    )
    assert json.loads(desk.server.asked[-1].body) == {
        "message": "Note the tide", "content": base64.b64encode(b"Low at nine.\n").decode(),
    }  # fmt: skip
    assert git(desk).commits[commit].files["notes/a.md"] == b"Low at nine.\n"


async def test_version_that_the_model_has_read_is_what_is_replaced(desk: Desk) -> None:
    output = await desk.run("create_or_update_file", **HERE, path="README.md", content="# T\n", message="m", sha=READ)
    assert output.text.endswith(f"It replaced version {READ}.")
    assert [line.partition(" ")[0] for line in desk.lines] == ["PUT"]


@pytest.mark.parametrize("name", CREATING)
async def test_version_that_is_not_there_any_more_is_not_written_over(desk: Desk, name: str) -> None:
    newer = somebody_writes(desk, "src/tide.py", b"mine\n")
    arguments = CALLS["delete_file"] | ({"content": "x"} if name != "delete_file" else {})
    with pytest.raises(ToolFailed, match="read it again, work that change in, and give its version as sha"):
        await desk.run(name, **arguments)
    assert blob(git(desk).commits[git(desk).branches["main"]].files["src/tide.py"]) == newer


@pytest.mark.parametrize("name", CREATING)
async def test_without_a_version_a_change_after_the_persons_message_is_not_written_over(desk: Desk, name: str) -> None:
    arguments = {**HERE, "path": "README.md", "message": "m"} | ({"content": "x"} if name != "delete_file" else {})
    somebody_writes(desk, "README.md", b"mine\n")
    with pytest.raises(ToolFailed, match=r"@mallory has changed README.md since .*github.com/acme/tides/commit"):
        await desk.run(name, **arguments)
    assert all(line.startswith("GET") for line in desk.lines)


@pytest.mark.parametrize("name", CREATING)
async def test_without_a_version_the_one_that_is_there_is_replaced_and_told(desk: Desk, name: str) -> None:
    arguments = {**HERE, "path": "README.md", "message": "m"} | ({"content": "x"} if name != "delete_file" else {})
    older = somebody_writes(desk, "README.md", b"mine\n", later=False)
    await desk.run(name, **arguments)
    assert json.loads(desk.server.asked[-1].body)["sha"] == older


@pytest.mark.parametrize("name", CREATING)
async def test_change_between_reading_and_writing_is_not_written_over(desk: Desk, name: str) -> None:
    arguments = {**HERE, "path": "README.md", "message": "m"} | ({"content": "x"} if name != "delete_file" else {})
    somebody_writes(desk, "README.md", b"mine\n", later=False)
    stale = {"type": "file", "path": "README.md", "size": 8, "sha": READ, "html_url": ""}
    desk.server.faults = [Fault(as_json(stale))]  # what was there a moment ago
    with pytest.raises(ToolFailed, match="does not match"):
        await desk.run(name, **arguments)


async def test_what_is_there_already_is_not_written(desk: Desk) -> None:
    somebody_writes(desk, "README.md", b"same\n", later=False)
    output = await desk.run("create_or_update_file", **HERE, path="README.md", content="same\n", message="m")
    assert "Nothing was changed" in output.text
    assert all(line.startswith("GET") for line in desk.lines)


async def test_token_for_public_repositories_can_write_a_new_file(desk: Desk) -> None:
    """GitHub tells of the scope ``repo`` where it finds nothing."""
    missing = refusal("404 Not Found", "Not Found", x_oauth_scopes="public_repo", x_accepted_oauth_scopes="repo")
    desk.server.faults = [Fault(missing)]
    assert "Wrote" in (await desk.run("create_or_update_file", **CALLS["create_or_update_file"])).text


async def test_stale_version_of_the_same_text_is_no_success(desk: Desk) -> None:
    somebody_writes(desk, "README.md", b"mine\n")
    with pytest.raises(ToolFailed, match="does not match"):
        await desk.run("create_or_update_file", **HERE, path="README.md", content="# Tides\n", message="m", sha=READ)


async def test_file_that_is_not_there_cannot_be_deleted(desk: Desk) -> None:
    with pytest.raises(ToolFailed, match="has no file nowhere"):
        await desk.run("delete_file", **HERE, path="nowhere.md", message="m")
    with pytest.raises(ToolFailed, match="is no file"):
        await desk.run("delete_file", **HERE, path="src", message="m")


@pytest.mark.parametrize("name", CREATING)
async def test_what_cannot_be_read_beforehand_is_told_as_not_done(desk: Desk, name: str) -> None:
    arguments = {key: value for key, value in CALLS[name].items() if key != "sha"}
    desk.server.faults = [Fault(answer(b"", "502 Bad Gateway"))]
    with pytest.raises(ToolFailed, match="Nothing was changed"):
        await desk.run(name, **arguments)
    assert len(desk.lines) == 1


@pytest.mark.parametrize("name", CREATING)
@pytest.mark.parametrize("followed", [False, True], ids=["", "changed again"])
async def test_lost_change_is_found_by_its_commit(desk: Desk, name: str, followed: bool) -> None:
    desk.server.faults = [LOST]
    with pytest.raises(Unavailable):
        await desk.run(name, **CALLS[name])
    if followed:
        somebody_writes(desk, CALLS[name]["path"], b"later\n")
    verdict = await desk.verify(name, **CALLS[name])
    assert verdict.state == "done"
    assert "https://github.com/acme/tides/commit/" in verdict.result
    other = CALLS[name] | {"message": "Another"}
    assert (await desk.verify(name, **other)).state == "not_done"


async def test_the_same_words_with_another_text_are_not_taken_for_the_change(desk: Desk) -> None:
    await desk.run("create_or_update_file", **CALLS["create_or_update_file"])
    other = CALLS["create_or_update_file"] | {"content": "High at three.\n"}
    assert (await desk.verify("create_or_update_file", **other)).state == "not_done"


async def test_empty_repository_has_no_change(desk: Desk) -> None:
    await desk.run("create_repository", name="new")
    new = CALLS["create_or_update_file"] | {"owner": "ann", "repo": "new"}
    assert (await desk.verify("create_or_update_file", **new)).state == "not_done"
    await desk.run("create_or_update_file", **new)
    assert (await desk.verify("create_or_update_file", **new)).state == "done"


async def test_workflow_is_code_that_runs(desk: Desk) -> None:
    tool = (await desk.tools())["github_create_or_update_file"]
    assert tool.reaches is not None
    risks = {"a.md": Risk.OUTWARD, ".github/workflows/x.yml": Risk.EXECUTE, ".GitHub/Workflows/x": Risk.EXECUTE}
    for path, risk in risks.items():
        assert tool.reaches(tool.parse(CALLS["create_or_update_file"] | {"path": path})) is risk
