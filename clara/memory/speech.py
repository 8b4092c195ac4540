"""What of a message the person said themselves: the only ground for a memory.

A message may carry other people's words: code, quotations, a pasted mail or page. Nobody marks
those reliably, so everything that looks like them is left out. A fact that is missed for that can
be told again; one that a stranger planted is believed in every later conversation.
"""

import re

PASTED_PARAGRAPH = 600
"""Characters: people rarely type longer paragraphs into a chat, and often paste them."""

SPOKEN_LIMIT = 2_000
"""Characters of one message that are considered at all."""

_FENCED = re.compile(r"(```|~~~).*?(\1|\Z)", re.DOTALL)
_INLINE_CODE = re.compile(r"`[^`\n]*`")
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
_WITHOUT_SPACES = re.compile(r"[\u0e00-\u0e7f\u3040-\u30ff\u4e00-\u9fff]{4,}")  # Thai, Japanese, Chinese
_LINK = re.compile(r"https?://\S+")


def spoken(text: str) -> str:
    """The person's own words in ``text``; empty if nothing surely is."""
    for foreign in (_FENCED, _MARKUP, _INLINE_CODE, _LONG_QUOTATION, _LINK, _TASK):
        text = foreign.sub(" ", text)
    kept: list[str] = []
    for line in text.splitlines():
        if _MAIL_HEADER.match(line) or _FORWARDED.match(line):
            break
        if line.lstrip().startswith((">", "|")):
            continue
        kept.append(line)
        if line.rstrip().endswith(":"):
            break  # "summarise this:" — what follows is somebody else's
    paragraphs = re.split(r"\n\s*\n", "\n".join(kept))
    own = [p.strip() for p in paragraphs if p.strip() and len(p) <= PASTED_PARAGRAPH]
    return "\n\n".join(own)[:SPOKEN_LIMIT]


def worth_reading(text: str) -> bool:
    """Whether a message can hold a fact at all: three words of the person's own ("I speak Danish")."""
    own = spoken(text)
    return len(re.findall(r"[^\W\d_]+", own)) >= 3 or bool(_WITHOUT_SPACES.search(own))
