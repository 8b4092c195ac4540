"""The tools of the sandbox for tests, called as a turn calls them, without Temporal."""

from collections.abc import Sequence
from itertools import count
from pathlib import Path
from typing import Any

from activities.files.keeping import KeptFiles
from activities.sandbox.backend import Backend
from activities.sandbox.tools import tools
from activities.sandbox.workshop import OpenSandbox, Workshop
from activities.tools.tool import Context, ToolOutput
from clara.messages import Attachment, ConversationKey, Incoming
from clara.settings import load
from store.database import Pool
from store.files import blobs
from tests.clara.test_conversation import message

_NUMBERS = count(1)


class Workbench:
    """``environment`` are settings beside the defaults."""

    def __init__(self, backend: Backend, pool: Pool, home: Path, environment: dict[str, str] | None = None) -> None:
        settings = load({"CLARA_HOME": str(home), **(environment or {})})
        self.pool = pool
        self.workshop = Workshop(settings.sandbox, pool, KeptFiles(pool, settings.files))
        self.opened = OpenSandbox(backend, self.workshop, home)
        self.workshop.opened = self.opened
        self._tools = {tool.name: tool for tool in tools(self.workshop)}
        self.shown: list[str] = []

    async def says(self, user_id: str, attached: Sequence[tuple[str, bytes]] = (), channel: str = "") -> Incoming:
        """A message of somebody, with files."""
        number = next(_NUMBERS)
        files = [
            Attachment(
                blob_id=await blobs.save(self.pool, user_id, name, "application/octet-stream", data),
                name=name,
                media_type="application/octet-stream",
                size=len(data),
            )
            for name, data in attached
        ]
        said = message(f"sandbox-{number}")
        return said.model_copy(
            update={
                "conversation": ConversationKey(platform="cli", channel=channel or f"of-{user_id.partition(':')[2]}"),
                "user": said.user.model_copy(update={"id": user_id}),
                "attachments": tuple(files),
            }
        )

    async def call(self, said: Incoming, name: str, /, call: str = "", **arguments: Any) -> ToolOutput:
        """What a tool brings; ``call`` names the call where it is tried again."""

        async def show(line: str) -> None:
            self.shown.append(line)

        tool = self._tools[name]
        context = Context(said, f"{said.turn_id}/0/{call or next(_NUMBERS)}", said.sent_at, show)
        return tool.output(await tool.run(tool.parse(arguments), context))

    async def text(self, said: Incoming, name: str, /, **arguments: Any) -> str:
        return (await self.call(said, name, **arguments)).text
