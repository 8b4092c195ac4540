"""Exit codes of the command ``clara``, beside 0."""

FAILED = 1
WRONG_SETTING = 2
"""A setting or an argument is wrong."""
NOT_RUNNING = 3
"""What was asked for does not run, or is not up to date: as of service scripts."""
INTERRUPTED = 130
