"""Many answers at the same time: each is seen early and grows at the pace that Discord allows."""

import asyncio
from decimal import Decimal
from itertools import pairwise

from adapters.discord.api.rate_limits import WRITES
from adapters.discord.outbound.previews import EDIT_INTERVAL_S, render
from clara.budgets import Budget, Cost, wanted
from clara.splitting import length
from clara.stream import Assembly, Frame
from tests.adapters.discord.harness import Stage
from tests.loopback.discord import User
from tests.loopback.discord.world import Json
from tests.loopback.models import ModelServer

ANSWERS = 10
SEEN_WITHIN_S = 1.5
WINDOW_S = 5.0


async def test_ten_long_answers_at_once_keep_to_the_budget(
    bot: Stage, models: ModelServer, alice: User, at: str
) -> None:
    warm = await bot.fake.channel()
    await bot.answer(warm, await bot.fake.say(warm, alice, f"{at} hello"))
    known = len(models.log)
    channels = [await bot.fake.channel(f"stream-{n}") for n in range(ANSWERS)]
    triggers = [await bot.fake.say(c, alice, f"{at} write {150 + n} words every 60 ms") for n, c in enumerate(channels)]
    finals = await asyncio.gather(*(bot.answer(c, t) for c, t in zip(channels, triggers, strict=True)))
    for number, final in enumerate(finals):
        assert final["content"].endswith(f"word{149 + number}")
        kept_to_the_budget(final)
    assert bot.fake.limits.exceeded == []
    began = {
        words_of(exchange.body): exchange.first_piece for exchange in models.log[known:] if exchange.body.get("tools")
    }
    for number, final in enumerate(finals):
        first = began[150 + number]
        assert first is not None
        assert final["_written"] - first < SEEN_WITHIN_S


def words_of(body: Json) -> int:
    return int(str(body["messages"][-1]).rsplit("write ", 1)[1].split()[0])


def kept_to_the_budget(message: Json) -> None:
    writes = [message["_written"], *(at for at, _ in message["_edits"])]
    assert len(writes) >= 4, "it was seen to grow"
    previews = writes[:-1]
    assert all(later - earlier > EDIT_INTERVAL_S - 0.1 for earlier, later in pairwise(previews))
    assert all(sum(begin <= at < begin + WINDOW_S for at in writes) <= WRITES for begin in writes)


def assembled(*frames: tuple[str, str]) -> Assembly:
    assembly = Assembly()
    for seq, (kind, text) in enumerate(frames):
        fields = {"conversation": "discord/1", "turn": "turn/discord/1/2", "step": 0, "attempt": 1, "seq": seq}
        assembly.add(Frame.model_validate({**fields, "kind": kind, "text": text}))
    return assembly


def test_a_preview_closes_what_is_still_open() -> None:
    shown = render(assembled(("text", "```python\nx = 1"), ("tool", "search: cats")))
    assert shown == "```python\nx = 1\n```\n-# ⚙ search: cats"


def test_tools_are_counted_in_one_line() -> None:
    assert render(assembled(("tool", "a"), ("tool", "b `x`\n\nc"))) == "-# ⚙ b 'x' c (step 2)"
    assert render(assembled()) == "…"


def test_of_a_long_text_the_newest_part_is_shown() -> None:
    shown = render(assembled(("text", "old " * 1000 + "new")))
    assert shown.startswith("-# …\n")
    assert shown.endswith("new")
    assert length(shown) < 2000


def test_preview_says_what_a_turn_waits_for_until_it_goes_on() -> None:
    assembly = Assembly()
    called = Frame(
        conversation="discord/1", turn="turn/discord/1/2", step=0, attempt=1, seq=0, kind="tool", text="ask_person: bob"
    )
    assembly.add(called)
    assembly.add(called.model_copy(update={"kind": "waiting", "text": "an answer of bob"}))
    assert render(assembly) == "-# ⏳ waiting for an answer of bob"
    assembly.add(called.model_copy(update={"step": 1, "kind": "text", "text": "He says yes."}))
    assert render(assembly).startswith("He says yes.")


def test_what_is_to_be_done_about_a_wait_is_not_cut() -> None:
    budget = Budget("day-tokens", Decimal(9_999_999), Decimal(9_999_998), Decimal(0), "setting")
    words = wanted(budget, Cost(Decimal(0), 128_000), "America/Indiana/Indianapolis")
    assert render(assembled(("waiting", words))).endswith(f"waiting for {words}")
