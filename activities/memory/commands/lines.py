"""A memory as people and programs are shown it."""

from clara.memory.kinds import Memory, one_line

ID_DIGITS = 8


def line(memory: Memory) -> str:
    """One line of a list."""
    marks = [memory.kind if memory.kind != "project" else f"project {memory.project}"]
    if not memory.private:
        marks.append("shared")
    return f"`{memory.id[:ID_DIGITS]}` {told(memory)} ({', '.join(marks)}, {memory.created_at:%Y-%m-%d})"


def plain(memory: Memory) -> dict[str, object]:
    """The same for programs."""
    return memory.model_dump(mode="json", exclude_none=True)


def told(memory: Memory) -> str:
    """The person's words in quotation marks, and what Clara makes of them marked as hers."""
    reading = memory.reading if memory.quoted else memory.text
    parts = [f"“{one_line(memory.text)}”"] if memory.quoted else []
    return " ".join([*parts, *([f"[I read: {one_line(reading)}]"] if reading else [])])
