"""Repositories of a loopback GitHub: a commit is pinned, unpacked, built and moved."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from activities.plugins import places
from clara.errors import ToolFailed, Unavailable, UserError
from tests.activities.plugins.installing.conftest import World
from tests.loopback.http import Server, answer, redirect
from tests.loopback.npm import SERVER, archive

COMMIT = "0123456789abcdef0123456789abcdef01234567"


def package(**fields: Any) -> str:
    return json.dumps({"name": "one", "version": "1.0.0", "bin": "dist/index.js", **fields})


def repository(web: Server, files: Mapping[str, str], ref: str = "HEAD") -> None:
    web.routes[f"/repos/ann/tools/commits/{ref}"] = answer(COMMIT.encode())
    web.routes[f"/repos/ann/tools/tarball/{COMMIT}"] = redirect(f"{web.url}/archive")
    web.routes["/archive"] = answer(archive(files, f"ann-tools-{COMMIT[:7]}"), content_type="application/x-gzip")


@pytest.mark.usefixtures("boxes")
async def test_a_repository_is_built_with_what_it_depends_on_and_without_network(world: World) -> None:
    world.npm.publish("small")
    build = "node build.js"
    script = """
      const fs = require("fs"); fs.mkdirSync("dist"); fs.copyFileSync("source.js", "dist/index.js");
      const small = require.resolve("small"); if (!small) process.exit(1);
      fetch("http://example.org").then(() => process.exit(2), () => 0);
    """
    files = {
        "package.json": package(scripts={"build": build}, devDependencies={"small": "1.0.0"}),
        "build.js": script, "source.js": SERVER,
    }  # fmt: skip
    repository(world.web, files)
    pinned, folder = await world.install("github.com/ann/tools")
    assert pinned.launch.version == COMMIT
    assert pinned.launch.command == ("node", f"{places.INSIDE}/dist/index.js")
    assert (folder / "dist" / "index.js").read_text() == SERVER
    assert not (folder / "node_modules" / "small").exists(), "what only the build needs is not kept"
    assert world.left() == []


@pytest.mark.usefixtures("boxes")
async def test_a_folder_of_a_repository_with_several_servers(world: World) -> None:
    world.npm.publish("small")
    files = {
        "package.json": json.dumps({"name": "all", "private": True, "workspaces": ["src/*"]}),
        "src/one/package.json": package(dependencies={"small": "1.0.0"}),
        "src/one/dist/index.js": SERVER,
        "src/two/package.json": package(name="two"),
        "src/two/dist/index.js": SERVER,
        "src/python/pyproject.toml": "[project]",
        "src/empty/README": "",
    }
    repository(world.web, files)
    with pytest.raises(UserError, match=r"servers in it: src/one, src/two\..*as in github\.com/ann/tools/src/one"):
        await world.install("github.com/ann/tools")
    with pytest.raises(UserError, match="project of Python"):
        await world.install("github.com/ann/tools/src/python")
    with pytest.raises(UserError, match=r"no package\.json"):
        await world.install("github.com/ann/tools/src/empty")
    with pytest.raises(UserError, match="no folder src/three"):
        await world.install("github.com/ann/tools/src/three")
    assert world.left() == []
    pinned, folder = await world.install("github.com/ann/tools/src/one --fast")
    assert pinned.launch.command == ("node", f"{places.INSIDE}/src/one/dist/index.js", "--fast")
    assert list(folder.rglob("node_modules/small/index.js"))


@pytest.mark.usefixtures("boxes")
@pytest.mark.parametrize(
    ("build", "says"),
    [("exit 3", "npm could not install what it needs"), ("ln -s /etc dist", "lacks the file dist/index.js")],
)
async def test_a_build_that_fails_or_points_outside_leaves_nothing(world: World, build: str, says: str) -> None:
    repository(world.web, {"package.json": package(scripts={"build": build}, bin="dist/index.js")})
    with pytest.raises((UserError, ToolFailed), match=says):
        await world.install("github.com/ann/tools")
    assert world.left() == []
    assert not any(places.installed(world.root, "x").parent.glob("*"))


async def test_a_branch_a_tag_and_a_repository_that_are_not_there(world: World) -> None:
    repository(world.web, {}, ref="v1")
    assert (await world.resolve("github.com/ann/tools@v1")).archive.endswith(f"/repos/ann/tools/tarball/{COMMIT}")
    with pytest.raises(UserError, match="shows nobody a v2 of ann/tools"):
        await world.resolve("github.com/ann/tools@v2")
    with pytest.raises(UserError, match="shows nobody bob/tools"):
        await world.resolve("github.com/bob/tools")
    world.web.routes["/repos/ann/tools/commits/HEAD"] = answer(b"", "403 Forbidden")
    with pytest.raises(ToolFailed, match="GitHub refused"):
        await world.resolve("github.com/ann/tools")
    world.web.routes["/repos/ann/tools/commits/HEAD"] = answer(b"", "503 Busy")
    with pytest.raises(Unavailable):
        await world.resolve("github.com/ann/tools")
