"""What can go wrong when processes are run and things installed, told to the person at the terminal."""

from clara.errors import ClaraError


class StartFailed(ClaraError):
    """A process did not come up, or one of an earlier run does not end; the message names cause and log."""


class InstallFailed(ClaraError):
    """Something was not installed; the message says how to try again."""


class NotRunning(ClaraError):
    """The command needs a running Clara."""
