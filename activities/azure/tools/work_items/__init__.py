"""Work items: finding, reading, making and changing them."""

from typing import Any

from activities.azure.asking import Asking
from activities.azure.tools.work_items import changing, looking
from activities.tools.tool import Tool


def tools(ask: Asking) -> tuple[Tool[Any], ...]:
    return (*looking.tools(ask), *changing.tools(ask))
