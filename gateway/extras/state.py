"""Whether an extra is installed."""

import sys
from importlib.util import find_spec
from typing import Literal

from activities.sandbox.extra import site_packages
from clara.extras import EXTRAS, Extra
from gateway.extras.lock import lock_of, pins

State = Literal["installed", "not installed", "outdated", "not for this Python"]
"""``outdated``: what it needs is there in part, or in other versions than the lock's; installing it puts that right."""


def state(name: str) -> State:
    extra = EXTRAS[name]
    if not is_for_this_python(extra):
        return "not for this Python"
    apart = site_packages(name) if extra.apart else None
    if all(pin.is_installed(apart) for pin in pins(lock_of(name))):
        return "installed"
    is_there = apart.is_dir() if apart else can_be_imported(extra)
    return "outdated" if is_there else "not installed"


def is_for_this_python(extra: Extra) -> bool:
    return sys.version_info >= extra.python


def can_be_imported(extra: Extra) -> bool:
    """Whether what Clara uses of it is there, in whatever version."""
    return all(find_spec(module) for module in extra.modules)
