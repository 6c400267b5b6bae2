"""Repeated calls: whether a client had to call again on the same topic. Jobs for the database.

A client is known by the number he calls from and by the accounts he was identified for. A call of his says
something of the one before it, so what is counted of that one changes when a later call is counted.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Select, or_, select, update

from ivr.calls.identifications import How
from ivr.calls.tables import calls, identifications
from ivr.kpi.facts import CallFact
from ivr.kpi.rows import call_of
from ivr.kpi.tables import kpi_calls

Keys = frozenset[str]
"""By what a client is known: numbers and accounts; the kinds are told apart by a first letter."""


@dataclass(frozen=True, slots=True)
class Flip:
    """A call of which another thing is to be counted than was."""

    before: CallFact
    after: CallFact


@dataclass(frozen=True, slots=True)
class _Seen:
    """A counted call of a client."""

    fact: CallFact
    keys: Keys

    @property
    def can_be_repeated(self) -> bool:
        return "repeat_base" in self.fact.counted

    @property
    def comes_again(self) -> bool:
        return "incoming" in self.fact.counted and bool(self.fact.topic)


def flips(connection: Connection, changed: Sequence[str], within: timedelta, times: _Times) -> list[Flip]:
    """What is to be counted otherwise now that some calls have been counted, among these calls and others.

    Args:
        connection: Of the transaction in which their facts have been written.
        changed: Ids of these calls.
        within: How long after a call another one is its repetition.
        times: The first and the last moment at which one of them came, by what is and was known.
    """
    since, until = times
    mine = _keys(connection, changed)
    near = _seen(connection, _together(mine.values()), since - within, until + within)
    targets = [one for one in near if one.can_be_repeated and one.fact.came_at <= until]
    wider = _together(one.keys for one in targets)
    others = (
        near
        if wider <= _together(mine.values())
        else _seen(connection, wider, since - within, until + within)
    )
    again = _by_topic(others)
    return [flip for one in targets if (flip := _flip(one, _is_repeated(one, again, within))) is not None]


_Times = tuple[datetime, datetime]


def write(connection: Connection, found: Sequence[Flip]) -> None:
    """Write these calls as they are to be counted."""
    for flip in found:
        counted = flip.after.counted
        values = {name: counted.get(name, 0) for name in ("repeated", "first_contact")}
        connection.execute(update(kpi_calls).where(kpi_calls.c.call_id == flip.after.call_id).values(values))


def _flip(one: _Seen, repeated: bool) -> Flip | None:
    if repeated == ("repeated" in one.fact.counted):
        return None
    counted = {k: v for k, v in one.fact.counted.items() if k not in ("repeated", "first_contact")}
    counted["repeated" if repeated else "first_contact"] = 1
    return Flip(one.fact, replace(one.fact, counted=counted))


def _is_repeated(one: _Seen, again: Mapping[tuple[str, str], Sequence[datetime]], within: timedelta) -> bool:
    came = one.fact.came_at
    return any(
        came < other <= came + within for key in one.keys for other in again.get((key, one.fact.topic), ())
    )


def _by_topic(seen: Iterable[_Seen]) -> Mapping[tuple[str, str], Sequence[datetime]]:
    """When each client called on each topic."""
    found: dict[tuple[str, str], list[datetime]] = defaultdict(list)
    for one in seen:
        if one.comes_again:
            for key in one.keys:
                found[key, one.fact.topic].append(one.fact.came_at)
    return found


def _together(keys: Iterable[Keys]) -> Keys:
    return frozenset().union(*keys)


def _seen(connection: Connection, keys: Keys, since: datetime, until: datetime) -> list[_Seen]:
    if not keys:
        return []
    facts: dict[str, CallFact] = {}
    for query in _queries(keys):
        in_time = query.where(calls.c.came_at >= since, calls.c.came_at <= until)
        facts |= {row["call_id"]: call_of(row) for row in connection.execute(in_time).mappings()}
    known = _keys(connection, list(facts))
    return [_Seen(fact, known.get(call_id, frozenset())) for call_id, fact in facts.items()]


def _queries(keys: Keys) -> Iterator[Select[Any]]:
    counted = select(kpi_calls).join_from(kpi_calls, calls, calls.c.call_id == kpi_calls.c.call_id)
    numbers = [key[1:] for key in keys if key[0] == "n"]
    accounts = [key[1:] for key in keys if key[0] == "a"]
    if numbers:
        yield counted.where(calls.c.caller_number.in_(numbers))
    if accounts:
        identified = select(identifications.c.call_id).where(
            identifications.c.account_number.in_(accounts), _IDENTIFIES
        )
        yield counted.where(calls.c.call_id.in_(identified))


_IDENTIFIES = or_(*[identifications.c.how == how.value for how in How if how.identifies])


def _keys(connection: Connection, call_ids: Sequence[str]) -> dict[str, Keys]:
    found: dict[str, set[str]] = defaultdict(set)
    numbers = select(calls.c.call_id, calls.c.caller_number).where(
        calls.c.call_id.in_(call_ids), calls.c.caller_number.is_not(None)
    )
    for row in connection.execute(numbers):
        found[row.call_id].add(f"n{row.caller_number}")
    accounts = select(identifications.c.call_id, identifications.c.account_number).where(
        identifications.c.call_id.in_(call_ids), _IDENTIFIES
    )
    for row in connection.execute(accounts):
        found[row.call_id].add(f"a{row.account_number}")
    return {call_id: frozenset(keys) for call_id, keys in found.items()}
