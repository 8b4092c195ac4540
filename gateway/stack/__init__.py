"""The processes of one home as a whole: up, down, and for how long."""

from gateway.stack.lifetime import ensure_running, restart, start, stop

__all__ = ["ensure_running", "restart", "start", "stop"]
