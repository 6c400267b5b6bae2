"""Adding facts to what is known: in any order and any number of times, with the same result.

Of two instants of the same fact the earlier one stands, and so does what was told with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime


def add_fact(owner: object, instant: str | None, at: datetime, told: Mapping[str, object]) -> bool:
    """Set attributes of `owner` to what was told of a fact; True when something was new.

    Args:
        owner: Whose facts they are.
        instant: Attribute with the time of the fact; None when only the others matter.
        at: When it was, aware.
        told: What else is known of it, by attribute; None tells nothing.
    """
    first = instant is not None and _is_earlier(at, getattr(owner, instant))
    if first:
        setattr(owner, str(instant), at)
    new = first
    for name, value in told.items():
        if value is not None and (first or getattr(owner, name) is None):
            setattr(owner, name, value)
            new = True
    return new


def _is_earlier(at: datetime, known: datetime | None) -> bool:
    return known is None or at < known
