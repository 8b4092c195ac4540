"""What a turn has read: other people's words, which must not make Clara act, and private ones, which must not leave.

Whatever the model reads counts: what came with the message, what tools brought, and the turns before it that are still
shown to it, with what these had read. A picture counts like any other file: words can be in it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import Field

from clara.messages import BEGUN_BY, Attachment, Quoted, TurnOrigin, Value
from clara.text import printable
from clara.tools.provenance import Provenance

NAMED = 20
"""Sources that are named; the first ones, because these are nearest to the turn."""

SOURCE_LIMIT = 160

MORE = "others before them"


class Taint(Value):
    """Of one turn, up to one step. It only grows: what was read stays read."""

    others: tuple[str, ...] = Field((), description="whose words, as people say it: 'the page example.org/x'")
    private: bool = Field(False, description="holds private words beside the message: memories, notes, files")

    def __bool__(self) -> bool:
        """Whether the turn has read anybody's words but the person's and Clara's."""
        return bool(self.others)

    def joined(self, other: "Taint") -> "Taint":
        """Both; the sources of this one first."""
        sources = tuple(dict.fromkeys((*self.others, *other.others)))
        if len(sources) > NAMED:
            sources = (*[each for each in sources if each != MORE][: NAMED - 1], MORE)
        return Taint(others=sources, private=self.private or other.private)


@dataclass(frozen=True)
class Source:
    """What a tool brought in a turn. ``name`` is as people call it, empty where nobody said."""

    tool: str
    provenance: Provenance
    name: str = ""
    private: bool = False

    @property
    def called(self) -> str:
        return self.name or f"what {self.tool} brought"


@dataclass(frozen=True)
class TurnRead:
    """A turn that the model reads, the one at work or another one of its conversation."""

    results: Sequence[Source] = ()
    origin: TurnOrigin = "person"
    vouched: bool = False
    quoted: Sequence[Quoted] = ()
    attachments: Sequence[Attachment] = ()
    stranger: str | None = None
    """The name of its person, where that is not the one who asks now."""
    recalled: bool = False
    """Memories were given to it."""
    reworded: bool = False
    """Among them ones in Clara's words: an older release may have made them of anything."""
    pinned: Taint | None = None
    """What is known of it already."""


def own(turn: TurnRead) -> Taint:
    """What a turn has read for itself."""
    others = [each.called for each in turn.results if each.provenance is Provenance.OTHERS]
    others += [f"a message {_RELATIONS[each.relation]} {each.author}" for each in turn.quoted if not each.is_clara]
    others += [f"the attached file {each.name}" for each in turn.attachments]
    if turn.reworded:
        others.append("memories in my words, of an older release")
    if turn.origin != "person" and not turn.vouched:
        others.append(f"a message begun by {BEGUN_BY[turn.origin]}")
    private = turn.recalled or bool(turn.attachments) or any(each.private for each in turn.results)
    return Taint(private=private).joined(Taint(others=tuple(map(_line, others))))


def _line(source: str) -> str:
    """On one line: names are others' words as well, and stand in questions to people."""
    return " ".join(printable(source).split())[:SOURCE_LIMIT]


_RELATIONS = {"reply": "quoted from", "channel": "in the channel of"}


def taint(current: TurnRead, beside: Sequence[TurnRead]) -> Taint:
    """Of a turn, with the turns ``beside`` it that it reads, the nearest first.

    Who else speaks with Clara in a channel is somebody else. What was said in earlier turns is private.
    """
    found = own(current)
    if current.pinned is not None:
        found = found.joined(current.pinned)
    for each in beside:
        read = own(each) if each.pinned is None else own(each).joined(each.pinned)
        if each.stranger is not None:
            # What they have read is theirs to know: their files have names.
            said = _line(f"what {each.stranger} said here")
            read = Taint(others=(said, MORE) if read else (said,))
        found = found.joined(read)
    return found.joined(Taint(private=bool(beside)))
