"""Files and folders in Drive."""

from typing import Any

from activities.google.asking import Asking
from activities.google.tools.drive import changing, downloading, making, reading
from activities.google.tools.drive.files import PersonFiles
from activities.tools.tool import Tool


def tools(ask: Asking, kept: PersonFiles) -> tuple[Tool[Any], ...]:
    return (
        *reading.tools(ask),
        *downloading.tools(ask, kept),
        *making.tools(ask, kept),
        *changing.tools(ask),
    )
