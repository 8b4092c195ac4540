"""What Clara is: types and pure rules. No I/O, no clock, no third party but pydantic and regex.

``clara.settings`` is the exception: it reads the environment and files.
"""

__version__ = "2026.48.1"
