"""How the command ``clara`` can be called here, so that every hint names one that exists.

The entry point of the command finds out and says it once; in every other process it is ``clara``.
"""

_command = ["clara"]


def called_as(command: str) -> None:
    """What a person has to type for ``clara``, such as ``.venv/bin/clara``."""
    _command[0] = command


def call(words: str) -> str:
    """The command line for ``clara WORDS``: ``call("start")`` is ``clara start``, or ``.venv/bin/clara start``."""
    return f"{_command[0]} {words}"
