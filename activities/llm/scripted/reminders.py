"""What the scripted stand-in does with times: a reminder in a while, or again and again, and the list of them."""

import re

from activities.llm.scripted.plugins import Wish
from activities.llm.scripted.request import Heard

_WORDS: dict[str, float] = {
    **{"half an": 0.5, "a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7},
    **{"eight": 8, "nine": 9, "ten": 10, "eleven": 11, "twelve": 12, "fifteen": 15, "twenty": 20, "thirty": 30},
}
_UNITS = {"second": 1, "minute": 60, "hour": 3_600, "day": 86_400}
_NUMBER = rf"(?P<number>\d{{1,6}}|{'|'.join(sorted(_WORDS, key=len, reverse=True))})"
_UNIT = rf"(?P<unit>{'|'.join(_UNITS)})s?"

_ONCE = re.compile(rf"\bremind me in {_NUMBER} {_UNIT}(?: to| that| of|:|,)?\s+(?P<text>.+)", re.IGNORECASE | re.DOTALL)
_TO = re.compile(rf"\bremind me (?:to|of|that) (?P<text>.+?) in {_NUMBER} {_UNIT}\W*$", re.IGNORECASE | re.DOTALL)
_EVERY = re.compile(
    rf"\b(?P<does>remind|tell) me every (?:{_NUMBER} )?{_UNIT}(?: to| that| of|:|,)?\s+(?P<text>.+)",
    re.IGNORECASE | re.DOTALL,
)
_LIST = re.compile(r"\b(list|show|which|what)\b.{0,20}\b(reminders|schedules)\b", re.IGNORECASE)


def wish(heard: Heard) -> Wish | None:
    """What the person asks for of times."""
    if found := _ONCE.search(heard.text) or _TO.search(heard.text):
        return "create_schedule", {"does": "remind", "text": found["text"].strip(), "in_seconds": _seconds(found)}
    if found := _EVERY.search(heard.text):
        does = "remind" if found["does"].lower() == "remind" else "ask"
        return "create_schedule", {"does": does, "text": found["text"].strip(), "every_seconds": _seconds(found)}
    return ("list_schedules", {}) if _LIST.search(heard.text) else None


def _seconds(found: re.Match[str]) -> int:
    number = (found["number"] or "one").lower()
    return max(1, int((_WORDS[number] if number in _WORDS else int(number)) * _UNITS[found["unit"].lower()]))
