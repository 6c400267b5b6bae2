"""What a call is about, from free speech; explained, and honest when it is about none of the topics."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, zip_longest
from typing import TYPE_CHECKING, Self

from ivr.knowledge.articles import Segment, Topic
from ivr.knowledge.features import FeatureSpace, Noticed, Vector, notice
from ivr.knowledge.settings import TopicSettings
from ivr.knowledge.training import Model, cross_validated, train
from ivr.knowledge.words import Normaliser

if TYPE_CHECKING:
    from ivr.knowledge.training import Matrix

NONE = ""
"""The class of what is about none of the topics."""

_CANDIDATES = 3
_REASON_WORDS = 3
_REASON_PHRASES = 2
_SIMILAR = 0.3


@dataclass(frozen=True, slots=True)
class Candidate:
    """A topic that it may be."""

    topic: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Reason:
    """What speaks for the topic.

    Attributes:
        text: A word of the caller, or a phrase of an article.
        weight: Of a word, its part in the score; of a phrase, its likeness from 0 to 1.
    """

    text: str
    weight: float


@dataclass(frozen=True, slots=True)
class Classification:
    """What a text is about.

    Attributes:
        topic: The topic, or None where it is about none of them or it cannot be told.
        confidence: Of the topic, or that it is about none, from 0 to 1.
        candidates: The likeliest topics, best first.
        because: Words and phrases that decided, the heaviest first.
    """

    topic: str | None
    confidence: float
    candidates: tuple[Candidate, ...] = ()
    because: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class Lesson:
    """What topics are learned from: texts with the topic of each, or NONE."""

    texts: tuple[str, ...]
    labels: tuple[str, ...]

    @classmethod
    def of(cls, phrases: Iterable[tuple[str, str]], off_topic: Iterable[str], most: int) -> Self:
        """Choose the texts.

        Args:
            phrases: How callers say it, and the topic.
            off_topic: Sentences about none of them.
            most: Of more texts than these the last of each topic are left out.
        """
        every = _evenly([*phrases, *((text, NONE) for text in off_topic)])
        chosen = list(islice(every, most))
        return cls(tuple(text for text, _ in chosen), tuple(label for _, label in chosen))

    @property
    def classes(self) -> list[str]:
        """The topics, and NONE, in the order of their numbers."""
        return sorted(set(self.labels))

    @property
    def numbers(self) -> list[int]:
        """For each text the number of its class."""
        numbers = {label: number for number, label in enumerate(self.classes)}
        return [numbers[label] for label in self.labels]


@dataclass(frozen=True, slots=True)
class Learned:
    """What a lesson has taught.

    Attributes:
        vectors: Of its texts.
    """

    space: FeatureSpace
    vectors: Sequence[Vector]
    model: Model


def learn(lesson: Lesson, normaliser: Normaliser) -> Learned:
    """Learn; takes seconds."""
    own = [label != NONE for label in lesson.labels]
    space = FeatureSpace.of(zip(_noticed(lesson, normaliser), own, strict=True))
    vectors = [
        space.vector(each, own=of_domain).bare()
        for each, of_domain in zip(_noticed(lesson, normaliser), own, strict=True)
    ]
    return Learned(space, vectors, train(vectors, lesson.numbers, len(space)))


def _noticed(lesson: Lesson, normaliser: Normaliser) -> Iterator[Noticed]:
    """The texts taken apart, one by one: all at once they would fill the memory."""
    return (notice(text, normaliser) for text in lesson.texts)


class TopicRecogniser:
    """Classifies in about a millisecond."""

    def __init__(
        self,
        topics: Sequence[Topic],
        lesson: Lesson,
        learned: Learned,
        normaliser: Normaliser,
        settings: TopicSettings,
    ) -> None:
        """Take what was learned.

        Args:
            topics: All topics.
            lesson: What was learned from.
            learned: Of this lesson.
            normaliser: Words and concepts, as in the lesson.
            settings: How sure is sure enough.
        """
        self._topics = {topic.id: topic for topic in topics}
        self._normaliser = normaliser
        self._settings = settings
        self._phrases, self._labels = lesson.texts, lesson.labels
        self._classes, self._numbers = lesson.classes, lesson.numbers
        self._space, self._vectors, self._model = learned.space, learned.vectors, learned.model

    def held_out(self) -> Iterator[tuple[str, str, Classification]]:
        """Each text of the training, its topic, and what it is taken for when it is held out."""
        scores = cross_validated(self._vectors, self._numbers, len(self._space))
        confidences = self._model.confidences(scores)
        for text, label, of_text in zip(self._phrases, self._labels, confidences, strict=True):
            yield text, label, self._decided(of_text, Segment.ANY)

    def classify(self, text: str, segment: str = "any") -> Classification:
        """Tell the topic of a text.

        Args:
            text: What was said.
            segment: `private`, `corporate` or `any`: topics of the other segment count less.
        """
        vector = self._space.vector(notice(text, self._normaliser))
        if not len(vector.ids):
            return Classification(None, 1.0)
        scores = self._model.scores(vector)
        decided = self._decided(self._model.confidences(scores), segment)
        label = decided.topic or NONE
        if label not in self._classes:
            return decided
        because = (*self._words(vector, label), *self._similar(vector, label))
        return Classification(decided.topic, decided.confidence, decided.candidates, because)

    def _decided(self, confidences: Matrix, segment: str) -> Classification:
        of_class = dict(zip(self._classes, map(float, confidences), strict=True))
        none = of_class.pop(NONE, 0.0)
        candidates = sorted(
            (Candidate(topic, value * self._factor(topic, segment)) for topic, value in of_class.items()),
            key=lambda candidate: -candidate.confidence,
        )
        best = self._urgent(candidates) or next(iter(candidates), Candidate(NONE, 0.0))
        shown = tuple(candidates[:_CANDIDATES])
        if not self._is_urgent(best) and best.confidence < max(none, self._settings.least):
            return Classification(None, max(none, 1.0 - best.confidence), shown)
        return Classification(best.topic, best.confidence, shown)

    def _factor(self, topic: str, segment: str) -> float:
        return 1.0 if self._topics[topic].segment.suits(segment) else self._settings.other_segment

    def _urgent(self, candidates: Sequence[Candidate]) -> Candidate | None:
        return next(filter(self._is_urgent, candidates), None)

    def _is_urgent(self, candidate: Candidate) -> bool:
        topic = self._topics.get(candidate.topic)
        return topic is not None and topic.urgent and candidate.confidence >= self._settings.urgent

    def _words(self, vector: Vector, label: str) -> list[Reason]:
        """The words with the largest part in the score of the class."""
        parts: Counter[str] = Counter()
        column = self._classes.index(label)
        shares = vector.values * self._model.weights[vector.ids, column]
        for share, places in zip(shares, vector.origins, strict=True):
            for place in places:
                parts[vector.words[place]] += float(share) / len(places)  # type: ignore[assignment]
        return [Reason(word, part) for word, part in parts.most_common(_REASON_WORDS) if part > 0]

    def _similar(self, vector: Vector, label: str) -> list[Reason]:
        """The phrases of the class that are the most like the text."""
        import numpy as np

        dense = np.zeros(len(self._space), dtype=np.float32)
        dense[vector.ids] = vector.values
        likeness = [
            Reason(self._phrases[number], float(other.values @ dense[other.ids]))
            for number, other in enumerate(self._vectors)
            if self._labels[number] == label
        ]
        best = sorted(likeness, key=lambda reason: -reason.weight)[:_REASON_PHRASES]
        return [reason for reason in best if reason.weight >= _SIMILAR]


def _evenly(texts: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """The first of each class, then the second of each, and so on; each text once."""
    of_class: dict[str, dict[str, None]] = {}
    for text, label in texts:
        of_class.setdefault(label, {})[text] = None
    for row in zip_longest(*([(text, label) for text in texts] for label, texts in of_class.items())):
        yield from filter(None, row)
