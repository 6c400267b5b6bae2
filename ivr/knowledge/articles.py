"""What the files of a knowledge base contain: articles, topics, synonyms."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, PlainValidator, StringConstraints, model_validator

from ivr.dialogue.schema.files import Date
from ivr.dialogue.schema.values import Part, fault

ArticleId = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]*(\.[a-z0-9-]+)+$")]
"""`payment.deadline`, `office.hours.kovrov`."""

Sentence = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Texts = Annotated[tuple[Sentence, ...], Field(strict=False)]


class Segment(StrEnum):
    """Whom something is for."""

    PRIVATE = "private"
    CORPORATE = "corporate"
    ANY = "any"

    def suits(self, other: str) -> bool:
        """Whether something for this segment is for a caller of the other one."""
        return Segment.ANY in (self, other) or self == other


class Resolve(StrEnum):
    """Who serves a topic: the robot completes it, the robot speaks an answer, a person is needed."""

    ROBOT = "robot"
    INFORM = "inform"
    OPERATOR = "operator"


def _segment(value: object) -> Segment:
    if value not in list(Segment):
        raise fault("segment", f"a segment is one of {', '.join(Segment)}")
    return Segment(str(value))


def _resolve(value: object) -> Resolve:
    if value not in list(Resolve):
        raise fault("resolve", f"who serves a topic is one of {', '.join(Resolve)}")
    return Resolve(str(value))


SegmentName = Annotated[Segment, PlainValidator(_segment)]
ResolveName = Annotated[Resolve, PlainValidator(_resolve)]


class Source(Part):
    """Where a standard says so."""

    profile: str = Field(min_length=1, description="Id of the standard (metrics/standards/).")
    clause: Sentence = Field(description="Clause of the standard, as it numbers them.")
    line: int | None = Field(None, ge=1, description="Line of the standard's text.")


class Answer(Part):
    """What is told: by the voice and on the operator's screen."""

    spoken: Sentence
    full: Sentence
    sources: tuple[Source, ...]


class Override(Part):
    """Where the standard of one profile differs; what is left out is as in the article."""

    spoken: Sentence | None = Field(None, description="Short answer for the voice.")
    full: Sentence | None = Field(None, description="Full answer for the operator, Markdown.")
    sources: tuple[Source, ...] = Field(strict=False, min_length=1, description="Clauses it stands on.")


class Article(Part):
    """An article: its front matter, and the body under `full`."""

    id: ArticleId = Field(description="Unique; the file is named so.")
    topic: str = Field(description="Id of a topic.")
    title: Sentence
    segment: SegmentName = Field(description="Callers that it is for.")
    personal: bool = Field(description="Whether the answer needs the caller's own data.")
    owner: Sentence = Field(description="Who answers for it in the company.")
    valid_from: Date
    valid_to: Date | None = Field(None, description="Last day; null for no end.")
    phrases: Texts = Field(description="How callers ask for it.")
    spoken: Sentence = Field(description="Short answer for the voice.")
    full: Sentence = Field(description="Full answer for the operator, Markdown.")
    sources: tuple[Source, ...] = Field(strict=False, min_length=1, description="Clauses it stands on.")
    profiles: dict[str, Override] = Field({}, description="Profile → what differs.")

    def is_valid(self, day: date) -> bool:
        """Whether it is told on that day."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)

    def answer(self, profile: str) -> Answer:
        """What callers of a profile are told."""
        own = self.profiles.get(profile)
        if own is None:
            return Answer(spoken=self.spoken, full=self.full, sources=self.sources)
        return Answer(spoken=own.spoken or self.spoken, full=own.full or self.full, sources=own.sources)


class Topic(Part):
    """What a call may be about."""

    id: ArticleId
    title: Sentence
    about: Sentence = Field(description="Accusative, after «Вы спрашиваете про».")
    segment: SegmentName
    personal: bool = Field(description="Whether the answer needs the caller's own data.")
    resolve: ResolveName
    urgent: bool = Field(False, description="Whether a miss may cost a life.")


class TopicsFile(Part):
    """`topics.yaml`."""

    topics: tuple[Topic, ...] = Field(strict=False, min_length=1)

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        seen: set[str] = set()
        for topic in self.topics:
            if topic.id in seen:
                raise fault("duplicate-id", f"the topic {topic.id!r} is there twice")
            seen.add(topic.id)
        return self


class SynonymsFile(Part):
    """`synonyms.yaml`: what means the same, and what means nothing."""

    concepts: Mapping[str, Texts] = Field(description="Name → words and expressions that mean it.")
    fillers: Texts = Field((), description="Words that say nothing about a topic.")
