"""Notices: keeping them, and having them sent by whatever activity has news for somebody."""

from temporalio import activity
from temporalio.client import Client

from clara.notices import Notice, NoticeRequest
from store import notices
from store.database import Pool
from temporal.contracts.notices import Notices
from temporal.starting import notices as sending


class NoticeActivities(Notices):
    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    @activity.defn(name="notices.keep")
    async def keep(self, notice: Notice) -> None:
        await notices.keep(self._pool, notice)


async def notify(pool: Pool, client: Client, notice: Notice) -> None:
    """Send a notice, once by its key: an activity that is tried again sends none twice.

    When this returns it is kept and on its way. Workflows use ``workflows.notices.notify``.
    """
    await notices.keep(pool, notice)
    await sending.send(client, NoticeRequest.of(notice))
