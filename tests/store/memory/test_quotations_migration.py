"""What was remembered before memories were quotations stays, as Clara's wording of it."""

import json

import psycopg
import pytest

from clara.memory.extraction import Accepted
from store import migrations
from tests import servers

OLD_LESSON = {
    "facts": [{"text": "lives in Berlin", "quote": "I live in Berlin", "scope": "user"}],
    "relations": [{"subject": "user", "predicate": "lives_in", "object": "Berlin", "quote": "I live in Berlin"}],
    "mood": {"emotion": "sad", "valence": -0.7, "quote": "I am sad"},
    "rejected": ["unsaid"],
}


@pytest.fixture
def old_database(monkeypatch: pytest.MonkeyPatch) -> object:
    from alembic import command

    with servers.postgres() as url:
        command.upgrade(migrations._config(url), "0110")
        yield url


def test_old_facts_stay_as_readings_and_old_lessons_can_be_stored(old_database: str) -> None:
    with psycopg.connect(old_database, autocommit=True) as connection:
        connection.execute("insert into conversations (id, platform, channel) values ('cli/me', 'cli', 'me')")
        connection.execute(
            "insert into turns (id, conversation_id, position, user_id, message)"
            " values ('turn/cli/me/1', 'cli/me', 1, 'cli:me', '{}')"
        )
        for number, (text, origin, turn, state) in enumerate(
            [
                ("lives in Berlin", "conversation", "turn/cli/me/1", "active"),
                ("likes tea", "tool", None, "active"),
                ("My name is Max", "command", None, "active"),
                ("is vegan", "import", None, "replaced"),
                ("", "command", None, "forgotten"),
            ]
        ):
            connection.execute(
                "insert into memories (id, user_id, kind, text, fingerprint, private, origin, turn_id, quote,"
                " dedupe_key, state)"
                " values (gen_random_uuid(), 'cli:me', 'user', %s, %s, true, %s, %s, 'a quote', %s, %s)",
                (text, str(number), origin, turn, str(number), state),
            )
        for turn, accepted in (("a", OLD_LESSON), ("b", {"facts": [], "relations": [], "mood": None, "rejected": []})):
            connection.execute(
                "insert into memory_lessons (turn_id, user_id, accepted, model) values (%s, 'cli:me', %s, 'm')",
                (turn, json.dumps(accepted)),
            )
    migrations.upgrade(old_database)
    with psycopg.connect(old_database) as connection:
        rows = connection.execute(
            "select text, quoted, reading, keywords, conversation from memories order by dedupe_key"
        ).fetchall()
        lessons = connection.execute("select accepted from memory_lessons order by turn_id").fetchall()
    assert rows == [
        ("lives in Berlin", False, None, [], "cli/me"),
        ("likes tea", False, None, [], None),
        ("My name is Max", True, None, [], None),
        ("is vegan", True, None, [], None),
        ("", False, None, [], None),
    ]
    accepted = [Accepted.model_validate(lesson[0]) for lesson in lessons]
    assert [(q.text, q.quoted, q.scope) for q in accepted[0].quotations] == [("lives in Berlin", False, "user")]
    assert accepted[0].relations[0].object == "Berlin"
    assert accepted[0].mood is not None
    assert accepted[0].mood.text == "I am sad"
    assert accepted[0].rejected == ("unsaid",)
    assert accepted[1] == Accepted()
