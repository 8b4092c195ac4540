"""A workflow that has news, in a module of its own: the sandbox imports it anew, with all that it imports."""

from temporalio import workflow

from clara.notices import Notice
from workflows import notices


@workflow.defn(name="Teller")
class Teller:
    @workflow.run
    async def run(self, notice: Notice) -> None:
        await notices.notify(notice)
