"""An embedder that needs no model: words and letter triples, hashed into a vector.

It finds what shares words, not what means the same: of 20 questions in the words of the memory it
finds 20, of 20 paraphrases about 5. Whoever shows it calls it keyword memory.
"""

import math
import zlib

from clara.memory import words

DIMENSIONS = 384

FLOOR = 0.12
"""Similarity below which two texts share nothing but accident."""

_TRIPLE_WEIGHT = 0.25


def embed(text: str) -> list[float]:
    """A unit vector of 384 numbers; of a text without meaning, of any direction but always the same."""
    vector = [0.0] * DIMENSIONS
    for word in words.content(text) or set(words.tokens(text)) or {"∅"}:
        _add(vector, word, 1.0)
        padded = f"^{word}$"
        for start in range(len(padded) - 2):
            _add(vector, padded[start : start + 3], _TRIPLE_WEIGHT)
    length = math.sqrt(sum(x * x for x in vector)) or 1.0
    return [x / length for x in vector]


def _add(vector: list[float], feature: str, weight: float) -> None:
    number = zlib.crc32(feature.encode())
    vector[number % DIMENSIONS] += weight if number & 0x8000_0000 else -weight
