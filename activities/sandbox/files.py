"""Files of a box, read and written by a process within it."""

import asyncio
import json
from contextlib import aclosing
from typing import Any

from activities.sandbox.backend import Backend, Command
from activities.sandbox.inside import program
from activities.sandbox.running import late
from clara.errors import ToolFailed

SECONDS = 30.0
UNPACK_S = 120.0
LARGEST = 50 * 2**20
"""Bytes of one file that goes in or out."""

LISTED = 200
ENTRIES = 10_000
"""Of an archive."""

HEADER = 2**20


class Files:
    """``most`` is how many bytes an archive may unfold to."""

    def __init__(self, backend: Backend, most: int) -> None:
        self._backend = backend
        self._most = most
        self.entries = ENTRIES

    async def read(self, box: str, path: str, most: int = LARGEST) -> bytes:
        """A file's bytes; ToolFailed where it is none, or larger."""
        _, data = await self._ask(box, {"do": "read", "path": path, "most": most}, SECONDS, largest=most)
        return data

    async def write(self, box: str, path: str, data: bytes) -> bool:
        """Write a file whole, with the folders that it needs; whether there was one."""
        header, _ = await self._ask(box, {"do": "write", "path": path}, SECONDS, data)
        return bool(header["replaced"])

    async def listed(self, box: str, path: str) -> tuple[list[dict[str, Any]], int]:
        """What is below a folder, without what is hidden: the first entries, and how many more there are."""
        header, _ = await self._ask(box, {"do": "list", "path": path, "most": LISTED}, SECONDS)
        return list(header["entries"]), int(header["more"])

    async def unpack(self, box: str, path: str, into: str) -> tuple[int, int]:
        """Unpack a zip or tar into a new folder, all or nothing; how many files and bytes it had."""
        request = {"do": "unpack", "path": path, "into": into, "entries": self.entries, "most": self._most}
        header, _ = await self._ask(box, request, UNPACK_S)
        return int(header["files"]), int(header["size"])

    async def _ask(
        self, box: str, request: dict[str, Any], seconds: float, given: bytes = b"", largest: int = 0
    ) -> tuple[dict[str, Any], bytes]:
        process = await self._backend.spawn(box, Command(["python3", "-I", "-S", "-c", program("files")]))
        said = {"out": bytearray(), "err": bytearray()}

        async def feed() -> None:
            try:
                await process.write(json.dumps(request).encode() + b"\n")
                for start in range(0, len(given), 2**20):
                    await process.write(given[start : start + 2**20])
                await process.close_input()
            except BrokenPipeError:
                pass  # it has refused already

        feeding = asyncio.create_task(feed())
        try:
            async with asyncio.timeout(seconds), aclosing(process.output()) as written:
                async for stream, data in written:
                    if len(said[stream]) <= largest + HEADER:
                        said[stream] += data
                await process.wait()
        except TimeoutError:
            raise ToolFailed(late(seconds)) from None
        finally:
            feeding.cancel()
            await asyncio.shield(process.kill())
        line, _, data = bytes(said["out"]).partition(b"\n")
        try:
            header = json.loads(line)
        except ValueError:
            words = process.verdict or said["err"].decode("utf-8", "replace").strip()[-300:] or "it said nothing"
            raise ToolFailed(f"The sandbox could not do that: {words}") from None
        if "error" in header:
            raise ToolFailed(str(header["error"]))
        return header, data
