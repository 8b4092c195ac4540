"""``stack.json`` of a CLARA_HOME: where its servers listen, and which settings they were started with."""

import json
from pathlib import Path

from clara.errors import Misconfigured
from clara.invocation import call

STACK_FILE = "stack.json"
"""Below CLARA_HOME, mode 0600: written at every start."""


def read_stack(home: Path) -> dict[str, str]:
    """What is recorded; nothing before the first start. Misconfigured says what to do with a damaged file."""
    path = home / STACK_FILE
    try:
        found = json.loads(path.read_bytes())
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except (ValueError, IsADirectoryError):
        found = None
    except OSError as error:
        raise Misconfigured(f"{path} cannot be read: {error.strerror}. Is CLARA_HOME yours?") from None
    if not isinstance(found, dict) or not all(isinstance(value, str) for value in found.values()):
        raise Misconfigured(
            f"{path} is damaged. It holds addresses that can be made again, and no data of yours. "
            f"Run: {call('stop')}, then remove that file, then: {call('start')}"
        )
    return found
