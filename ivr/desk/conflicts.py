"""Why work that must not be forgotten can't be changed as somebody wants."""

from __future__ import annotations


class NotThere(Exception):
    """There is no such promise, lost caller or task."""


class Conflict(Exception):
    """It stands differently by now.

    Attributes:
        why: Short name: `closed`, `taken`, `not-ready`, `too-late`, …
    """

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why
