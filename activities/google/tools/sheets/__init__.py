"""Spreadsheets and their cells."""

from typing import Any

from activities.google.asking import Asking
from activities.google.tools.sheets import filling, reading
from activities.tools.tool import Tool


def tools(ask: Asking) -> tuple[Tool[Any], ...]:
    return (*reading.tools(ask), *filling.tools(ask))
