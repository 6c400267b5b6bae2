"""A Prometheus histogram, read from what `/metrics` serves."""

from __future__ import annotations

import math
from dataclasses import dataclass

from prometheus_client.parser import text_string_to_metric_families


@dataclass(frozen=True, slots=True)
class Histogram:
    """Counts by bucket.

    Attributes:
        counts: Upper bound of a bucket → observations in it, not cumulated, in rising order of bounds.
    """

    counts: dict[float, float]

    @classmethod
    def read(cls, text: str, name: str) -> Histogram:
        """Take one histogram without labels of its own out of an exposition; empty where it is not there."""
        cumulated = {
            float(sample.labels["le"]): sample.value
            for family in text_string_to_metric_families(text)
            if family.name == name
            for sample in family.samples
            if sample.name == f"{name}_bucket"
        }
        counts, before = {}, 0.0
        for bound in sorted(cumulated):
            counts[bound] = cumulated[bound] - before
            before = cumulated[bound]
        return cls(counts)

    def since(self, earlier: Histogram) -> Histogram:
        """What was observed after an earlier reading."""
        return Histogram({bound: n - earlier.counts.get(bound, 0.0) for bound, n in self.counts.items()})

    def quantile(self, share: float) -> float | None:
        """Upper estimate of a quantile, interpolated within its bucket; None without observations.

        Infinite when it lies above the last bound.
        """
        rank = share * sum(self.counts.values())
        if not rank:
            return None
        lower = seen = 0.0
        for bound, n in self.counts.items():
            if seen + n >= rank:
                return bound if math.isinf(bound) else lower + (bound - lower) * (rank - seen) / n
            seen += n
            lower = bound
        return math.inf
