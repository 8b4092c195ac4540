"""How much room on the disk Clara needs, and what is said where there is too little. No I/O: ``store.disk`` looks."""

MB = 1_000_000

LOW = 500 * MB
"""Bytes below which people are warned.

The database keeps up to 256 MB of its log before it writes its tables, the processes' logs grow to 30 MB
each and Temporal's file by some 10 kB a turn: what is left should outlast the day on which somebody reads it.
"""

FULL = 20 * MB
"""Bytes below which nothing can be relied on: Postgres writes its log in files of 16 MB."""

FIRST_START = 80 * MB
"""Bytes that a new home takes at least: 45 for an empty database, and the first of its log."""


def shortage(free: int, place: str) -> str | None:
    """What to tell people of ``free`` bytes at ``place``; None while there are enough."""
    if free >= LOW:
        return None
    left = f"{free // MB} MB left in {place}"
    if free < FULL:
        return f"The disk is full: {left}. Clara goes on by herself as soon as there is room again."
    return f"The disk is almost full: {left}. Clara's database may stop working; she should have {LOW // MB} MB."


def too_little_to_start(free: int, place: str, first: bool) -> str | None:
    """Why a start would be in vain; None where it would not. ``first``: there is no database there yet."""
    needed = FIRST_START if first else FULL
    if free >= needed:
        return None
    return (
        f"There is too little room on the disk: {free // MB} MB left in {place}, and a start needs {needed // MB} MB."
    )
