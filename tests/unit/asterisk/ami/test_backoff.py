"""Delays between attempts."""

import random

from hypothesis import given
from hypothesis import strategies as st

from ivr.asterisk.ami.backoff import Backoff

seconds = st.floats(min_value=0.01, max_value=100)


@given(seconds, seconds, st.integers())
def test_delays_double_up_to_the_limit_and_start_anew(first: float, most: float, seed: int) -> None:
    backoff = Backoff(first, most, random.Random(seed))
    for _ in range(2):
        longest = min(first, most)
        for _ in range(10):
            assert longest / 2 <= backoff.delay() <= longest
            longest = min(2 * longest, most)
        backoff.reset()
