from __future__ import annotations

from datetime import UTC, datetime

from ivr.customers.cache import AnswerCache, Breaker, Remembered
from tests.unit.customers.samples import account

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


def remembered(noted: float) -> Remembered:
    return Remembered((account(),), NOON, noted)


def test_the_answer_that_was_not_used_longest_makes_room() -> None:
    cache = AnswerCache(2)
    cache.put(("a",), remembered(1))
    cache.put(("b",), remembered(2))
    assert cache.get(("a",), 0)
    cache.put(("c",), remembered(3))
    assert [bool(cache.get((key,), 0)) for key in "abc"] == [True, False, True]
    assert len(cache) == 2


def test_an_answer_that_is_too_old_is_not_given() -> None:
    cache = AnswerCache(2)
    cache.put(("a",), remembered(10))
    assert cache.get(("a",), 10)
    assert not cache.get(("a",), 10.1)


def test_a_cache_may_be_switched_off() -> None:
    cache = AnswerCache(0)
    cache.put(("a",), remembered(1))
    assert not cache.get(("a",), 0)


def test_after_failures_in_a_row_there_is_a_pause_and_then_one_try() -> None:
    breaker = Breaker(2, pause_seconds=10)
    breaker.failed(0)
    breaker.succeeded()
    breaker.failed(1)
    assert breaker.lets_through(1)
    breaker.failed(2)
    assert not breaker.lets_through(11.9)
    assert breaker.lets_through(12)
    assert not breaker.lets_through(12.1)
    breaker.succeeded()
    assert breaker.lets_through(12.2)
