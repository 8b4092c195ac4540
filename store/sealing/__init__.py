"""Sealing: secrets of people are encrypted before they are stored, and only read where they are used."""

from store.sealing.keys import Keys
from store.sealing.sealer import Sealer

__all__ = ["Keys", "Sealer"]
