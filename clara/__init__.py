"""What Clara is: types and pure rules. No I/O, no clock, no third party but pydantic."""

__version__ = "2026.48.1"
