"""Plugins: who has installed which, what their tools are, what they need, and how often they were called."""

from store.plugins import boxes, calls, installed, tools, values
from store.plugins.boxes import claim_box, unclaimed_boxes
from store.plugins.calls import Usage, count, totals, usage
from store.plugins.installed import (
    FORGETTING,
    IN_SHORT,
    InShort,
    add,
    change,
    everything,
    find,
    generations,
    get,
    of_person,
    remove,
)
from store.plugins.tools import approve_tools, enable, record_tools, tools_of
from store.plugins.values import seal, sealed_for

__all__ = [
    "FORGETTING",
    "IMPERSONAL",
    "IN_SHORT",
    "PERSONAL",
    "InShort",
    "Usage",
    "add",
    "approve_tools",
    "change",
    "claim_box",
    "count",
    "enable",
    "everything",
    "find",
    "generations",
    "get",
    "of_person",
    "record_tools",
    "remove",
    "seal",
    "sealed_for",
    "tools_of",
    "totals",
    "unclaimed_boxes",
    "usage",
]

PERSONAL = (*values.PERSONAL, *calls.PERSONAL, *boxes.PERSONAL, *installed.PERSONAL)
IMPERSONAL = tools.IMPERSONAL
