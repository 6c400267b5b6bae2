"""Where a recording is silent because an operator kept sensitive data out of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from ivr.calls.deeds import Deed, DeedKind


def quiet_stretches(deeds: Iterable[Deed], started_at: datetime, seconds: float) -> list[tuple[float, float]]:
    """Begin and end of each pause within a recording, seconds from its beginning.

    Args:
        deeds: What was done in the call, in order of time.
        started_at: When the recording began.
        seconds: Its length.
    """
    cut = ((max(0.0, since), min(seconds, until)) for since, until in _pauses(deeds, started_at, seconds))
    return [(round(since, 2), round(until, 2)) for since, until in cut if since < until]


def _pauses(deeds: Iterable[Deed], started_at: datetime, seconds: float) -> Iterator[tuple[float, float]]:
    since: float | None = None
    for deed in deeds:
        at = (deed.at - started_at).total_seconds()
        if deed.kind == DeedKind.RECORDING_PAUSED and since is None:
            since = at
        elif deed.kind == DeedKind.RECORDING_RESUMED and since is not None:
            yield since, at
            since = None
    if since is not None:
        yield since, seconds
