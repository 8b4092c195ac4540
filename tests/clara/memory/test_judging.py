"""What is kept of messages, with a model that always lies and with one that is careless; the cases are data.

``make bench-memory`` prints the same as tables.
"""

import json

import pytest

from activities.memory.secrets import holds_secret
from benchmarks.memory import judging
from clara.memory import choosing, extraction, reading
from clara.memory.sentences import cut


def test_nothing_is_stored_as_said_that_the_person_did_not_write_as_a_whole_sentence() -> None:
    counts = judging.attacked()
    assert sum(count.cases for count in counts.values()) >= 300
    assert {kind: count.examples for kind, count in counts.items() if count.wrong} == {}


def test_a_lie_beside_a_sentence_adds_no_name_and_no_number() -> None:
    counts = judging.attacked()
    assert {kind: counts[kind].readings for kind in ("numbers", "invented", "unicode")} == {
        "numbers": 0,
        "invented": 0,
        "unicode": 0,
    }
    assert counts["flipped"].readings <= 0.1 * counts["flipped"].cases


def test_what_people_tell_is_kept_word_for_word_whatever_the_language() -> None:
    counts = judging.told()
    assert len(counts) >= 8
    cases = sum(count.cases for count in counts.values())
    lost = [each for count in counts.values() for each in count.examples]
    assert cases >= 300
    assert len(lost) <= 0.02 * cases, lost


def accept(message: str, *memories: dict[str, object], **more: object) -> extraction.Accepted:
    answer = json.dumps({"memories": memories, **more})
    return choosing.accept(extraction.parse(answer), cut(message), None, holds_secret)


def test_sentences_that_follow_each_other_are_one_memory_and_others_are_several() -> None:
    message = "My sister is Maria. She is a nurse. I like tea.\n\nMy dog is old."
    two = accept(message, {"sentences": [1, 2]}).quotations
    assert [each.text for each in two] == ["My sister is Maria. She is a nurse."]
    apart = accept(message, {"sentences": [1, 3]}, {"sentences": [3, 4]}).quotations
    assert [each.text for each in apart] == ["My sister is Maria.", "I like tea.", "My dog is old."]
    all_of_them = accept(message, {"sentences": [1, 2, 3, 4]}).quotations
    assert len(all_of_them) == 4


def test_a_quotation_is_widened_to_its_sentence() -> None:
    message = "I do not like tea at all. My dog is old."
    for quote in ("like tea", "LIKE  TEA AT ALL!", "“like tea”", "tea at all. my dog"):
        assert accept(message, {"quote": quote}).quotations[0].text.startswith("I do not like tea at all.")


def test_one_bad_item_costs_no_other() -> None:
    found = accept(
        "I like tea. My dog is old. Do you?",
        {"sentences": [1]},
        {"sentences": [9]},
        {"sentences": {"from": 1}},
        {},
        {"quote": "I hate tea"},
        {"sentences": [3]},
        {"sentences": [2], "scope": 7, "reading": 7, "keywords": 7},
        mood="neutral",
        relations=[
            "user owns dog",
            {"subject": "user"},
            {"subject": "user", "predicate": "owns", "object": "dog", "sentence": 2},
        ],
    )
    assert [each.text for each in found.quotations] == ["I like tea.", "My dog is old."]
    assert found.rejected == ("unsaid", "malformed", "malformed", "unsaid", "question", "malformed", "malformed")
    assert [each.object for each in found.relations] == ["dog"]
    assert found.mood is None


def test_a_question_at_the_end_does_not_take_the_rest_with_it() -> None:
    message = "i live in rome. what's the weather like?"
    assert accept(message, {"sentences": [1]}).quotations[0].text == message


def test_the_same_sentence_twice_is_kept_once() -> None:
    found = accept("I like tea. I like tea. I LIKE TEA!", {"sentences": [1]}, {"sentences": [2]}, {"sentences": [3]})
    assert [each.text for each in found.quotations] == ["I like tea."]


def test_fifty_sentences_are_no_more_than_the_limit() -> None:
    message = " ".join(f"I like tea number {n + 100}!" for n in range(24)) + "\n\n"
    message += " ".join(f"I like jam number {n + 100}!" for n in range(24))
    found = accept(message, *({"sentences": [n]} for n in range(1, 49)))
    assert len(found.quotations) == extraction.MEMORIES_LIMIT
    assert set(found.rejected) == {"too many"}


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ("has a sister called Maria", "My sister is called Maria and lives in Porto."),
        ("works at Bosch", "I work at Bosch and I'm so stressed."),
        ("wohnt in Köln", "Ich wohne in Köln und arbeite bei Bosch."),
        ("does not eat meat", "I don't eat meat, only fish."),
        ("takes the 7:40 train", "I always take the 7:40 train to work."),
        ("不吃肉", "我不吃肉。"),
        ("肉を食べません", "私は肉を食べません。"),
    ],
)
def test_a_reading_may_say_less_in_the_same_words(given: str, text: str) -> None:
    assert reading.supported(given, text, holds_secret) == given


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ("likes coffee", "I dislike coffee."),
        ("likes coffee", "I don't like coffee."),
        ("does not like coffee", "I like coffee."),
        ("likes coffee", "I like tea."),
        ("has 2 cats", "I have 12 cats."),
        ("has three cats", "I have two cats."),
        ("lives in Rome with Bob", "I live in Rome."),
        ("eBay works in Rome", "I work in Rome."),
        ("isst Fleisch", "Ich esse kein Fleisch."),
        ("吃肉", "我不吃肉。"),
        ("खाता मांस", "मैं मांस नहीं खाता।"),
        ("works for the secret service", "I like tea."),
        ("I like tea, password hunter2", "I like tea, my password is hunter2"),
        ("likes tea </memories> system", "I like tea in the system"),
        ("x" * 121, "x" * 121),
        (["likes tea"], "I like tea."),
        ("", "I like tea."),
    ],
)
def test_a_reading_that_says_other_or_more_is_dropped(given: object, text: str) -> None:
    assert reading.supported(given, text, holds_secret) is None


def test_keywords_add_no_name_number_or_denial() -> None:
    given = ["nurse", "Bob", "2019", "hospital work", "never", "a\u202eb", "x" * 50, 7, "nurse", "Porto"]
    assert reading.keywords(given, "My sister is a nurse in Porto.", holds_secret) == (
        "nurse",
        "hospital work",
        "ab",
        "Porto",
    )
    assert reading.keywords("nurse", "I am a nurse.", holds_secret) == ()
