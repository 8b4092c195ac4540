"""What of a model's choice is the person's own: whole sentences that exist, word for word.

The choosing model may be fooled by what it reads, so nothing here trusts it. It can name sentences; it
can't write any.
"""

import re
import unicodedata
from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from clara.memory.extraction import MEMORIES_LIMIT, Accepted, Answer, Malformed, Mood, Quotation, Relation
from clara.memory.kinds import KEYWORDS_LIMIT, QUOTATION_LIMIT, READING_LIMIT, fingerprint
from clara.memory.secrets import holds_secret
from clara.memory.vocabulary import Emotion, Predicate

TOGETHER = 3
"""Sentences that one memory may have."""

Rejection = Literal["unsaid", "question", "secret", "malformed", "too long", "too many"]


class Rejected(Exception):
    """An item that is not kept, by the word that says why."""

    def __init__(self, why: Rejection) -> None:
        super().__init__(why)
        self.why: Rejection = why


def _numbers(value: Any) -> Any:
    """``1``, ``"1"``, ``["1", 2]`` and the like, as models write them."""
    listed = value if isinstance(value, list) else [value]
    return [int(each) if isinstance(each, str) and each.strip().isdecimal() else each for each in listed]


Numbers = Annotated[tuple[int, ...], BeforeValidator(_numbers), Field(min_length=1, max_length=TOGETHER)]


class _Item(BaseModel):
    model_config = ConfigDict(frozen=True, str_strip_whitespace=True)

    sentences: Numbers | None = None
    quote: str | None = None


class _Memory(_Item):
    scope: Any = "user"
    reading: Any = None
    keywords: Any = None


class _Relation(BaseModel):
    subject: str = Field(min_length=1, max_length=80)
    predicate: Predicate
    object: str = Field(min_length=1, max_length=80)
    sentence: Numbers


class _Mood(BaseModel):
    emotion: Emotion
    valence: float = Field(ge=-1, le=1)
    sentence: Numbers


def accept(answer: Answer, sentences: Sequence[str], project: str | None) -> Accepted:
    """What is kept of an answer about ``sentences``, verbatim; Malformed if nothing in it can be read."""
    kept: dict[str, Quotation] = {}
    rejected: list[Rejection] = []
    for item in answer.memories:
        try:
            quotation = _quotation(item, sentences, project)
            if len(kept) >= MEMORIES_LIMIT:
                raise Rejected("too many")
            kept.setdefault(fingerprint(quotation.text), quotation)
        except Rejected as error:
            rejected.append(error.why)
    if answer.memories and rejected == ["malformed"] * len(answer.memories):
        raise Malformed("none of the memories that the model names can be read")
    relations: list[Relation] = []
    for item in answer.relations[:MEMORIES_LIMIT]:
        try:
            relations.append(_relation(item, sentences))
        except Rejected as error:
            rejected.append(error.why)
    return Accepted(
        quotations=tuple(kept.values()),
        relations=tuple(relations),
        mood=_mood(answer.mood, sentences),
        rejected=tuple(rejected),
    )


def chosen(sentences: Sequence[str], numbers: Sequence[int]) -> str:
    """The sentences of these numbers, from one on; Rejected unless they exist and follow each other."""
    wanted = sorted(set(numbers))
    if wanted != list(range(wanted[0], wanted[-1] + 1)) or wanted[0] < 1 or wanted[-1] > len(sentences):
        raise Rejected("unsaid")
    return " ".join(sentences[number - 1] for number in wanted)


def sentence_of(quote: str, sentences: Sequence[str]) -> str | None:
    """The whole sentence that ``quote`` is from, whatever its case and spacing; None if nobody said it."""
    wanted = _flat(quote)
    return next((each for each in sentences if wanted and wanted in _flat(each)), None)


def _flat(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().replace("\u2019", "'").split()).strip(" .!?,;:\"'")


def _quotation(item: dict[str, Any], sentences: Sequence[str], project: str | None) -> Quotation:
    try:
        read = _Memory.model_validate(item)
    except ValidationError:
        raise Rejected("malformed") from None
    if not (read.sentences or read.quote):
        raise Rejected("malformed")
    text = chosen(sentences, read.sentences) if read.sentences else sentence_of(read.quote or "", sentences)
    if text is None:
        raise Rejected("unsaid")
    if len(text) > QUOTATION_LIMIT:
        raise Rejected("too long")
    if holds_secret(text):
        raise Rejected("secret")
    reading = read.reading if isinstance(read.reading, str) and len(read.reading) <= READING_LIMIT else None
    keywords = read.keywords if isinstance(read.keywords, list) else []
    return Quotation(
        text=text,
        scope="project" if project and read.scope == "project" else "user",
        reading=reading or None,
        keywords=tuple(each for each in keywords if isinstance(each, str))[:KEYWORDS_LIMIT],
    )


def _relation(item: dict[str, Any], sentences: Sequence[str]) -> Relation:
    try:
        read = _Relation.model_validate(item)
    except ValidationError:
        raise Rejected("malformed") from None
    text = chosen(sentences, read.sentence).casefold()
    ends = [end for end in (read.subject, read.object) if end.casefold() != "user"]
    if not ends or not all(re.search(rf"(?<!\w){re.escape(end.casefold())}(?!\w)", text) for end in ends):
        raise Rejected("unsaid")
    return Relation(subject=read.subject, predicate=read.predicate, object=read.object)


def _mood(item: dict[str, Any] | None, sentences: Sequence[str]) -> Mood | None:
    try:
        read = _Mood.model_validate(item)
        if read.emotion == "neutral":
            return None
        return Mood(emotion=read.emotion, valence=read.valence, text=chosen(sentences, read.sentence))
    except (ValidationError, Rejected):
        return None
