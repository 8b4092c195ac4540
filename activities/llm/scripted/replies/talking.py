"""Rules that only say something."""

import re

from activities.llm.scripted import samples
from activities.llm.scripted.replies.rule import has
from activities.llm.scripted.request import Heard

MOST_COUNTED = 1000


def who(heard: Heard) -> str | None:
    asks = r"who are you|what are you|are you (real|an? (ai|bot|model|human|llm))|which model|what model"
    return samples.WHO if has(heard, asks) else None


def help(heard: Heard) -> str | None:
    return samples.HELP if has(heard, r"^\W*help\b|what can (you|i) do|how do (i|you) (use|configure|set)") else None


def markdown(heard: Heard) -> str | None:
    return samples.MARKDOWN if has(heard, r"\bmarkdown\b|\bcode block\b") else None


def story(heard: Heard) -> str | None:
    return samples.STORY if has(heard, r"\bstory\b") else None


def count(heard: Heard) -> str | None:
    found = re.search(r"\bcount (?:up )?to (\d{1,9})", heard.text, re.IGNORECASE)
    if not found:
        return None
    last = min(int(found[1]), MOST_COUNTED)
    numbers = ", ".join(str(number) for number in range(1, last + 1))
    return f"{numbers}." if last == int(found[1]) else f"{numbers} … and I stop there."


def my_name(heard: Heard) -> str | None:
    if not has(heard, r"\b(what('s| is) my name|who am i|my name\?)"):
        return None
    name = next((found for text in reversed(heard.before) if (found := _name_in(text))), None)
    return f"You told me that your name is {name}." if name else "You have not told me your name in this conversation."


def introduction(heard: Heard) -> str | None:
    name = _name_in(heard.text)
    return f"Nice to meet you, {name}. Ask me later what your name is, and I will know." if name else None


def earlier(heard: Heard) -> str | None:
    if not has(heard, r"\bwhat (did|have) i (say|said|write|written|ask|asked|tell|told)\b"):
        return None
    if not heard.before:
        return "This is the first thing that you have said in this conversation."
    said = "\n".join(f"> {line}" for line in _short(heard.before[-1], 500).splitlines())
    count = len(heard.before)
    return f"Before this you said:\n\n{said}\n\n(You have said {count} {'thing' if count == 1 else 'things'} so far.)"


def greeting(heard: Heard) -> str | None:
    if not has(heard, r"^\W*(hi|hello|hey|good (morning|afternoon|evening)|moin|servus)\b.{0,30}$"):
        return None
    again = "Hello again!" if heard.before else "Hello!"
    return f"{again} Say `help` to see what I can show you."


def thanks(heard: Heard) -> str | None:
    return "You are welcome." if has(heard, r"^\W*(thanks|thank you|thx|danke)\b") else None


def goodbye(heard: Heard) -> str | None:
    said = has(heard, r"^\W*(bye|goodbye|see you|good night)\b")
    return "Goodbye. This conversation stays here for when you come back." if said else None


def image(heard: Heard) -> str | None:
    if not heard.images:
        return None
    seen = "an image" if heard.images == 1 else f"{heard.images} images"
    return f"You sent {seen}. It arrived, but only a real model could look at it."


def echo(heard: Heard) -> str:
    if not heard.text:
        return "You sent no words. Say `help` to see what I can show you."
    said = "\n".join(f"> {line}" for line in _short(heard.text, 800).splitlines())
    return (
        f"You said:\n\n{said}\n\nA real model would answer this now; I can only repeat it. Say `help` for what I know."
    )


def _name_in(text: str) -> str | None:
    found = re.search(r"\b(?i:my name is|my name's|i am called)\s+([^\W\d_][\w'-]*(?: [A-Z][\w'-]*)?)", text)
    return found[1] if found else None


def _short(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[:limit] + " …"
