"""What a tool of a plugin counts as: what its server says of it, and what its server can reach at all.

Hints are a server's own words. They are believed where somebody said yes to the tool as it was shown, with what it
counts as. What a server can reach is no word of its own: one that runs here without a network can change nothing but
its own box, whatever it says, and one with a network hears every word that it is given.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from clara.plugins.plugin import Launch
from clara.tools.tool import Effect, Risk


@dataclass(frozen=True)
class Nature:
    """Of one tool, as ``activities.tools.tool.Tool`` declares it."""

    effect: Effect
    risk: Risk
    sends: bool
    """Its arguments leave for the outside although it only looks."""
    remembers: bool
    """It changes what the person keeps with it, and later turns read that."""

    @property
    def in_words(self) -> str:
        """For the person who is asked to allow the tool."""
        if self.risk is Risk.OUTWARD:
            return "asks each person first"
        return "only looks" if self.effect is Effect.READ else "changes what it keeps itself"


def nature(launch: Launch, hints: Mapping[str, Any]) -> Nature:
    """A hint counts only where it is plainly true; without hints a tool is a write."""
    if hints.get("readOnlyHint") is True:
        effect = Effect.READ
    else:
        effect = Effect.IDEMPOTENT if hints.get("idempotentHint") is True else Effect.WRITE
    looks = effect is Effect.READ
    if is_contained(launch):
        return Nature(effect, Risk.LOOK if looks else Risk.CHANGE, sends=False, remembers=not looks)
    return Nature(effect, Risk.LOOK if looks else Risk.OUTWARD, sends=looks, remembers=False)


def is_contained(launch: Launch) -> bool:
    """Whether a server runs in a box without a network."""
    return bool(launch.command) and not launch.url and not launch.hosts
