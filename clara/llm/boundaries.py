"""Marks around other people's words, which these words cannot forge.

Each turn has a random mark. What others wrote stands between tags with it, and is rendered so that it holds neither
the mark, nor tags of Clara's, nor the tokens by which providers divide a prompt, nor characters that nobody sees. The
same text and mark give the same words, because providers cache what they have read before.

A turn of before marks has none; what it holds is rendered as it was then.
"""

import re

from clara.llm.special_tokens import LITERAL, PATTERNS
from clara.text import revealed

TAG = "others"

SOURCE_LIMIT = 160

_OURS = r"</?(?:others|quoted|attachment|memories|page|results)\b"
_TOKENS = re.compile(
    "|".join([_OURS, *map(re.escape, sorted(LITERAL, key=len, reverse=True)), *PATTERNS]), re.IGNORECASE
)
_HARMLESS = str.maketrans({"<": "\u2039", ">": "\u203a", "[": "\u27e6", "]": "\u27e7", ":": " :"})


def fenced(text: str, mark: str, source: str) -> str:
    """``text`` between tags with the turn's ``mark``; ``source`` says to people and the model whose words it is."""
    return (
        f'<{TAG} mark="{mark}" from="{_plain(neutral(source, mark))}">\n{neutral(text, mark)}\n</{TAG} mark="{mark}">'
    )


def neutral(text: str, mark: str = "") -> str:
    """``text`` that can be read as before and ends no mark, speaks to no provider, and hides nothing.

    Brackets of special tokens and tags become similar ones; what is not seen is written out, as in [U+202E].
    """
    shown = _TOKENS.sub(lambda found: found[0].translate(_HARMLESS), revealed(text))
    return re.sub(re.escape(mark), "…", shown, flags=re.IGNORECASE) if mark else shown


def _plain(source: str) -> str:
    """A source that cannot end its attribute or its line."""
    return "".join(c for c in source if c.isprintable() and c not in '"<>[]')[:SOURCE_LIMIT]
