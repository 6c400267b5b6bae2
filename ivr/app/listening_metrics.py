"""The recogniser's own figures for Prometheus."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest

_BUCKETS = (0.1, 0.2, 0.3, 0.5, 0.7, 0.8, 1.0, 1.5, 2.0, 3.0, 5.0, 10.0)
_REASONS = ("secret", "codec", "garbage", "flood", "setup", "full")
_RESULTS = ("heard", "empty", "failed", "overloaded", "keys", "closed", "gone")
_OTHER = "other"


class ListeningMetrics:
    """What the endpoint tells of itself; a `ListeningObserver` of `ivr.asterisk.aeap`."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        registry = self.registry
        self._sessions = Gauge("ivr_hearing_sessions", "Calls connected.", registry=registry)
        self._refused = Counter(
            "ivr_hearing_sessions_refused", "Peers cut off.", ["reason"], registry=registry
        )
        self._opened = Counter("ivr_hearing_turns_opened", "Turns begun.", ["slot"], registry=registry)
        self._ended = Counter("ivr_hearing_turns", "Turns ended.", ["result"], registry=registry)
        self._dropped = Counter(
            "ivr_hearing_sound_dropped_seconds", "Sound that came too fast.", registry=registry
        )
        self._after = Histogram(
            "ivr_hearing_result_seconds",
            "From the end of speech to its result.",
            buckets=_BUCKETS,
            registry=registry,
        )

    def session_opened(self) -> None:
        """Asterisk has opened a connection."""
        self._sessions.inc()

    def session_closed(self) -> None:
        """It has ended."""
        self._sessions.dec()

    def session_refused(self, reason: str) -> None:
        """A peer was cut off."""
        self._refused.labels(reason if reason in _REASONS else _OTHER).inc()

    def turn_opened(self, slot: str) -> None:
        """A turn is listened to."""
        self._opened.labels(slot).inc()

    def turn_ended(self, result: str, after_seconds: float | None) -> None:
        """A turn is over."""
        self._ended.labels(result if result in _RESULTS else _OTHER).inc()
        if after_seconds is not None:
            self._after.observe(after_seconds)

    def sound_dropped(self, seconds: float) -> None:
        """Sound came faster than it is spoken."""
        self._dropped.inc(seconds)

    def exposition(self) -> bytes:
        """Everything in Prometheus' text format."""
        return generate_latest(self.registry)
