"""What the person should know before anything goes wrong, told by ``start``, ``restart``, ``chat`` and ``status``."""

from clara.invocation import call
from clara.settings import Settings, source
from gateway.stack.running import changes
from store import disk


def notices(settings: Settings) -> list[str]:
    """A sentence for each: odd lines in the file of settings, a disk that fills, settings that are not applied."""
    found = list(source().warnings)
    shortage = disk.shortage(settings.runtime.home)
    if shortage:
        found.append(shortage)
    names = changes(settings)
    if names:
        found.append(
            f"The settings have changed since Clara was started: {', '.join(names)}. To apply them: {call('restart')}"
        )
    return found
