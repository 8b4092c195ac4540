"""The one door from adapters to workflows and to what Clara keeps.

It raises Clara's errors alone (``clara.errors``) and gives out neither the connection to Temporal nor
the pool of the database, so an adapter cannot meet an error that it does not know how to tell.
"""

from adapters.door.door import Door
from adapters.door.opening import open_door

__all__ = ["Door", "open_door"]
