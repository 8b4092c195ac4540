"""Vectors of a stand-in for an embedding model: a sentence and the question it answers are near each other.

It is told which belong together, and mixes that with noise of the text's own, so a pair has a cosine of about
0.36 and two texts that have nothing in common one of 0 +- 0.05. It says what the search makes of good vectors,
and nothing about any real model.
"""

import math
import random

from benchmarks.memory.questions.life import life
from tests.loopback.feature_hash import DIMENSIONS

_SHARED, _OWN = 0.6, 0.8

_PAIRS = {text: number for number, asked in enumerate(life()) for text in (asked.said, asked.question)}


def vector_of(text: str) -> list[float]:
    """A unit vector, always the same for the same text; a reading below the sentence changes nothing."""
    sentence = text.partition("\n")[0]
    own = _direction(f"text {sentence}")
    shared = _direction(f"pair {_PAIRS.get(sentence, sentence)}")
    return _unit([_SHARED * x + _OWN * y for x, y in zip(shared, own, strict=True)])


def _direction(name: str) -> list[float]:
    randomly = random.Random(name)
    return _unit([randomly.gauss(0, 1) for _ in range(DIMENSIONS)])


def _unit(vector: list[float]) -> list[float]:
    length = math.sqrt(sum(x * x for x in vector))
    return [x / length for x in vector]
