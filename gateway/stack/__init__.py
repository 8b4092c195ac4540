"""The processes of one home as a whole: up, down, and for how long."""

from gateway.stack.lifetime import ensure_running, restart, start, stop
from gateway.stack.running import changes

__all__ = ["changes", "ensure_running", "restart", "start", "stop"]
