"""How long a stack that does not answer is waited for, where nobody can be asked."""

import time

from clara.errors import Unavailable

PATIENCE_S = 30.0


class Patience:
    """Waits for a stack that does not answer, but not for ever."""

    def __init__(self) -> None:
        self._since: float | None = None

    def hear(self, problem: str | None) -> bool:
        """What does not answer, or None if all is well; False once it has lasted for PATIENCE_S."""
        now = time.monotonic()
        if problem is None:
            self._since = None
        elif self._since is None:
            self._since = now
        return self._since is None or now - self._since < PATIENCE_S

    async def not_accepted(self, problem: str) -> None:
        """For ``Session.hand_over``."""
        if not self.hear(problem):
            raise Unavailable(f"{problem}. The message was not accepted; please say it again later.")

    def accepted(self, problem: str | None) -> None:
        """For a turn that is being followed."""
        if not self.hear(problem):
            raise Unavailable(
                f"{problem}, and I have stopped waiting. The message is accepted: its answer is shown"
                " when the conversation is opened again."
            )
