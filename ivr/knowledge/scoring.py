"""How well topics are recognised: share right, share of what is off topic refused, what is mixed up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Judged:
    """One utterance, what it is about and what it was taken for; an empty topic stands for none."""

    text: str
    topic: str
    taken_for: str


@dataclass(frozen=True, slots=True)
class Score:
    """The result over a set.

    Attributes:
        on_topic: Utterances about one of the topics.
        right: Those of them that were taken for it.
        off_topic: Utterances about none.
        refused: Those of them that were taken for none.
        misses: All that went wrong.
    """

    on_topic: int
    right: int
    off_topic: int
    refused: int
    misses: tuple[Judged, ...]

    @classmethod
    def of(cls, judged: Iterable[Judged]) -> Score:
        """Count."""
        everything = list(judged)
        on_topic = [one for one in everything if one.topic]
        off_topic = [one for one in everything if not one.topic]
        return cls(
            on_topic=len(on_topic),
            right=sum(one.taken_for == one.topic for one in on_topic),
            off_topic=len(off_topic),
            refused=sum(not one.taken_for for one in off_topic),
            misses=tuple(one for one in everything if one.taken_for != one.topic),
        )

    @property
    def accuracy(self) -> float | None:
        """Share of utterances on a topic that were taken for it, None without any."""
        return self.right / self.on_topic if self.on_topic else None

    @property
    def refusal(self) -> float | None:
        """Share of utterances off topic that were refused, None without any."""
        return self.refused / self.off_topic if self.off_topic else None

    @property
    def confusions(self) -> list[tuple[str, str, int]]:
        """Topic, what it was taken for, how often; the most frequent first."""
        counted = Counter((one.topic, one.taken_for) for one in self.misses)
        return [(topic, taken_for, count) for (topic, taken_for), count in counted.most_common()]
