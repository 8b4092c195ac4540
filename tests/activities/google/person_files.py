"""Files of people, without a database."""

from dataclasses import dataclass, field
from datetime import UTC, datetime

from activities.files.keeping import Found, type_of
from activities.tools.tool import Context
from clara.messages import Incoming
from clara.tools.provenance import Provenance
from store.files.kept import Location, StoredFile


@dataclass
class Files:
    of: dict[tuple[str, str], Found] = field(default_factory=dict)
    """By person and name."""

    def keep(self, who: str, name: str, data: bytes, origin: Provenance = Provenance.PERSON) -> None:
        self.of[f"cli:{who}", name] = Found(name, type_of(data), data, origin)

    async def find(self, message: Incoming, name: str) -> Found | None:
        return self.of.get((message.user.id, name))

    async def save(self, context: Context, name: str, data: bytes, origin: Provenance) -> StoredFile:
        self.of[context.user_id, name] = Found(name, type_of(data), data, origin)
        now = datetime(2026, 11, 28, tzinfo=UTC)
        return StoredFile("1", name, type_of(data), len(data), "", True, origin, now, True, Location(blob_id="1"))
