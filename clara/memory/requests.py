"""What is asked of the memory from outside: after a turn, and by its person."""

from typing import Any, Literal, get_args

from pydantic import Field

from clara.messages import Value

CommandName = Literal[
    "list", "search", "add", "undo", "forget", "key", "why", "export", "forget-me", "status", "sharing"
]


class RememberRequest(Value):
    """Asks to learn from a turn that has ended; everything else is read from the store."""

    turn_id: str


class LostRequest(Value):
    """Says that nothing will be learned from a turn, and why: the type of the error."""

    turn_id: str
    kind: str


class ExtractOutcome(Value):
    """What the person's message held; the facts themselves are in the store."""

    facts: int = 0
    relations: int = 0
    mood: bool = False
    rejected: tuple[str, ...] = Field((), description="why others were dropped, one word each")

    @property
    def is_empty(self) -> bool:
        return not (self.facts or self.relations or self.mood)


class StoreOutcome(Value):
    added: int = 0
    replaced: int = 0
    dropped: int = 0
    relations: int = 0


class MemoryCommand(Value):
    """A command about their own memory, from the person ``user_id``, whom the platform vouches for.

    With a ``reference`` its argument is in the store, and its answer goes there, so that no history holds the words.
    """

    user_id: str
    name: CommandName
    argument: str = Field("", max_length=4_000, description="an id, a text or words to search for")
    project: str | None = None
    key: bool = Field(False, description="of add: always in context")
    shared: bool = Field(False, description="of add: may surface where others read")
    confirmed: bool = Field(False, description="of forget-me: the person has confirmed it")
    private: bool = Field(True, description="only this person reads the answer")
    reference: str | None = Field(None, description="where the argument is kept, and the answer is wanted")


ACTIONS: tuple[str, ...] = get_args(CommandName)


def asked(user_id: str, action: str, text: str, project: str | None = None) -> MemoryCommand | None:
    """A command as typed in a chat: an action and its text; None if there is no such action.

    ``forget-me`` is confirmed by the text "yes". Only this person may read the answer.
    """
    if action not in ACTIONS:
        return None
    confirmed = action == "forget-me" and text.strip().casefold() == "yes"
    return MemoryCommand.model_validate(
        {
            "user_id": user_id,
            "name": action,
            "argument": text[:4_000],
            "confirmed": confirmed,
            "project": project,
        }
    )


class ReindexRequest(Value):
    """Asks for the vectors that a collection lacks. A worker that uses another collection does nothing."""

    collection: str


class ReindexProgress(Value):
    """How many of all memories have their vector. ``over`` where there is nothing more to do here."""

    done: int
    total: int
    over: bool


class MemoryReply(Value):
    """``text`` is for the person, in Markdown; ``data`` the same for programs."""

    text: str
    data: Any = None
