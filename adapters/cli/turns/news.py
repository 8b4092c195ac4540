"""Notices: what Clara says without being asked, shown at once in an open chat, and else when it is opened."""

import logging

from adapters.cli.session.session import Session
from clara.errors import StackFault
from clara.notices import notice_id
from store import notices
from store.notices import KeptNotice

log = logging.getLogger(__name__)


class News:
    """Gives out each notice of the conversation once."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._given: set[str] = set()

    async def missed(self) -> list[KeptNotice]:
        """Those that nobody was shown, oldest first."""
        try:
            found = await self._session.door.store(notices.unshown, self._session.key)
        except StackFault as error:
            log.info("what was to be told is not known: %s", error)
            return []
        return [kept for kept in found if self._is_new(kept)]

    async def heard(self, id: str) -> KeptNotice | None:
        """The notice of that id, which was kept a moment ago."""
        try:
            kept = await self._session.door.store(notices.get, id.removeprefix(notice_id("")))
        except StackFault as error:
            log.info("%s cannot be read: %s", id, error)
            return None
        return kept if kept is not None and self._is_new(kept) else None

    def _is_new(self, kept: KeptNotice) -> bool:
        new = kept.id not in self._given
        self._given.add(kept.id)
        return new

    async def mark_shown(self, kept: KeptNotice) -> None:
        try:
            await self._session.door.store(notices.mark_shown, kept.notice.key)
        except StackFault as error:
            log.warning("%s is not marked as shown and will be shown again: %s", kept.id, error)
