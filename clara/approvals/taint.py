"""What a turn has read: other people's words, which must not make Clara act, and private ones, which must not leave."""

from pydantic import Field

from clara.messages import Value


class Taint(Value):
    """Of one turn, up to one step. It only grows: what was read stays read."""

    others: tuple[str, ...] = Field((), description="whose words, as people say it: 'the page example.org/x'")
    private: bool = Field(False, description="holds private words beside the message: memories, notes, files")

    def __bool__(self) -> bool:
        """Whether the turn has read anybody's words but the person's and Clara's."""
        return bool(self.others)
