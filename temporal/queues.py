"""Task queues, by the kind of process that serves them."""

TURNS = "clara"
"""Workflows, model calls and tools. One queue, because only then are activities started eagerly."""


def delivery(platform: str) -> str:
    """Served by the platform's adapter itself, which alone holds the platform's token."""
    return f"deliver-{platform}"
