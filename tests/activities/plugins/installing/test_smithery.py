"""A loopback registry of Smithery: searching, servers at an address, and bundles that run here."""

import io
import json
import zipfile
from typing import Any

import pytest

from activities.plugins import places
from activities.plugins.installing.installer import Installer
from clara.errors import ClaraError, Misconfigured, ToolFailed, UserError
from clara.plugins.plugin import Launch
from clara.settings import load
from tests.activities.plugins.installing.conftest import KEY, World
from tests.loopback.http import answer
from tests.loopback.npm import SERVER, as_json

MANIFEST = {
    "server": {
        "type": "node",
        "entry_point": "server/index.js",
        "mcp_config": {
            "command": "node",
            "args": ["${__dirname}/server/index.js", "--quiet"],
            "env": {"API_KEY": "${user_config.key}", "DATA": "${__dirname}/data", "NOT A NAME": "x"},
        },
    }
}


def bundle(manifest: Any = MANIFEST) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as made:
        made.writestr("manifest.json", json.dumps(manifest))
        made.writestr("server/index.js", SERVER)
        made.writestr("../outside.txt", "x")
    return buffer.getvalue()


def serve(world: World, *connections: Any, name: str = "exa") -> None:
    world.web.routes[f"/servers/{name}"] = as_json({"qualifiedName": name, "connections": connections})


async def test_the_registry_is_searched_with_its_key_and_what_it_says_is_bounded(world: World) -> None:
    servers = [
        {"qualifiedName": "exa", "displayName": "Exa", "description": "Search\n the \u200bweb." * 100, "useCount": 7},
        {"qualifiedName": "../../x", "displayName": "no name"},
        {"qualifiedName": "@a/b", "remote": True, "verified": True, "useCount": "many"},
        "nonsense",
        *({"qualifiedName": f"more{n}"} for n in range(20)),
    ]
    world.web.routes["/servers"] = as_json({"servers": servers})
    found = await world.installer.search("find & search")
    assert [hit.source for hit in found][:3] == ["smithery:exa", "smithery:@a/b", "smithery:more0"]
    assert len(found) <= 10
    assert len(found[0].description) <= 300
    assert "\u200b" not in found[0].description
    assert "\n" not in found[0].description
    assert (found[1].title, found[1].uses, found[1].remote, found[1].verified) == ("@a/b", 0, True, True)
    [asked] = world.web.asked
    assert asked.line.split()[1] == "/servers?q=find+%26+search&pageSize=10"
    assert asked.headers["authorization"] == f"Bearer {KEY}"


async def test_an_address_is_preferred_and_gets_nothing_of_the_registrys_key(world: World) -> None:
    schema = {"properties": {"exaApiKey": {"type": "string", "x-from": {"header": "x-exa-key"}}, "other": {}}}
    serve(
        world,
        {"type": "stdio", "bundleUrl": "https://example.org/b.mcpb"},
        {"type": "http", "deploymentUrl": "https://server.example/exa", "configSchema": schema},
    )
    pinned = await world.resolve("smithery:exa")
    assert pinned.means is None
    assert pinned.launch == Launch(url="https://server.example/exa/mcp", secrets=("x-exa-key",))
    serve(world, {"type": "http", "deploymentUrl": "https://server.example/exa/mcp"})
    assert (await world.resolve("smithery:exa")).launch == Launch(url="https://server.example/exa/mcp")


async def test_a_hosted_server_needs_no_registry(world: World) -> None:
    pinned = await world.resolve("smithery-hosted:@smithery/notion")
    assert pinned.launch.url == f"{world.web.url}/@smithery/notion/mcp"
    assert world.web.asked == []


@pytest.mark.usefixtures("boxes")
async def test_a_bundle_is_pinned_by_its_hash_and_unpacked_in_a_box(world: World) -> None:
    url = f"{world.web.url}/exa.mcpb"
    world.web.routes["/exa.mcpb"] = answer(bundle(), content_type="application/zip")
    serve(world, {"type": "stdio", "runtime": "node", "bundleUrl": url})
    pinned, folder = await world.install("smithery:exa")
    assert pinned.launch.command == ("node", f"{places.INSIDE}/server/index.js", "--quiet")
    assert pinned.launch.secrets == ("API_KEY",)
    assert pinned.launch.environment == {"DATA": f"{places.INSIDE}/data"}
    assert pinned.launch.digest.startswith("sha256:")
    assert sorted(each.name for each in folder.iterdir()) == ["manifest.json", "outside.txt", "server"]
    assert not (folder.parent / "outside.txt").exists()
    world.web.routes["/exa.mcpb"] = answer(bundle({"server": {}}), content_type="application/zip")
    with pytest.raises(UserError, match="has changed"):
        await world.installer.install("b" * 16, pinned)
    with pytest.raises(UserError, match=r"not for Node\.js"):
        await world.install("smithery:exa")
    assert world.left() == []


@pytest.mark.parametrize(
    ("connections", "says"),
    [
        ([], "names no way"),
        ([{"type": "stdio", "bundleUrl": "https://x.example/b", "runtime": "binary"}], "names no way"),
        ([{"type": "http", "deploymentUrl": "file:///etc/passwd"}], "names no"),
        ([{"type": "http", "deploymentUrl": "https://ann:pw@x.example/"}], "no password"),
        ([{"type": "http", "deploymentUrl": "smithery:exa"}], "no address"),
        ([None, 7], "names no way"),
    ],
)
async def test_a_registry_may_say_anything(world: World, connections: list[Any], says: str) -> None:
    serve(world, *connections)
    with pytest.raises(UserError, match=says):
        await world.resolve("smithery:exa")


async def test_errors_of_the_registry_name_it_and_hold_no_key(world: World) -> None:
    with pytest.raises(UserError, match="Smithery has no server named nothing"):
        await world.resolve("smithery:nothing")
    world.web.routes["/servers/exa"] = answer(f"bad {KEY}".encode(), "401 Unauthorized")
    with pytest.raises(ClaraError) as refused:
        await world.resolve("smithery:exa")
    assert KEY not in str(refused.value)
    world.web.routes["/servers"] = as_json(["a list"])
    with pytest.raises(ToolFailed, match="cannot be read"):
        await world.installer.search("x")


async def test_without_a_key_it_says_what_is_missing() -> None:
    installer = Installer(load({"CLARA_HOME": "/nowhere"}))
    with pytest.raises(Misconfigured, match="SMITHERY_API_TOKEN"):
        await installer.search("x")
    await installer.close()
