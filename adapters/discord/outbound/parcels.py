"""A text and files as messages of Discord: how they are cut and packed, and what is said of what does not fit."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from clara.files import size_in_words
from clara.splitting import MESSAGE_LIMIT, length, split
from store.downloads import MadeFile

MAX_PARTS = 4
"""Messages of one answer; a longer one is attached as a file."""

MOST_PARTS = 100

FILE_LIMIT = 10 * 2**20
"""Bytes of one file that Discord takes everywhere, and here of all files of one message: it is sent in one request."""

FILES_LIMIT = 10
"""Files of one message."""

NAMES_LIMIT = 300
"""Characters of a list of names."""


@dataclass(frozen=True)
class Text:
    """An answer as a file."""

    name: str
    data: bytes

    @property
    def size(self) -> int:
        return len(self.data)


Packed = Text | MadeFile


@dataclass(frozen=True)
class Parcel:
    """One message."""

    content: str
    files: list[Packed] = field(default_factory=list)


def pack(text: str, files: Sequence[MadeFile], whole: bool = False) -> list[Parcel]:
    """The messages that bring ``text`` and ``files``, in order; the text names what is too large.

    A long text is the first file, unless it is to be ``whole``, in as many messages as it takes.
    """
    fitting: list[Packed] = [file for file in files if file.size <= FILE_LIMIT]
    large = [file for file in files if file.size > FILE_LIMIT]
    if large:
        text = f"{text}\n\n-# Too large for Discord, so kept with me: {_names(large, sizes=True)}"
    texts = split(text)
    if len(texts) > MAX_PARTS and not whole:
        texts = [f"{split(text, 1500)[0]}\n\n-# … this goes on in the attached file."]
        fitting.insert(0, Text("answer.md", text.encode()[:FILE_LIMIT]))
    parcels = [Parcel(content) for content in texts[:MOST_PARTS]]
    groups = _groups(fitting)
    if groups:
        parcels[-1].files.extend(groups[0])
    before = len(groups[0]) if groups else 0
    for group in groups[1:]:
        parcels.append(Parcel(_heading(before, group, len(fitting)), group))
        before += len(group)
    return parcels


def refused(parcel: Parcel) -> list[str]:
    """What is said instead of a parcel whose files Discord does not take: one message, or two."""
    words = f"-# I may not attach files here, so they are kept with me: {_names(parcel.files)}"
    together = f"{parcel.content}\n\n{words}"
    return [together] if length(together) <= MESSAGE_LIMIT else [parcel.content, words]


def _groups(files: Sequence[Packed]) -> list[list[Packed]]:
    """The files in order, as many together as one message takes."""
    groups: list[list[Packed]] = []
    room = 0
    for file in files:
        if not groups or len(groups[-1]) == FILES_LIMIT or file.size > room:
            groups.append([])
            room = FILE_LIMIT
        groups[-1].append(file)
        room -= file.size
    return groups


def _heading(before: int, group: Sequence[Packed], total: int) -> str:
    """Also what a message is found by after a crash, so it is another one for each."""
    first, last = before + 1, before + len(group)
    number = f"File {first}" if first == last else f"Files {first} to {last}"
    return f"-# {number} of {total}: {_names(group)}"


def _names(files: Sequence[Packed], sizes: bool = False) -> str:
    named = [f"{file.name} ({size_in_words(file.size)})" if sizes else file.name for file in files]
    words = ", ".join(f"`{name.replace('`', chr(39))}`" for name in named)
    return words if len(words) <= NAMES_LIMIT else f"{words[:NAMES_LIMIT]}…` and others, {len(named)} in all"
