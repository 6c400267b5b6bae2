"""How often somebody may ask: a bucket of tokens for each."""

from __future__ import annotations

from dataclasses import dataclass

_MOST_BUCKETS = 10_000


@dataclass(slots=True)
class _Bucket:
    tokens: float
    at: float


class Limiter:
    """Buckets by name. The caller gives the time, in seconds of a clock that never goes back."""

    def __init__(self, per_second: float, burst: int) -> None:
        """Args: per_second, tokens that flow into each bucket; burst, what it holds."""
        self._per_second = per_second
        self._burst = float(burst)
        self._buckets: dict[str, _Bucket] = {}

    def take(self, name: str, now: float) -> float:
        """Take a token; returns 0, or the seconds until there is one."""
        wait = self.wait(name, now)
        if not wait:
            self._buckets[name].tokens -= 1.0
        return wait

    def wait(self, name: str, now: float) -> float:
        """Seconds until there is a token; 0: there is one, and it stays."""
        bucket = self._filled(name, now)
        return 0.0 if bucket.tokens >= 1.0 else (1.0 - bucket.tokens) / self._per_second

    def _filled(self, name: str, now: float) -> _Bucket:
        bucket = self._buckets.get(name)
        if bucket is None:
            self._make_room(now)
            bucket = self._buckets[name] = _Bucket(self._burst, now)
        bucket.tokens = min(self._burst, bucket.tokens + (now - bucket.at) * self._per_second)
        bucket.at = now
        return bucket

    def _make_room(self, now: float) -> None:
        if len(self._buckets) < _MOST_BUCKETS:
            return
        full_after = self._burst / self._per_second
        self._buckets = {name: each for name, each in self._buckets.items() if now - each.at < full_after}
        if len(self._buckets) >= _MOST_BUCKETS:
            self._buckets.clear()
