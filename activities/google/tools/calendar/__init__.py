"""Calendars and their events."""

from typing import Any

from activities.google.asking import Asking
from activities.google.tools.calendar import changing, reading
from activities.tools.tool import Tool


def tools(ask: Asking) -> tuple[Tool[Any], ...]:
    return (*reading.tools(ask), *changing.tools(ask))
