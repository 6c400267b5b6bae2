from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client import Histogram as Recorder

from ivr.bench.histogram import Histogram

NAME = "turnaround_seconds"
BOUNDS = (0.001, 0.002, 0.005, 0.01)


def recorded(values: list[float]) -> Histogram:
    registry = CollectorRegistry()
    recorder = Recorder(NAME, "For the test.", buckets=BOUNDS, registry=registry)
    for value in values:
        recorder.observe(value)
    return Histogram.read(generate_latest(registry).decode(), NAME)


def test_a_missing_histogram_has_no_quantiles() -> None:
    assert Histogram.read("# nothing\n", NAME).quantile(0.5) is None
    assert recorded([]).quantile(0.99) is None


def test_a_quantile_is_interpolated_within_its_bucket() -> None:
    assert recorded([0.0015] * 10).quantile(0.5) == pytest.approx(0.0015)
    assert recorded([0.0005] * 98 + [0.003] * 2).quantile(0.99) == pytest.approx(0.0035)


def test_above_the_last_bound_it_is_infinite() -> None:
    assert recorded([0.5]).quantile(0.5) == math.inf


@given(st.lists(st.floats(0, 0.02), min_size=1, max_size=50), st.floats(0.01, 1))
def test_a_quantile_lies_in_the_bucket_of_the_exact_one(values: list[float], share: float) -> None:
    estimate = recorded(values).quantile(share)
    exact = sorted(values)[max(0, math.ceil(share * len(values) - 1e-9) - 1)]
    bounds = (0.0, *BOUNDS, math.inf)
    upper = next(bound for bound in bounds[1:] if exact <= bound)
    lower = bounds[bounds.index(upper) - 1]
    assert estimate is not None
    assert lower <= estimate <= upper


def test_what_was_observed_before_is_not_counted() -> None:
    earlier, later = recorded([0.0005] * 100), recorded([0.0005] * 100 + [0.004] * 10)
    assert later.since(earlier).quantile(0.1) == pytest.approx(0.002 + 0.003 * 0.1)
