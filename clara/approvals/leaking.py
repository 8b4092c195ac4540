"""Whether a search or a look at an address carries words out that belong to the person.

Once a turn has read other people's words and private ones, a model that obeys the former can put the latter into what
it looks for. So what is sent must carry nothing: an address stands word for word where the model cannot have written
it, and each word of a query is the person's own, said in this message. Whatever else is sent counts as outward.

What is left to an attacker is to choose: among the addresses of a page, or the words of the message. That is
a few bits.
"""

import re
from collections.abc import Sequence
from urllib.parse import urlsplit

from clara.tools.search import words

PLAIN = frozenset(
    words(
        "a an the of in on at to for from by with without and or not no is are was were be do does did has have how "
        "what when where which who why it its this that near vs between about after before "
        "der die das ein eine einer einem den dem des von in im am an auf zu zum zur für mit ohne und oder nicht kein "
        "ist sind war wie was wann wo wer warum bei über nach vor "
        "le la les un une des du de et ou à au aux en dans pour avec sans est sont qui que où comment "
        "el los las una y o con sin por para es son que como cuando donde"
    )
)
"""Words that say nothing by themselves. They may be added."""

_UNUSUAL = re.compile(r"[^\w\s.,;:!?'\"()/+&%$€£#@*\u2013\u2014-]")
_ADDRESS = r"[^\s<>\"'`|\\^{}\x00-\x20]"
_TRAILING = ".,;:!?)]}*_>"


def carries(sent: Sequence[str], message: str, read: Sequence[str] = (), given: Sequence[str] = ()) -> bool:
    """Whether any of the texts that a tool would send carries something.

    ``message`` is what the person wrote just now, ``read`` what others wrote that no model had a hand in: results of
    tools that look outside, quoted messages. ``given`` are words that everybody knows, such as today's date.
    """
    material = [message, *read]
    own = frozenset(words(message)) | PLAIN | frozenset(words(" ".join(given)))
    return any(not (_stands(text, material, message) if _is_address(text) else _is_own(text, own)) for text in sent)


def _is_address(text: str) -> bool:
    return "://" in text and not re.search(r"\s", text.strip())


def _is_own(query: str, own: frozenset[str]) -> bool:
    """Each word of a query is known. A character that is neither in a word nor usual between words is no word's."""
    return all(word in own for word in words(query)) and not _UNUSUAL.search(query)


def _stands(address: str, material: Sequence[str], message: str) -> bool:
    """Whether an address stands somewhere as a whole, or its host in the person's own message."""
    address = address.strip()
    try:
        parts = urlsplit(address)
        host = (parts.hostname or "").casefold()
    except ValueError:
        return False
    if parts.username is not None or parts.password is not None:
        return False
    # A fragment is not sent.
    bare = address.partition("#")[0]
    if any(_whole(bare, text) for text in material):
        return True
    plain = bare.partition("://")[2].removesuffix("/")
    return bool(host) and any(_whole(each, message) for each in (plain, plain.removeprefix("www.")))


def _whole(address: str, text: str) -> bool:
    """Whether ``address`` stands in ``text`` and does not go on there."""
    at = text.find(address)
    while at >= 0:
        end = at + len(address)
        rest = re.match(_ADDRESS + "*", text[end:])
        tail = rest[0] if rest else ""
        goes_on = tail.partition("#")[0].lstrip(_TRAILING)
        closed = tail.startswith((")", "]", "#", ",", ";")) or not goes_on or tail == "/"
        begun = at > 0 and (text[at - 1].isalnum() or text[at - 1] in "-_.@%=&?/")
        if closed and not begun:
            return True
        at = text.find(address, at + 1)
    return False
