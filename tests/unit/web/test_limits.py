from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ivr.web.limits import Limiter
from ivr.web.wording import lasting


def test_a_burst_then_the_rate() -> None:
    limiter = Limiter(per_second=2, burst=3)
    assert [limiter.take("a", 0.0) for _ in range(4)] == [0, 0, 0, 0.5]
    assert limiter.take("b", 0.0) == 0, "everybody has his own"
    assert limiter.take("a", 0.5) == 0
    assert limiter.take("a", 0.5) > 0


@given(st.lists(st.floats(0, 2), max_size=60), st.floats(0.5, 20), st.integers(1, 20))
def test_never_more_than_burst_and_rate_allow(gaps: list[float], per_second: float, burst: int) -> None:
    limiter, now, taken = Limiter(per_second, burst), 0.0, 0
    for gap in gaps:
        now += gap
        taken += limiter.take("a", now) == 0
    assert taken <= burst + per_second * now + 1e-6


@given(st.floats(0, 5), st.integers(1, 5))
def test_who_waits_as_told_is_let_in(at: float, burst: int) -> None:
    limiter = Limiter(3.0, burst)
    for _ in range(burst):
        limiter.take("a", at)
    wait = limiter.take("a", at)
    assert wait > 0
    assert limiter.take("a", at + wait + 1e-6) == 0


def test_a_time_is_told_rounded_up() -> None:
    assert [lasting(each) for each in (0, 0.2, 59, 60, 61, 900)] == [
        "1 с",
        "1 с",
        "59 с",
        "1 мин",
        "2 мин",
        "15 мин",
    ]
