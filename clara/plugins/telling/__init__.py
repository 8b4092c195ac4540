"""What people and models read about plugins: lists, what a plugin can do, and what a yes would switch on."""

from clara.plugins.telling.abilities import asked, can_do, reach, tools
from clara.plugins.telling.data import as_json
from clara.plugins.telling.lists import NONE, found, listed, used
from clara.plugins.telling.matters import login, matters, not_yet, where_to_type
from clara.plugins.telling.words import CHAT, STATES, one_line, typed, whose

__all__ = [
    "CHAT",
    "NONE",
    "STATES",
    "as_json",
    "asked",
    "can_do",
    "found",
    "listed",
    "login",
    "matters",
    "not_yet",
    "one_line",
    "reach",
    "tools",
    "typed",
    "used",
    "where_to_type",
    "whose",
]
