"""The inbox of a conversation, without any server."""

from datetime import UTC, datetime
from typing import Literal

from clara.conversation import SEEN_LIMIT, WAITING_BYTES, WAITING_LIMIT, Inbox, Stop, TurnReport
from clara.messages import ConversationKey, Incoming, Person


def message(message_id: str, text: str = "hi") -> Incoming:
    return Incoming(
        id=message_id,
        conversation=ConversationKey(platform="cli", channel="ann/main"),
        user=Person(id="cli:ann", name="Ann"),
        text=text,
        sent_at=datetime(2026, 1, 1, tzinfo=UTC),
    )


def inbox(*ids: str) -> Inbox:
    made = Inbox(conversation_id="cli/ann/main")
    for message_id in ids:
        made.push(message(message_id))
    return made


def turn_id(message_id: str) -> str:
    return f"turn/cli/ann/main/{message_id}"


def told(box: Inbox, message_id: str, state: Literal["running", "waiting", "ended"]) -> None:
    box.report(TurnReport(turn_id=turn_id(message_id), state=state))


def stopped(box: Inbox, message_id: str | None = None) -> str | None:
    turn = box.stop(Stop(message_id=message_id))
    return turn.message.id if turn else None


def test_repeats_are_not_queued_and_memory_of_ids_is_bounded() -> None:
    box = inbox("a")
    assert box.push(message("a")) is False
    box.begin()
    told(box, "a", "ended")
    assert box.push(message("a")) is False
    for n in range(SEEN_LIMIT):
        box.push(message(f"n{n}"))
    assert len(box.seen) == SEEN_LIMIT


def test_next_message_waits_until_the_one_before_has_ended() -> None:
    box = inbox("a", "b")
    assert box.next == message("a")
    box.begin()
    assert box.next is None
    told(box, "a", "ended")
    assert box.next == message("b")


def test_turn_that_waits_lets_the_next_message_pass_and_works_beside_it_later() -> None:
    box = inbox("a", "b", "c")
    box.begin()
    told(box, "a", "waiting")
    assert box.next == message("b")
    box.begin()
    told(box, "a", "running")
    assert box.next is None, "b is still at work"
    told(box, "b", "ended")
    assert box.next == message("c"), "a let the others pass and does not hold them now"
    told(box, "a", "ended")
    assert box.turns == []


def test_report_of_an_unknown_turn_changes_nothing() -> None:
    box = inbox("a")
    told(box, "other", "ended")
    told(box, "other", "waiting")
    assert box.next == message("a")


def test_stop_means_the_turn_at_work_and_leaves_the_rest() -> None:
    box = inbox("a", "b")
    box.begin()
    assert stopped(box) == "a"
    told(box, "a", "ended")
    assert box.begin().stopping is False


def test_stop_of_a_message_that_has_not_begun_is_kept_for_it() -> None:
    box = inbox("a", "b")
    assert stopped(box) is None
    assert box.begin().stopping
    told(box, "a", "ended")
    assert not box.begin().stopping


def test_impatient_second_stop_spares_what_waited() -> None:
    box = inbox("a", "b")
    box.begin()
    assert stopped(box) == "a"
    assert stopped(box) is None
    assert box.stops == []


def test_impatient_second_stop_spares_what_waited_before_anything_began() -> None:
    box = inbox("a", "b")
    stopped(box)
    stopped(box)
    assert box.stops == ["a"]


def test_stop_after_stopped_means_the_message_that_came_since() -> None:
    box = inbox("a", "b")
    box.begin()
    stopped(box)
    box.push(message("c"))
    assert stopped(box) is None
    assert box.stops == ["c"]


def test_named_stop_finds_any_message_and_ignores_an_unknown_one() -> None:
    box = inbox("a", "b", "c")
    box.begin()
    told(box, "a", "waiting")
    box.begin()
    assert stopped(box, "c") is None
    assert stopped(box, "gone") is None
    assert stopped(box, "a") == "a"
    assert stopped(box, "a") is None, "it is being stopped already"
    assert box.stops == ["c"]


def test_stop_means_what_is_at_work_before_what_waits_outside() -> None:
    box = inbox("a", "b", "c")
    box.begin()
    told(box, "a", "waiting")
    box.begin()
    told(box, "b", "waiting")
    box.begin()
    assert [stopped(box) for _ in range(2)] == ["c", None]
    told(box, "c", "ended")
    assert [stopped(box) for _ in range(3)] == ["b", "a", None], "the newest first"


def test_stop_means_a_resumed_turn_where_no_other_is_at_work() -> None:
    box = inbox("a", "b")
    box.begin()
    told(box, "a", "waiting")
    box.begin()
    told(box, "b", "waiting")
    told(box, "a", "running")
    assert stopped(box) == "a"


def test_stop_of_nothing_is_nothing() -> None:
    box = inbox()
    assert stopped(box) is None
    box.push(message("a"))
    assert not box.begin().stopping


def test_status_tells_what_runs_what_waits_and_what_is_parked() -> None:
    box = inbox("a", "b", "c")
    assert box.status().waiting == (turn_id("a"), turn_id("b"), turn_id("c"))
    box.begin()
    told(box, "a", "waiting")
    box.begin()
    status = box.status()
    assert (status.running, status.waiting, status.parked) == (turn_id("b"), (turn_id("c"),), (turn_id("a"),))


def test_a_turn_that_works_again_after_a_wait_is_shown_and_can_be_stopped() -> None:
    box = inbox("a")
    box.begin()
    box.report(TurnReport(turn_id=turn_id("a"), state="waiting"))
    box.report(TurnReport(turn_id=turn_id("a"), state="running"))
    status = box.status()
    assert (status.running, status.parked, status.resumed) == (None, (), (turn_id("a"),))
    assert not status.is_idle
    assert box.stop(Stop()) is box.turns[0]
    box.report(TurnReport(turn_id=turn_id("a"), state="ended"))
    assert box.status().is_idle


def test_inbox_is_full_by_number_and_by_bytes() -> None:
    box = inbox(*(f"m{n}" for n in range(WAITING_LIMIT)))
    assert not box.is_full
    box.push(message("one more"[:3]))
    assert box.is_full
    large = Inbox(conversation_id="cli/ann/main")
    for n in range(WAITING_BYTES // 90_500):
        large.push(message(f"m{n}", "é" * 45_000))
    assert not large.is_full
    large.push(message("last", "é" * 45_000))
    assert large.is_full
