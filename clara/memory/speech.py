"""What of a message the person said themselves: the only ground for a memory.

A message may carry other people's words: code, quotations, a pasted mail or page. Nobody marks
those reliably, so everything that looks like them is left out. A fact that is missed for that can
be told again; one that a stranger planted is believed in every later conversation.
"""

import re

PASTED_PARAGRAPH = 600
"""Characters: people rarely type longer paragraphs into a chat, and often paste them."""

LETTERS = 10
"""Letters of less than three words that may hold a fact; small talk in English has fewer."""

LETTERS_ELSEWHERE = 6
"""The same with other letters: many languages say in one word what English says in three."""

SHOWN = "\ue000"
"""Stands for a link or a piece of code within a sentence, which is kept with an ellipsis in its place."""

BROKEN = "\ue001"
"""Stands for words within a sentence that are somebody else's, so that nothing of it can be kept."""

_FENCED = re.compile(r"(```|~~~).*?(\1|\Z)", re.DOTALL)
_INLINE_CODE = re.compile(r"`([^`\n]*)`")
_MARKUP = re.compile(r"<!--.*?(-->|\Z)|<(\w+)[^>]*>.*?(</\2>|\Z)|</?\w[^>]*>", re.DOTALL)
_LONG_QUOTATION = re.compile(r'"[^"\n]{40,}"|“[^”\n]{40,}”|„[^“”\n]{40,}[“”]|«[^»\n]{40,}»')
_MAIL_HEADER = re.compile(r"^\s*(from|to|cc|bcc|subject|date|sent|von|an|betreff|gesendet)\s*:", re.IGNORECASE)
_FORWARDED = re.compile(r"^\s*(-{2,}.*(forwarded|original|weitergeleitet|ursprüngliche).*-{2,}|on .+ wrote:)\s*$", re.I)
_TASK = re.compile(
    r"\b(summari[sz]e|translate|proof-?read|rewrite|rephrase|explain|correct|improve|reply to|answer|check|review|"
    r"analy[sz]e|read|quote|here is|here's|this is|says?|said|wrote|writes|"
    r"übersetze?|fasse|korrigiere?|schreibt|sagt)\b[^:\n]{0,80}:.*",
    re.IGNORECASE | re.DOTALL,
)
_WITHOUT_SPACES = re.compile(r"[\u0e00-\u0e7f\u3040-\u30ff\u4e00-\u9fff]{3,}")  # Thai, Japanese, Chinese
_LINK = re.compile(r"https?://\S+?(?=[.,;:!?)\]]*(?:\s|\Z))")
_WORD = re.compile(r"[\w.+#/-]+")
_PROSE = re.compile(r"[^\W\d_]+(?:['\u2019\s]+[^\W\d_]+)+")


def own(text: str) -> list[str]:
    """The paragraphs of ``text`` that are the person's own, with SHOWN and BROKEN where something is left out."""
    text = text.replace(SHOWN, BROKEN)
    for foreign in (_FENCED, _MARKUP):
        text = foreign.sub(_left_out, text)
    text = _INLINE_CODE.sub(_code, text)
    text = _LONG_QUOTATION.sub(BROKEN, text)
    text = _LINK.sub(SHOWN, text)
    text = _TASK.sub(BROKEN, text)
    kept: list[str] = []
    for line in text.splitlines(keepends=True):
        if _MAIL_HEADER.match(line) or _FORWARDED.match(line):
            break
        if line.lstrip().startswith((">", "|")):
            kept.append("\n\n")
            continue
        kept.append(line)
        if line.rstrip().endswith(":"):
            break  # "summarise this:" — what follows is somebody else's
    paragraphs = re.split(r"\n\s*\n", "".join(kept))
    return [p.strip() for p in paragraphs if p.strip() and len(p) <= PASTED_PARAGRAPH]


def spoken(text: str) -> str:
    """The person's own words in ``text``; empty if nothing surely is."""
    paragraphs = (p.replace(SHOWN, "…").replace(BROKEN, " ").strip() for p in own(text))
    return "\n\n".join(p for p in paragraphs if p)


def worth_reading(text: str) -> bool:
    """Whether a message can hold a fact: three words ("I speak Danish"), or as much in fewer ("Vejetaryenim")."""
    said = spoken(text)
    words = re.findall(r"[^\W\d_]+", said)
    letters = sum(map(len, words))
    few = LETTERS if said.isascii() else LETTERS_ELSEWHERE
    return len(words) >= 3 or letters >= few or bool(_WITHOUT_SPACES.search(said))


def _left_out(found: re.Match[str]) -> str:
    """Lines of their own end a paragraph; what stands within a line, or is gone on after, breaks its sentence."""
    before, after = found.string[: found.start()], found.string[found.end() :]
    alone = not before.rpartition("\n")[2].strip() and not after.partition("\n")[0].strip()
    goes_on = after.lstrip()[:1].islower() and before.rstrip()[-1:] not in (*".!?:\u2026", "")
    return "\n\n" if alone and not goes_on else BROKEN


def _code(found: re.Match[str]) -> str:
    """A word in backticks is the person's; of several words nobody knows whose they are, and one may be "not"."""
    inner = found[1].strip()
    if _WORD.fullmatch(inner):
        return found[0]
    return BROKEN if _PROSE.fullmatch(inner) else SHOWN
