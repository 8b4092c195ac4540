"""A question on Discord: its buttons, who may press them, and what they do however often and late."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from temporalio.testing import ActivityEnvironment

from clara.approvals.question import Question, card, card_key
from clara.messages import ConversationKey
from clara.notices import Notice
from clara.turn import Delivery
from store import approvals, audit, grants, notices
from store.approvals import Approval
from store.database import Pool
from tests.adapters.discord.inside import Inside, inside, until
from tests.loopback.discord import Channel, User
from tests.loopback.discord.world import Json


@pytest.fixture
async def here(pool: Pool) -> AsyncIterator[Inside]:
    async with inside(pool) as made:
        yield made


async def asked(here: Inside, channel: Channel, who: User, lasting: bool = True, calls: int = 1) -> Notice:
    """A turn of somebody's that waits for their yes to some calls."""
    trigger = await here.fake.say(channel, who, "post it")
    turn = await here.door.answering(channel, trigger, who)
    name = uuid4().hex[:8]
    questions = [
        Approval(
            id=f"{name}{n}", turn_id=turn, step=0, call_id=f"c{n}", card=name, user_id=f"discord:{who.id}", tool="post",
            tool_hash="h", binding="b", view=f"post: {n}", why="It reaches other people.", lasting=lasting,
            until=datetime.now(UTC) + timedelta(days=3),
        )
        for n in range(calls)
    ]  # fmt: skip
    await approvals.ask(here.pool, questions)
    shown = [Question(each.id, each.view, each.why, each.lasting) for each in questions]
    news = Notice(
        key=card_key(name),
        user_id=f"discord:{who.id}",
        to=ConversationKey(platform="discord", channel=str(channel.id)),
        reply_to=str(trigger),
        text=card(shown, "discord"),
    )
    await notices.keep(here.pool, news)
    return news


async def shown(here: Inside, channel: Channel, news: Notice) -> Json:
    """The question as it stands in the channel."""
    async with here.running() as bot:
        delivery = Delivery(notice=news.key, to=news.to, reply_to=news.reply_to)
        await ActivityEnvironment().run(bot.deliverer.deliver, delivery)
    (message,) = here.fake.from_clara(channel)
    return message


def labels(message: Json) -> list[str]:
    return [button["label"] for row in message["components"] for button in row["components"]]


async def state(here: Inside, news: Notice) -> list[str]:
    return [each.state for each in await approvals.of_card(here.pool, news.key.partition("/")[2])]


async def test_a_press_answers_after_a_restart_and_closes_the_question(here: Inside) -> None:
    channel, alice = here.fake.world.add_channel(), here.fake.world.add_user("Alice")
    news = await asked(here, channel, alice, calls=2)
    message = await shown(here, channel, news)
    assert labels(message) == ["Allow", "Allow in this conversation", "Allow always", "No"]
    async with here.running():  # another process than the one that asked
        await here.fake.press(channel, alice, int(message["id"]), "Allow in this conversation")
        await until(lambda: not message["components"])
    assert await state(here, news) == ["allowed", "allowed"]
    assert message["content"].endswith("✅ Allowed in this conversation from now on.")
    (grant,) = await grants.of_person(here.pool, f"discord:{alice.id}")
    assert (grant.tool, grant.conversation_id) == ("post", f"discord/{channel.id}")


async def test_nobody_else_can_answer_however_they_try(here: Inside) -> None:
    world = here.fake.world
    channel, alice, mallory = world.add_channel(), world.add_user("Alice"), world.add_user("Mallory")
    news = await asked(here, channel, alice, lasting=False)
    message = await shown(here, channel, news)
    assert labels(message) == ["Allow", "No"]
    asks = news.key.partition("/")[2]
    async with here.running():
        for way in ("Allow", "No"):
            assert "somebody else" in await (await here.fake.press(channel, mallory, int(message["id"]), way)).answer()
        tried = await audit.entries(here.pool, 10, user_id=f"discord:{mallory.id}")
        assert [(each.event, each.outcome, each.tool) for each in tried] == [("foreign_answer", "refused", "post")] * 2
        for forged in (f"{asks}:forever", "other:once", f"{asks}", ""):
            custom_id = f"clara:approval:{forged}"
            refused = await here.fake.press_forged(channel, mallory, int(message["id"]), custom_id)
            assert "do not know" in await refused.answer()
        assert await state(here, news) == ["open"]
        # Who was asked forges a yes that lasts, where none is offered: it is one for this call.
        await here.fake.press_forged(channel, alice, int(message["id"]), f"clara:approval:{asks}:always")
        await until(lambda: not message["components"])
    assert await state(here, news) == ["allowed"]
    assert await grants.of_person(here.pool, f"discord:{alice.id}") == []


async def test_the_first_press_counts_and_a_late_one_is_told(here: Inside) -> None:
    channel, alice = here.fake.world.add_channel(), here.fake.world.add_user("Alice")
    news = await asked(here, channel, alice)
    message = await shown(here, channel, news)
    asks = news.key.partition("/")[2]
    async with here.running():
        await here.fake.press(channel, alice, int(message["id"]), "No")
        await until(lambda: not message["components"])
        late = await here.fake.press_forged(channel, alice, int(message["id"]), f"clara:approval:{asks}:once")
        assert "answered before" in await late.answer()
    assert await state(here, news) == ["denied"]
    assert "❌ Not allowed." in message["content"]


async def test_a_question_that_was_answered_before_it_was_sent_has_no_buttons(here: Inside) -> None:
    channel, alice = here.fake.world.add_channel(), here.fake.world.add_user("Alice")
    news = await asked(here, channel, alice)
    (question,) = await approvals.of_card(here.pool, news.key.partition("/")[2])
    await approvals.answer(here.pool, [question.id], False, "once", "operator")
    assert labels(await shown(here, channel, news)) == []
