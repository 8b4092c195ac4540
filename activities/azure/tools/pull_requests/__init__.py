"""Pull requests: finding, reading, opening, changing, completing, and what is said about them."""

from typing import Any

from activities.azure.asking import Asking
from activities.azure.tools.pull_requests import changing, looking
from activities.tools.tool import Tool


def tools(ask: Asking) -> tuple[Tool[Any], ...]:
    return (*looking.tools(ask), *changing.tools(ask))
