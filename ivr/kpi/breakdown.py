"""What a report can be broken down by."""

from __future__ import annotations

from enum import StrEnum


class By(StrEnum):
    """What a report is broken down by."""

    LINE = "line"
    TOPIC = "topic"
    AGENT = "agent"
    SEGMENT = "segment"
    QUEUE = "queue"
    HOUR = "hour"
    HALF_HOUR = "half-hour"
    WEEKDAY = "weekday"
    DAY = "day"
