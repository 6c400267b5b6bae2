"""What operators did in a time, for figures of their work; a job for `Database.read`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from ivr.desk.tables import agent_states
from ivr.kpi.attendance import Spell

_LONGEST = timedelta(days=2)
"""No state lasts longer, as shifts end; so only the states of that time before have to be looked at."""


def spells(connection: Connection, since: datetime, until: datetime) -> Sequence[Spell]:
    """Every state that has a part in that time."""
    states = agent_states.c
    query = select(states.login, states.state, states.since, states.until).where(
        states.since >= since - _LONGEST,
        states.since < until,
        states.until.is_(None) | (states.until > since),
    )
    return [Spell(row.login, row.state, row.since, row.until) for row in connection.execute(query)]
