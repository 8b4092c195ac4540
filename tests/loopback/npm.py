"""A registry of npm with small servers of our own, and requests that can be held while something is killed."""

import asyncio
import base64
import hashlib
import io
import json
import tarfile
from collections.abc import Mapping
from typing import Any

from tests.loopback.http import Respond, Server, answer

SERVER = """#!/usr/bin/env node
const wanted = process.argv[2];
if (wanted === "key" && !process.env.API_KEY) { console.error("API_KEY is not set"); process.exit(3); }
const tools = [
  { name: "add", description: "Adds numbers.", inputSchema: { type: "object", properties: { a: { type: "number" } } },
    annotations: { readOnlyHint: true } },
  { name: "say", description: "Says it.", inputSchema: { type: "object" } },
];
function answer(id, result) { process.stdout.write(JSON.stringify({ jsonrpc: "2.0", id, result }) + "\\n"); }
require("readline").createInterface({ input: process.stdin }).on("line", (line) => {
  const { id, method, params } = JSON.parse(line);
  if (method === "initialize") {
    const after = wanted === "slow" ? 4000 : 0;
    setTimeout(() => answer(id, { protocolVersion: params.protocolVersion, capabilities: { tools: {} },
      serverInfo: { name: "small", version: "1" } }), after);
  } else if (method === "tools/list") answer(id, { tools });
  else if (id !== undefined) answer(id, { content: [{ type: "text", text: "done" }] });
});
"""
"""Its first argument says how it behaves: ``slow`` to start, or in need of a ``key``."""

POISON = "node -e \"require('fs').writeFileSync('/tmp/poison', 'x')\""
"""A script of a package that must not be run."""


def archive(files: Mapping[str, str], folder: str = "package") -> bytes:
    """A tar.gz as npm and GitHub make them: all in one folder."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        for name, text in files.items():
            entry = tarfile.TarInfo(f"{folder}/{name}")
            entry.size, entry.mode = len(text.encode()), 0o755
            tar.addfile(entry, io.BytesIO(text.encode()))
    return buffer.getvalue()


def as_json(data: Any) -> Respond:
    return answer(json.dumps(data).encode(), content_type="application/json")


class NpmRegistry:
    """``hold(path)`` keeps requests of a path waiting from then on, until ``let_go``."""

    def __init__(self) -> None:
        self.server = Server()
        self._held: dict[str, asyncio.Event] = {}
        self._asked: dict[str, asyncio.Event] = {}

    async def __aenter__(self) -> "NpmRegistry":
        await self.server.__aenter__()
        return self

    async def __aexit__(self, *error: Any) -> None:
        for held in self._held.values():
            held.set()
        await self.server.__aexit__(None, None, None)

    @property
    def url(self) -> str:
        return self.server.url

    def publish(
        self, name: str, *versions: str, files: Mapping[str, str] | None = None, integrity: str = "", **package: Any
    ) -> None:
        """Packages with the server above; ``files`` and fields of ``package`` beside it, or instead of it."""
        found: dict[str, Any] = {}
        for version in versions or ("1.0.0",):
            described = {
                "name": name, "version": version, "bin": {"small": "index.js"}, "scripts": {"postinstall": POISON},
                **package,
            }  # fmt: skip
            data = archive({"package.json": json.dumps(described), "index.js": SERVER, **(files or {})})
            path = f"/{name}/-/{name.rpartition('/')[2]}-{version}.tgz"
            digest = "sha512-" + base64.b64encode(hashlib.sha512(data).digest()).decode()
            found[version] = {**described, "dist": {"tarball": self.url + path, "integrity": integrity or digest}}
            self._serve(path, answer(data, content_type="application/octet-stream"))
        newest = list(found)[-1]
        self._serve(self.path(name), as_json({"name": name, "dist-tags": {"latest": newest}, "versions": found}))

    @staticmethod
    def path(name: str) -> str:
        return "/" + name.replace("/", "%2f")

    def hold(self, path: str) -> None:
        self._held[path], self._asked[path] = asyncio.Event(), asyncio.Event()

    async def asked(self, path: str) -> None:
        """Returns once a held path was asked for."""
        await self._asked[path].wait()

    def let_go(self, path: str) -> None:
        self._held.pop(path).set()

    def _serve(self, path: str, respond: Respond) -> None:
        async def held(writer: asyncio.StreamWriter) -> None:
            if path in self._asked:
                self._asked[path].set()
            if path in self._held:
                await self._held[path].wait()
            await respond(writer)

        self.server.routes[path] = held
