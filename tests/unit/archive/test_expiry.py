from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from ivr.archive.index import expiry

MOSCOW = ZoneInfo("Europe/Moscow")


@pytest.mark.parametrize("hour", [0, 10, 23])
def test_a_term_counts_whole_days_after_the_day_of_the_recording(hour: int) -> None:
    started = datetime(2026, 11, 1, hour, 59, tzinfo=MOSCOW)
    assert expiry(started, 60) == datetime(2027, 1, 1, tzinfo=MOSCOW)
