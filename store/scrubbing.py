"""Taking out of the database's files what was deleted from its tables.

A deleted row stays in its table's file until something is written over it, and in the write-ahead log until
its segment is reused. Both pass by themselves; this is for whoever does not want to wait.
"""

import psycopg

LOCK_TIMEOUT = "30s"
STATEMENT_TIMEOUT = "30min"

ROUNDS = 4
"""Segments of the log that are begun: after three, none is left that a reader of the files finds words in."""


def scrub(database_url: str) -> bool:
    """Write all tables anew and let the old log go; returns whether this role may do the second.

    Every table is locked while it is written, and the disk must hold the largest twice. psycopg.Error where
    a table stays in use for LOCK_TIMEOUT.
    """
    with psycopg.connect(database_url, autocommit=True, connect_timeout=5) as connection:
        connection.execute(f"set lock_timeout = '{LOCK_TIMEOUT}'")
        connection.execute(f"set statement_timeout = '{STATEMENT_TIMEOUT}'")
        connection.execute("vacuum (full)")
        try:
            for _ in range(ROUNDS):
                # Without a record in it a segment is not ended.
                connection.execute("select pg_logical_emit_message(true, 'clara', 'scrub')")
                connection.execute("select pg_switch_wal()")
                connection.execute("checkpoint")
        except psycopg.errors.InsufficientPrivilege:
            return False
    return True
