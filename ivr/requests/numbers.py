"""Numbers of requests: a series of its own each year, digits alone, so that they can be said and keyed in.

The number is the year's last two digits and a running number: `2600123`. A number that another program has
given already is left out.
"""

from __future__ import annotations

import re

from sqlalchemy import Connection, insert, select, update

from ivr.requests.tables import request_numbers, requests

_DIGITS_LEAST = 5
_NOT_IN_A_NUMBER = re.compile(r"[\s\-‐-―/№.]")


def next_number(year: int, connection: Connection) -> str:
    """The next free number of a year's series; part of the transaction that uses it."""
    last = connection.scalar(
        select(request_numbers.c.last).where(request_numbers.c.year == year).with_for_update()
    )
    if last is None:
        last = 0
        connection.execute(insert(request_numbers).values(year=year, last=last))
    number = _number(year, last := last + 1)
    while connection.scalar(select(requests.c.id).where(requests.c.number == number)) is not None:
        number = _number(year, last := last + 1)
    connection.execute(update(request_numbers).where(request_numbers.c.year == year).values(last=last))
    return number


def plain(number: str) -> str:
    """A number as it is kept, from how people write it: `№ 26-00123` is `2600123`."""
    return _NOT_IN_A_NUMBER.sub("", number)


def _number(year: int, running: int) -> str:
    return f"{year % 100:02d}{running:0{_DIGITS_LEAST}d}"
