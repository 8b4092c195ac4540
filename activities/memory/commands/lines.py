"""A memory as people and programs are shown it."""

from clara.memory.kinds import Memory

ID_DIGITS = 8


def line(memory: Memory) -> str:
    """One line of a list."""
    marks = [memory.kind if memory.kind != "project" else f"project {memory.project}"]
    if not memory.private:
        marks.append("shared")
    return f"`{memory.id[:ID_DIGITS]}` {memory.text} ({', '.join(marks)}, {memory.created_at:%Y-%m-%d})"


def plain(memory: Memory) -> dict[str, object]:
    """The same for programs."""
    return memory.model_dump(mode="json", exclude_none=True)
