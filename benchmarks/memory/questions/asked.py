"""What a scripted question is: said at some time, asked for in other words later."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Asked:
    """One fact of a person, and a question that it answers.

    ``reading`` and ``keywords`` are what a model that reads the sentence alone would note of it; they were
    written without a look at the question. The question avoids the sentence's own words where people would.
    """

    language: str
    said: str
    reading: str
    keywords: tuple[str, ...]
    question: str
