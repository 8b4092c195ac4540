"""Notices: messages without a turn."""

from temporalio import activity

from clara.notices import Notice


class Notices:
    @activity.defn(name="notices.keep")
    async def keep(self, notice: Notice) -> None:
        """Keep a notice in the store, once by its key."""
        raise NotImplementedError
