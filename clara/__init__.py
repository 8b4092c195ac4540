"""What Clara is: types and pure rules. No I/O, no clock, no third party but pydantic and pure functions.

``clara.sources`` and ``clara.settings`` are the exception: they read the environment and files.
"""

__version__ = "2026.48.1"
