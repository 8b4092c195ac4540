"""Messages without a turn are sent once by their key, whoever asks how often and whatever dies meanwhile."""

import uuid
from collections import Counter

from temporalio import activity
from temporalio.client import Client

from activities.notices import NoticeActivities, notify
from adapters.door import Door
from clara.messages import ConversationKey
from clara.notices import Notice
from clara.turn import Delivery
from store import notices
from store.database import Pool
from temporal import queues
from temporal.contracts.delivery import Adapter
from tests.conftest import StartWorker
from tests.workflows.teller import Teller
from workers.roles import WORKFLOWS


class Platform(Adapter):
    """An adapter that sends what the store does not call sent, and whose first attempt dies after that."""

    def __init__(self, pool: Pool) -> None:
        self.name = f"p-{uuid.uuid4().hex[:12]}"
        self.sent: Counter[str] = Counter()
        self.heard: list[Delivery] = []
        self._pool = pool

    def notice(self, **more: str) -> Notice:
        to = ConversationKey(platform=self.name, channel="7")
        given = {"key": f"mail/{uuid.uuid4().hex}", "user_id": "cli:ann", "to": to, "text": "a mail came", **more}
        return Notice.model_validate(given)

    @activity.defn(name="adapter.deliver")
    async def deliver(self, delivery: Delivery) -> None:
        self.heard.append(delivery)
        kept = await notices.get(self._pool, delivery.notice)
        assert kept is not None, "it is kept before it is sent"
        if kept.shown_at is None:
            self.sent[kept.notice.text] += 1
            await notices.mark_shown(self._pool, delivery.notice)
        if activity.info().attempt == 1:
            raise RuntimeError("it dies just after it was sent")


async def test_what_is_asked_for_again_and_again_is_sent_once(
    client: Client, pool: Pool, start_worker: StartWorker
) -> None:
    platform = Platform(pool)
    notice = platform.notice(reply_to="42")
    door = Door(client, pool)
    await door.notify(notice)
    await door.notify(notice)
    await notify(pool, client, notice)  # nobody is there to send it: it waits
    async with start_worker([NoticeActivities(pool).keep]):
        async with start_worker([platform.deliver], queues.delivery(platform.name), workflows=[]):
            await client.get_workflow_handle(f"notice/{notice.key}").result()
        await door.notify(notice)
    assert platform.sent == Counter({"a mail came": 1})
    assert [(each.to, each.reply_to, each.turn_id) for each in platform.heard] == [(notice.to, "42", "")] * 2


async def test_workflows_send_them_too(client: Client, pool: Pool, start_worker: StartWorker) -> None:
    platform = Platform(pool)
    notice = platform.notice()
    async with (
        start_worker([NoticeActivities(pool).keep], workflows=[*WORKFLOWS, Teller]),
        start_worker([platform.deliver], queues.delivery(platform.name), workflows=[]),
    ):
        for _ in range(2):
            await client.execute_workflow(Teller.run, notice, id=uuid.uuid4().hex, task_queue=queues.TURNS)
        await client.get_workflow_handle(f"notice/{notice.key}").result()
    assert platform.sent == Counter({"a mail came": 1})


async def test_a_platform_that_reads_the_store_needs_nobody_who_sends(
    client: Client, pool: Pool, start_worker: StartWorker
) -> None:
    to = ConversationKey(platform="cli", channel=f"ann/{uuid.uuid4().hex}")
    notice = Notice(key=uuid.uuid4().hex, user_id="cli:ann", to=to, text="a mail came")
    async with start_worker([NoticeActivities(pool).keep]):
        await Door(client, pool).notify(notice)
        await client.get_workflow_handle(f"notice/{notice.key}").result()
    assert [kept.notice for kept in await notices.unshown(pool, to)] == [notice]
