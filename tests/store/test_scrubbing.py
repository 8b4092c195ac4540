"""What was deleted leaves the database's files, with its log."""

from pathlib import Path

import psycopg

from store.scrubbing import scrub
from tests.servers import postgres_server

WORDS = b"a quokka's secret"


def holding(folder: Path) -> set[str]:
    return {path.name for path in folder.rglob("*") if path.is_file() and WORDS in path.read_bytes()}


def test_nothing_that_was_deleted_is_left_in_a_file() -> None:
    with postgres_server() as (url, server):
        data = server.folder / "data"
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("create table kept (number int, words text)")
            connection.execute("insert into kept select n, %s from generate_series(1, 300) n", (WORDS.decode(),))
            connection.execute("insert into kept values (0, 'something else')")
            connection.execute("delete from kept where number > 0")
            connection.execute("checkpoint")
            assert holding(data), "otherwise this proves nothing"
            assert scrub(url)
            assert holding(data) == set()
            row = connection.execute("select words from kept").fetchone()
            assert row == ("something else",)
            connection.execute("create role guest login")
            connection.execute("grant all on kept to guest")
        assert not scrub(url.replace("clara@", "guest@"))
