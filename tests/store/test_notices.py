"""Notices are kept once by their key, and are there until somebody was shown them."""

import asyncio
from uuid import uuid4

import pytest
from pydantic import ValidationError

from clara.messages import ConversationKey
from clara.notices import Notice
from store import notices, stream
from store.database import Pool
from tests.patience import PATIENCE_S


def notice(platform: str = "cli", key: str = "", text: str = "a mail came", channel: str = "") -> Notice:
    to = ConversationKey(platform=platform, channel=channel or f"ann/{uuid4().hex}")
    return Notice(key=key or f"mail/{uuid4().hex}", user_id="cli:ann", to=to, text=text)


async def test_the_first_of_a_key_stays_and_is_shown_once(pool: Pool) -> None:
    first = notice()
    assert await notices.keep(pool, first)
    assert not await notices.keep(pool, first.model_copy(update={"text": "another text"}))
    assert [kept.notice for kept in await notices.unshown(pool, first.to)] == [first]
    await notices.mark_shown(pool, first.key)
    shown = await notices.get(pool, first.key)
    assert shown is not None
    assert shown.shown_at is not None
    await notices.mark_shown(pool, first.key)
    assert await notices.get(pool, first.key) == shown
    assert await notices.unshown(pool, first.to) == []


async def test_the_newest_are_told_in_their_order(pool: Pool) -> None:
    channel = f"ann/{uuid4().hex}"
    several = [notice(text=f"news {n}", channel=channel) for n in range(4)]
    for each in several:
        await notices.keep(pool, each)
    found = await notices.unshown(pool, several[0].to, 3)
    assert [kept.notice.text for kept in found] == ["news 1", "news 2", "news 3"]


async def test_who_reads_the_store_hears_of_it_at_once(pool: Pool, database_url: str) -> None:
    first = notice()
    listening = stream.listen(database_url, "cli")
    assert await anext(listening) is None
    await notices.keep(pool, notice(platform="discord", channel="1"))
    await notices.keep(pool, first)
    async with asyncio.timeout(PATIENCE_S):
        while (frame := await anext(listening)) is None or frame.conversation != first.to.id:
            pass
    assert (frame.kind, frame.turn) == ("message", f"notice/{first.key}")
    await listening.aclose()  # type: ignore[attr-defined]


@pytest.mark.parametrize("wrong", [{"key": ""}, {"key": "a b"}, {"user_id": "*"}, {"text": ""}, {"reply_to": "a/b"}])
def test_what_is_no_notice_is_refused(wrong: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        Notice.model_validate({**notice().model_dump(), **wrong})
