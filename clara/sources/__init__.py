"""Where settings come from: the environment, a file of settings, and what the running servers recorded.

It is apart from ``clara.settings``, which says what they mean, because every supervised process and ``clara stop`` need
the one without the other, and the other takes longer to load than they take to do their work.
"""

import os
from pathlib import Path

from clara.sources.finding import find_home


def home() -> Path:
    """CLARA_HOME, even where other settings are wrong: what stops Clara must not need them."""
    return find_home(os.environ)
