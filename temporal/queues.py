"""Task queues, by the kind of process that serves them."""

from clara.notices import READ_THE_STORE

TURNS = "clara"
"""Workflows, model calls and tools. One queue, because only then are activities started eagerly."""

SANDBOX = "sandbox"
"""Tools that run code. Whoever serves it is the only one that reaches Docker, Incus or bubblewrap."""

PLUGINS = "plugins"
"""Tools of plugins, whose servers run beside the workers of this queue."""

OF_ROLES = {"clara": TURNS, "sandbox": SANDBOX, "plugins": PLUGINS}
"""The queue of each role of workers (``workers.roles``), for whoever looks at workers and need not load their work."""


def telling(platform: str) -> str | None:
    """The queue on which a platform's adapter is told what to send; None where it reads the store by itself."""
    return None if platform in READ_THE_STORE else delivery(platform)


def delivery(platform: str) -> str:
    """Served by the platform's adapter itself, which alone holds the platform's token."""
    return f"deliver-{platform}"
