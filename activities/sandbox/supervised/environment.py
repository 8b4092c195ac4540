"""What a command finds in its environment, in every box that a supervisor runs commands in."""

from collections.abc import Mapping

from activities.sandbox.backend import HOME

PATH = f"{HOME}/.local/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
ENVIRONMENT: Mapping[str, str] = {
    **{"HOME": HOME, "USER": "user", "LOGNAME": "user", "PATH": PATH, "LANG": "C.UTF-8", "TMPDIR": "/tmp"},
    **{"TERM": "dumb", "PIP_USER": "1", "PIP_BREAK_SYSTEM_PACKAGES": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1"},
    "MPLBACKEND": "agg",
}
