"""Text in cells of spreadsheets: never a formula."""

from __future__ import annotations

_BEGIN_FORMULAS = ("=", "+", "-", "@", "\t", "\r")


def plain(text: str) -> str:
    """The text, with an apostrophe before what a spreadsheet would calculate (CWE-1236)."""
    return f"'{text}" if text.startswith(_BEGIN_FORMULAS) else text
