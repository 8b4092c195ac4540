"""How often Python's garbage collector looks for cycles.

What is imported and what turns make is hardly ever a cycle. By Python's defaults the collector still goes through all
of it again and again: 30 % of the CPU time that a worker takes to come up, and 1 to 3 ms of a turn.
"""

import gc


def seldom() -> None:
    """Let it look rarely. Called before anything large is imported."""
    gc.set_threshold(50_000, 20, 20)


def keep() -> None:
    """What is there now stays for the life of this process, so it is not looked through again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)
