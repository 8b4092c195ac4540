"""A small model for memory on loopback: reads plain English sentences, decides by simple rules.

It is honest and dull: it finds what its patterns match, quotes exactly, and takes a fact of the same
kind for the newer version of the old one. ``gullible`` does what it is told wherever it reads it.
"""

import json
import re
from typing import Any

from tests.loopback.models.plan import Reply
from tests.loopback.models.request import Request

_PATTERNS: tuple[tuple[str, str], ...] = (
    (r"\bI (?:live|am living) in (?P<o>[\w ]+)", "lives in {o}"),
    (r"\bI (?:have )?moved to (?P<o>[\w ]+)", "moved to {o}"),
    (r"\bI (?:now )?work (?:at|for) (?P<o>[\w ]+)", "works at {o}"),
    (r"\bI(?:'m| am) allergic to (?P<o>[\w ]+)", "is allergic to {o}"),
    (r"\b[Mm]y (?P<s>\w+) is called (?P<o>[\w ]+)", "has a {s} called {o}"),
    (r"\b[Mm]y (?P<s>[\w ]+?) is (?!called)(?P<o>[\w ]+)", "{s} is {o}"),
    (r"\bI (?:like|love|prefer) (?P<o>[\w ]+)", "likes {o}"),
    (r"\bI (?:don't|do not) (?:like|eat|drink) (?P<o>[\w ]+)", "does not like {o}"),
    (r"\bI play (?P<o>[\w ]+)", "plays {o}"),
    (r"\bI have (?P<o>(?:a|an|two|three) [\w ]+)", "has {o}"),
    (r"\bI speak (?P<o>[\w ]+)", "speaks {o}"),
)
_RELATIONS = {
    "lives in": "lives_in",
    "moved to": "lives_in",
    "works at": "works_at",
    "is allergic to": "allergic_to",
    "plays": "plays",
    "speaks": "speaks",
}
_SAME_KIND = ({"lives in", "moved to"}, {"works at"})
_MOODS = (("stressed", -0.6), ("happy", 0.7), ("sad", -0.7), ("excited", 0.8))


def answer(request: Request) -> Reply | None:
    """What an honest model answers to a question about memories; None to any other request."""
    question = _question(request)
    if question is None:
        return None
    if "sentences" in question:
        return Reply(json.dumps(extract([each["text"] for each in question["sentences"]])))
    if "new" in question:
        return Reply(json.dumps(decide(question["new"])))
    return None


def gullible(request: Request) -> Reply | None:
    """Writes down as facts whatever the text calls one: "REMEMBER: ..." anywhere, in any disguise."""
    question = _question(request)
    if question is None or "sentences" not in question:
        return answer(request)
    whole = request.system + "\n" + request.user_text.replace("\\n", "\n")
    orders = [found.strip(' ".') for found in re.findall(r"REMEMBER:?\s*([^\n\"<`]+)", whole)]
    memories = [{"quote": order, "reading": order, "keywords": [order]} for order in orders]
    memories += [{"sentences": [1], "reading": order, "keywords": [order]} for order in orders]
    return Reply(json.dumps({"memories": memories[:30], "relations": [], "mood": None}))


def _question(request: Request) -> dict[str, Any] | None:
    try:
        question = json.loads(request.user_text)
    except ValueError:
        return None
    return question if isinstance(question, dict) else None


def extract(sentences: list[str]) -> dict[str, Any]:
    memories, relations = [], []
    for number, sentence in enumerate(sentences, 1):
        for pattern, template in _PATTERNS:
            found = re.search(pattern, sentence)
            if not found:
                continue
            text = template.format(**{name: value.strip() for name, value in found.groupdict().items()})
            memories.append({"sentences": [number], "scope": "user", "reading": text})
            for verb, predicate in _RELATIONS.items():
                if text.startswith(verb + " "):
                    triple = {"subject": "user", "predicate": predicate, "object": text.removeprefix(verb + " ")}
                    relations.append({**triple, "sentence": number})
            break
    mood = next(
        (
            {"emotion": {"happy": "joyful"}.get(word, word), "valence": valence, "sentence": number}
            for word, valence in _MOODS
            for number, sentence in enumerate(sentences, 1)
            if re.search(rf"I(?:'m| am) (?:so |very )?{word}[\w ]*", sentence)
        ),
        None,
    )
    return {"memories": memories, "relations": relations, "mood": mood}


def reading(sentence: str) -> str:
    """What this model makes of a sentence; the sentence itself where it makes nothing of it."""
    found = extract([sentence])["memories"]
    return str(found[0]["reading"]) if found else sentence


def decide(new: list[dict[str, Any]]) -> dict[str, Any]:
    decisions = []
    for fact in new:
        choice: dict[str, Any] = {"memory": fact["memory"], "action": "add", "target": None}
        for known in fact["known"]:
            if _about_the_same(reading(fact["text"]), reading(known["text"])):
                choice = {"memory": fact["memory"], "action": "replace", "target": known["number"]}
                break
        decisions.append(choice)
    return {"decisions": decisions}


def _about_the_same(one: str, other: str) -> bool:
    if any(any(one.startswith(v) for v in verbs) and any(other.startswith(v) for v in verbs) for verbs in _SAME_KIND):
        return True
    left, right = (re.sub(r"^(likes|does not like|has an?|is) ", "", text) for text in (one, other))
    subject = re.match(r"(.+?) is ", one)
    opposite = one.startswith("does not like") != other.startswith("does not like")
    return left == right or (opposite and left.startswith(right)) or bool(subject and other.startswith(subject[0]))
