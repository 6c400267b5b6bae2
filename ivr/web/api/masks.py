"""Personal data that can't be made out, but told apart."""

from __future__ import annotations

_SHOWN = 4
_HIDDEN = "•••"


def initials(name: str) -> str:
    """`Иванова Мария Петровна` as `И. М. П.`."""
    return " ".join(f"{word[0].upper()}." for word in name.split())


def tail(number: str) -> str:
    """The last digits of an account or a telephone: `•••5678`; nothing of a short one."""
    if not number:
        return ""
    return _HIDDEN + (number[-_SHOWN:] if len(number) >= 2 * _SHOWN else "")
