"""The inbox of a conversation, without any server."""

from datetime import UTC, datetime

from clara.conversation import SEEN_LIMIT, Inbox, Stop
from clara.messages import ConversationKey, Incoming, Person


def message(message_id: str) -> Incoming:
    return Incoming(
        id=message_id,
        conversation=ConversationKey(platform="cli", channel="ann/main"),
        user=Person(id="cli:ann", name="Ann"),
        text="hi",
        sent_at=datetime(2026, 1, 1, tzinfo=UTC),
    )


def inbox(*ids: str) -> Inbox:
    made = Inbox(conversation_id="cli/ann/main")
    for message_id in ids:
        made.push(message(message_id))
    return made


def test_repeats_are_not_queued_and_memory_of_ids_is_bounded() -> None:
    box = inbox("a")
    assert box.push(message("a")) is False
    box.pop()
    assert box.push(message("a")) is False
    for n in range(SEEN_LIMIT):
        box.push(message(f"n{n}"))
    assert len(box.seen) == SEEN_LIMIT


def test_stop_means_the_head_and_leaves_the_rest() -> None:
    box = inbox("a", "b")
    box.stop(Stop())
    assert box.stops == ["a"]
    box.pop()
    assert box.stops == []


def test_impatient_second_stop_spares_what_waited() -> None:
    box = inbox("a", "b")
    box.stop(Stop())
    box.stop(Stop())
    assert box.stops == ["a"]


def test_stop_after_stopped_means_the_message_that_came_since() -> None:
    box = inbox("a", "b")
    box.stop(Stop())
    box.push(message("c"))
    box.stop(Stop())
    assert box.stops == ["a", "c"]


def test_named_stop_finds_a_waiting_message_and_ignores_an_unknown_one() -> None:
    box = inbox("a", "b")
    box.stop(Stop(message_id="b"))
    box.stop(Stop(message_id="gone"))
    assert box.stops == ["b"]


def test_stop_of_nothing_is_nothing() -> None:
    box = inbox()
    box.stop(Stop())
    box.push(message("a"))
    assert not box.is_stopped(message("a"))


def test_status_tells_running_from_waiting() -> None:
    box = inbox("a", "b")
    assert box.status(running=True).running == "turn/cli/ann/main/a"
    assert box.status(running=True).waiting == ("turn/cli/ann/main/b",)
    assert box.status(running=False).waiting == ("turn/cli/ann/main/a", "turn/cli/ann/main/b")
