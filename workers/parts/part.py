"""What a part is: given a process's services, it opens what it needs and says what it brings."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any

from activities.tools.toolset import Toolset
from workers.services import Services

Activity = Callable[..., Any]


@dataclass(frozen=True)
class Share:
    """What a part brings: activities for the queue of its role, and toolsets for turns."""

    activities: tuple[Activity, ...] = ()
    toolsets: tuple[Toolset, ...] = ()


Part = Callable[[Services], AbstractAsyncContextManager[Share]]
"""Opening one must be cheap: heavy libraries and connections wait until they are first needed."""
