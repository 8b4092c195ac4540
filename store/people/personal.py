"""How a module of the store says which of its tables hold something of a person.

Each declares PERSONAL, what is a person's, and IMPERSONAL, tables that are nobody's, with the reason;
``store/people/people.py`` collects both. A test holds them against the schema.
"""

from dataclasses import dataclass
from typing import LiteralString

OF_THEIR_TURNS: LiteralString = "t.turn_id in (select id from turns where user_id = %(person)s)"
OF_THEIR_MESSAGES: LiteralString = (
    f"({OF_THEIR_TURNS} or t.turn_id in (select 'notice/' || key from notices where user_id = %(person)s)"
    " or t.turn_id in (select 'chat/' || a.key from chat_actions a join turns o on o.id = a.turn_id"
    " where o.user_id = %(person)s))"
)
"""Where ``turn_id`` names a turn, a notice or an action in a chat."""


@dataclass(frozen=True)
class Personal:
    """A table with rows of people."""

    subject: str
    """What the rows are called where they are counted and exported."""
    table: LiteralString
    of: LiteralString
    """True for the rows ``t`` of ``%(person)s``, before anything of theirs was deleted."""
    export: LiteralString | None = "to_jsonb(t)"
    """A row as JSON; None for what is no use to anybody but Clara."""
    key: LiteralString | None = None
    """Where rows are found by way of the turns and can be deleted only after them: the column that names a row."""
