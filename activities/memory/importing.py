"""A profile as memories: many at once, each once."""

from collections.abc import Sequence
from datetime import UTC, datetime

from activities.memory.memories import Memories
from activities.memory.secrets import holds_secret
from clara.memory.kinds import Owner, fingerprint
from clara.memory.profile import Entry
from store.memory.writing import Draft


async def import_profile(memories: Memories, owner: Owner, entries: Sequence[Entry]) -> tuple[int, int]:
    """Keep the entries; returns how many were new and how many were refused because they hold secrets."""
    stamp = datetime.now(UTC).isoformat()
    kept = [entry for entry in entries if not holds_secret(entry.text)]
    drafts = [
        Draft(
            text=entry.text,
            dedupe_key=f"profile {stamp} {fingerprint(entry.text)} {entry.project or ''}",
            origin="import",
            kind=entry.kind,
            project=entry.project,
        )
        for entry in kept
    ]
    written = await memories.add(owner, drafts)
    return sum(each.created for each in written), len(entries) - len(kept)
