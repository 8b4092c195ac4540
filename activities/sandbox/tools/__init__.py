"""The model's tools for the sandbox. A new one is a module here and a line in ``tools``."""

from typing import Any

from activities.sandbox.tools import files, moving, packages, python, shell
from activities.sandbox.workshop import Workshop
from activities.tools.tool import Tool


def tools(workshop: Workshop) -> tuple[Tool[Any], ...]:
    return (
        python.tool(workshop),
        shell.tool(workshop),
        packages.tool(workshop),
        *files.tools(workshop),
        *moving.tools(workshop),
    )
