"""Telling those who want to know, without waiting for them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, tzinfo
from typing import Any, Generic, TypeVar

import structlog

log = structlog.get_logger(__name__)
T = TypeVar("T")


class News(Generic[T]):
    """Listeners to one kind of news; one that fails harms neither the others nor whoever tells."""

    def __init__(self) -> None:
        self._listeners: list[Callable[[T], None]] = []

    def subscribe(self, listener: Callable[[T], None]) -> None:
        """Call this, on the loop, with every piece of news."""
        self._listeners.append(listener)

    def tell(self, news: T) -> None:
        """Tell everybody."""
        for listener in self._listeners:
            try:
                listener(news)
            except Exception:
                log.exception("news.listener_failed")


def local(row: Mapping[Any, Any], zone: tzinfo | None) -> dict[str, Any]:
    """The columns of a row, its moments in a time zone."""
    return {
        str(name): value.astimezone(zone) if isinstance(value, datetime) else value
        for name, value in row.items()
    }
