"""CSAT, NPS and CSI with their intervals, as pure functions of the answers.

Every interval is one of 95 % confidence for a simple random sample; it says nothing of who did not answer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist, fmean, stdev
from typing import Final

LEAST, MOST = 1, 5
"""Bounds of a score."""

PLEASED: Final = 4
"""The least score of whoever is satisfied: 4 and 5 of 5."""

PROMOTER, DETRACTOR = 9, 6
"""Of 0–10: promoters answer 9 or 10, detractors 6 at most."""

_Z: Final = NormalDist().inv_cdf(0.975)


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure with its interval.

    Attributes:
        value: None without answers.
        answers: How many stand behind it.
        low: Lower bound of the interval; None where there are too few answers for one.
        high: Upper bound.
    """

    value: float | None
    answers: int = 0
    low: float | None = None
    high: float | None = None


NOTHING: Final = Figure(None)


def share(part: int, whole: int) -> Figure:
    """A share with Wilson's score interval, which stays within 0…1 and holds for small samples too.

    Source: E. B. Wilson, Probable inference, the law of succession and statistical inference, JASA 22 (1927).
    """
    if whole == 0:
        return NOTHING
    p, z2 = part / whole, _Z**2
    middle = (p + z2 / (2 * whole)) / (1 + z2 / whole)
    half = _Z * sqrt(p * (1 - p) / whole + z2 / (4 * whole**2)) / (1 + z2 / whole)
    return Figure(p, whole, max(0.0, middle - half), min(1.0, middle + half))


def mean(values: Sequence[float], least: float, most: float) -> Figure:
    """A mean with the normal interval of its standard error, cut at the bounds; one answer has none."""
    if not values:
        return NOTHING
    value = fmean(values)
    if len(values) == 1:
        return Figure(value, 1)
    half = _Z * stdev(values) / sqrt(len(values))
    return Figure(value, len(values), max(least, value - half), min(most, value + half))


def csat(scores: Sequence[int]) -> Figure:
    """CSAT: the share of scores 4 and 5 of 5 (Wilson's interval)."""
    return share(sum(score >= PLEASED for score in scores), len(scores))


def mean_score(scores: Sequence[int]) -> Figure:
    """The mean of scores 1–5 (normal interval)."""
    return mean(scores, LEAST, MOST)


def nps(scores: Sequence[int]) -> Figure:
    """NPS: the share of 9–10 less the share of 0–6 of answers 0–10, from -1 to 1 (normal interval).

    The variance of one answer, counted as 1, 0 or -1, is p + d - (p - d)². Source: F. F. Reichheld, The one
    number you need to grow, Harvard Business Review 81 (2003).
    """
    if not scores:
        return NOTHING
    count = len(scores)
    promoters = sum(score >= PROMOTER for score in scores) / count
    detractors = sum(score <= DETRACTOR for score in scores) / count
    value = promoters - detractors
    if count == 1:
        return Figure(value, 1)
    half = _Z * sqrt(max(0.0, promoters + detractors - value**2) / count)
    return Figure(value, count, max(-1.0, value - half), min(1.0, value + half))


def index(scores: Mapping[str, int], weights: Mapping[str, float]) -> float | None:
    """One client's index: the mean of his scores of attributes, weighted by their importance, from 0 to 1.

    Attributes that he has not judged are left out, and the weights of the others hold among themselves.
    A score of 1 counts 0, one of 5 counts 1. None: he has judged none.
    """
    judged = [name for name in scores if name in weights]
    total = sum(weights[name] for name in judged)
    if not total:
        return None
    weighted = sum(weights[name] * scores[name] for name in judged) / total
    return (weighted - LEAST) / (MOST - LEAST)


def csi(replies: Sequence[Mapping[str, int]], weights: Mapping[str, float]) -> Figure:
    """CSI: the mean of the clients' indices, from 0 to 1 (normal interval).

    Where everybody has judged everything that is Σ importance × mean score, brought to 0…1 as the ACSI is.
    Source: C. Fornell et al., The American Customer Satisfaction Index, Journal of Marketing 60 (1996).

    Args:
        replies: Of each client his scores by attribute.
        weights: Importance by attribute; only how they compare matters.
    """
    indices = [index(scores, weights) for scores in replies]
    return mean([each for each in indices if each is not None], 0.0, 1.0)
