"""What of a model's choice is the person's own: whole sentences that exist, word for word.

The choosing model may be fooled by what it reads, so nothing here trusts it. It can name sentences; it
can't write any.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from typing import Annotated, Any, Literal

from pydantic import AliasChoices, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from clara.memory import reading, sentences
from clara.memory.extraction import MEMORIES_LIMIT, Accepted, Answer, Malformed, Mood, Quotation, Relation
from clara.memory.kinds import QUOTATION_LIMIT, fingerprint
from clara.memory.sentences import Sentence
from clara.memory.vocabulary import Emotion, Predicate

TOGETHER = 3
"""Sentences that one memory may have."""

QUOTE_LEAST = 3
"""Letters of a quotation that says which sentence is meant."""

NAME_WORDS = 4
"""Words of the name of whom or what a relation is about; more are a clause."""

Rejection = Literal["unsaid", "question", "secret", "malformed", "too long", "too many"]
IsSecret = Callable[[str], bool]


class Rejected(Exception):
    """An item that is not kept, by the word that says why."""

    def __init__(self, why: Rejection) -> None:
        super().__init__(why)
        self.why: Rejection = why


def _numbers(value: Any) -> Any:
    """``1``, ``"1"``, ``["1", 2]``, ``"1-2"`` and the like, as models write them."""
    found: list[Any] = []
    for each in value if isinstance(value, list) else [value]:
        if not isinstance(each, str):
            found.append(each)
            continue
        given = [int(digits) for digits in re.findall(r"(?<!\d)\d{1,4}(?!\d)", each)]
        is_range = len(given) == 2 and re.fullmatch(r"\D*\d+\s*[-\u2013]\s*\d+\D*", each) and given[0] < given[1]
        found += range(given[0], given[1] + 1) if is_range else given
    return found


Numbers = Annotated[tuple[int, ...], BeforeValidator(_numbers), Field(max_length=3 * MEMORIES_LIMIT)]
_SENTENCES = AliasChoices("sentences", "sentence", "numbers", "number")


class _Item(BaseModel):
    model_config = ConfigDict(frozen=True, str_strip_whitespace=True)

    sentences: Numbers | None = Field(None, validation_alias=_SENTENCES)
    quote: str | None = None


class _Memory(_Item):
    scope: Any = "user"
    reading: Any = None
    keywords: Any = None


class _Relation(_Item):
    subject: str = Field(min_length=1, max_length=80)
    predicate: Predicate
    object: str = Field(min_length=1, max_length=80)


class _Mood(_Item):
    emotion: Emotion
    valence: float = Field(ge=-1, le=1)


def accept(answer: Answer, said: Sequence[Sentence], project: str | None, is_secret: IsSecret) -> Accepted:
    """What is kept of an answer about the sentences ``said``; Malformed if none of its memories can be read."""
    kept: dict[str, Quotation] = {}
    rejected: list[Rejection] = []
    for item in answer.memories:
        try:
            for quotation in _quotations(item, said, project, is_secret):
                mark = fingerprint(quotation.text)
                if mark not in kept and len(kept) >= MEMORIES_LIMIT:
                    raise Rejected("too many")
                kept.setdefault(mark, quotation)
        except Rejected as error:
            rejected.append(error.why)
    if answer.memories and rejected == ["malformed"] * len(answer.memories):
        raise Malformed("none of the memories that the model names can be read")
    relations: list[Relation] = []
    for item in answer.relations[:MEMORIES_LIMIT] if isinstance(answer.relations, list) else ():
        try:
            relations.append(_relation(item, said, is_secret))
        except Rejected as error:
            rejected.append(error.why)
    return Accepted(
        quotations=tuple(kept.values()),
        relations=tuple(relations),
        mood=_mood(answer.mood, said, is_secret),
        rejected=tuple(rejected),
    )


def find(quote: str, said: Sequence[Sentence]) -> list[Sentence]:
    """The whole sentences that ``quote`` is from, whatever its case and punctuation; none if nobody said it."""
    wanted = _flat(quote)
    if len(wanted) < QUOTE_LEAST and all(wanted != _flat(each.text) for each in said):
        return []
    for count in range(1, TOGETHER + 1):
        runs = [run for run in _runs(said, count) if wanted in _flat(sentences.together(run))]
        if runs:
            return min(runs, key=lambda run: wanted != _flat(sentences.together(run)))
    return []


def _runs(said: Sequence[Sentence], count: int) -> Iterator[list[Sentence]]:
    for start in range(len(said) - count + 1):
        run = list(said[start : start + count])
        if run[0].paragraph == run[-1].paragraph:
            yield run


_SAME = str.maketrans({"\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"', "\u201e": '"', "«": '"', "»": '"'})
_DASH = str.maketrans({"\u2010": "-", "\u2011": "-", "\u2012": "-", "\u2013": "-", "\u2014": "-", "\u2212": "-"})


def _flat(text: str) -> str:
    """How texts are compared that models have copied: they change quotation marks, spaces, dots and case."""
    folded = unicodedata.normalize("NFKC", text).translate(_SAME).translate(_DASH).casefold()
    folded = folded.replace("i\u0307", "i").replace("\u0131", "i")  # Turkish, whose capitals are undone otherwise
    visible = "".join(character for character in folded if unicodedata.category(character) != "Cf")
    return " ".join(visible.replace("...", "…").split()).strip(" .!?,;:…\"'\u3002\u3001\u0964\u061f")


def _meant(item: _Item, said: Sequence[Sentence]) -> list[list[Sentence]]:
    """The sentences that an item names, those together that follow each other; Rejected if there are none such."""
    numbers = sorted(set(item.sentences or ()))
    if numbers and numbers[0] >= 1 and numbers[-1] <= len(said):
        chosen = [said[number - 1] for number in numbers]
        follow = numbers == list(range(numbers[0], numbers[-1] + 1)) and len(numbers) <= TOGETHER
        if follow and chosen[0].paragraph == chosen[-1].paragraph:
            return [chosen]
        return [[each] for each in chosen]
    if item.quote and (found := find(item.quote, said)):
        return [found]
    raise Rejected("unsaid" if numbers or item.quote else "malformed")


def _quotations(item: Any, said: Sequence[Sentence], project: str | None, is_secret: IsSecret) -> list[Quotation]:
    try:
        read = _Memory.model_validate(item)
    except ValidationError:
        raise Rejected("malformed") from None
    runs = _meant(read, said)
    told = [run for run in runs if not all(is_question(each.text) for each in run)]
    if not told:
        raise Rejected("question")
    texts = [sentences.together(run) for run in told]
    if any(len(text) > QUOTATION_LIMIT for text in texts):
        raise Rejected("too long")
    if any(is_secret(text) for text in texts):
        raise Rejected("secret")
    return [
        Quotation(
            text=text,
            scope="project" if project and read.scope == "project" else "user",
            reading=reading.supported(read.reading, text, is_secret),
            keywords=reading.keywords(read.keywords, text, is_secret),
        )
        for text in texts
    ]


_QUESTION = re.compile(r"[?\uff1f\u061f\u2e2e\u055e\u1367\u203d\u2047\u2048\u2049]")
_AFTER_END = " \t\n!\uff01.\"'\u201d\u2019\u00bb)\u300d\u300f"
_INNER_END = re.compile(r"[.!\u3002\uff01\u0964\u06d4]\s*\S|\n")


def is_question(text: str) -> bool:
    """Whether a sentence asks and states nothing: in Greek with a semicolon."""
    end = text.rstrip()
    while end and (end[-1] in _AFTER_END or unicodedata.category(end[-1]) in ("So", "Cf", "Mn")):
        end = end[:-1]
    greek = end.endswith((";", "\u037e")) and any("GREEK" in unicodedata.name(c, "") for c in end)
    if not greek and not _QUESTION.search(end[-1:]):
        return False
    return not _INNER_END.search(end[:-1])


def _one(item: _Item, said: Sequence[Sentence], is_secret: IsSecret) -> str:
    runs = _meant(item, said)
    text = sentences.together(runs[0])
    if len(runs) > 1 or len(text) > QUOTATION_LIMIT:
        raise Rejected("malformed")
    if is_secret(text):
        raise Rejected("secret")
    return text


def _relation(item: Any, said: Sequence[Sentence], is_secret: IsSecret) -> Relation:
    try:
        read = _Relation.model_validate(item)
    except ValidationError:
        raise Rejected("malformed") from None
    text = _flat(_one(read, said, is_secret))
    ends = [_flat(end) for end in (read.subject, read.object) if end.casefold() != "user"]
    if any(len(end.split()) > NAME_WORDS for end in ends):
        raise Rejected("malformed")
    if is_question(_one(read, said, is_secret)):
        raise Rejected("question")
    if not ends or not all(end and re.search(rf"(?<!\w){re.escape(end)}(?!\w)", text) for end in ends):
        raise Rejected("unsaid")
    if reading.is_negated(text):
        raise Rejected("unsaid")  # a triple has no "not"
    return Relation(subject=read.subject, predicate=read.predicate, object=read.object)


def _mood(item: Any, said: Sequence[Sentence], is_secret: IsSecret) -> Mood | None:
    try:
        read = _Mood.model_validate(item)
        text = _one(read, said, is_secret)
    except (ValidationError, Rejected):
        return None
    if read.emotion == "neutral" or is_question(text):
        return None
    return Mood(emotion=read.emotion, valence=read.valence, text=text)
