"""What a person reads when something waits for their yes."""

import base64
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from clara.messages import ToolCallPart
from clara.text import printable
from clara.tools.offer import OfferedTool

ANSWER_WITHIN = timedelta(days=3)
"""Silence for so long means no."""

VIEW_LIMIT = 1_500
"""Characters of what a call will do in a question; the command ``approvals ID`` shows all of them."""

PREFIXES = {"cli": "/", "discord": "/clara "}

ASKS = "May I do this?"

_CARDS = "approval/"


@dataclass(frozen=True)
class Question:
    id: str
    view: str
    why: str
    lasting: bool


def question_id(turn_id: str, step: int, call_id: str = "") -> str:
    """Of a question about one call, or of all about one answer: short enough to be typed, the same at every attempt."""
    digest = hashlib.sha256(f"{turn_id}/{step}/{call_id}".encode()).digest()
    return base64.b32encode(digest[:5]).decode().lower()


def card_key(card: str) -> str:
    """The key of the notice that asks."""
    return f"{_CARDS}{card}"


def card_of(key: str) -> str | None:
    """What a notice asks; None for one that asks nothing."""
    return key.removeprefix(_CARDS) if key.startswith(_CARDS) else None


def binding(tool: OfferedTool, call: ToolCallPart) -> str:
    """What a yes is bound to: the tool as it is, and the exact arguments."""
    text = json.dumps([tool.model_dump(mode="json"), call.arguments], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


def described(name: str, view: str | None, arguments: dict[str, Any]) -> str:
    """A call in full: in the tool's own words where it has some, and its arguments as they are where it has none."""
    if view is not None:
        return printable(f"{name}: {view}")
    lines = [f"{key}: {value if isinstance(value, str) else json.dumps(value)}" for key, value in arguments.items()]
    return printable("\n".join([name, *lines]))


def card(questions: Sequence[Question], platform: str) -> str:
    """The question in Markdown, for one or for several calls of the same answer."""
    prefix = PREFIXES.get(platform, "/")
    numbered = len(questions) > 1
    blocks = [f"**{ASKS}**" if not numbered else f"**May I do these {len(questions)} things?**"]
    for number, each in enumerate(questions, 1):
        blocks += [f"{number}:", _shown(each, prefix)] if numbered else [_shown(each, prefix)]
    blocks += dict.fromkeys(each.why for each in questions)
    yes, no = ("yes", "no") if platform == "cli" else (f"{prefix}allow", f"{prefix}deny")
    ways = [f"`{yes}`", f"`{no}`"]
    if all(each.lasting for each in questions):
        ways[1:1] = [f"`{prefix}allow conversation` for all of this conversation", f"`{prefix}allow always`"]
    silence = f"Without an answer in {ANSWER_WITHIN.days} days I do not."
    blocks.append(f"Answer with {', '.join(ways[:-1])} or {ways[-1]}. {silence}")
    return "\n\n".join(blocks)


def _shown(question: Question, prefix: str) -> str:
    """Quoted line by line, so that no argument can pass for a line of the question."""
    left = len(question.view) - VIEW_LIMIT
    lines = question.view[:VIEW_LIMIT].splitlines()
    if left > 0:
        lines.append(f"[… {left:,} more characters: `{prefix}approvals {question.id}`]")
    return "\n".join(f"> {line}  " for line in lines).rstrip()
