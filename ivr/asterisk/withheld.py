"""Callers who do not show their number."""

from __future__ import annotations

from typing import Final

_WORDS: Final = frozenset(
    {"", "anonymous", "unknown", "<unknown>", "restricted", "unavailable", "private", "withheld"}
)
"""What stands in place of a number (RFC 3323, 4.1.1.3; Asterisk's own words; words of gateways)."""


def shown(number: str) -> str:
    """The caller's number, or an empty string when a word stands in its place: many people share that one."""
    return "" if number.strip().lower() in _WORDS else number
