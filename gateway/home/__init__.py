"""CLARA_HOME: its layout, and the record of where this home's servers listen."""

from gateway.home.layout import Home

__all__ = ["Home"]
