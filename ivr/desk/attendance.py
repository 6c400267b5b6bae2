"""What operators did in a time, for figures of their work; jobs for `Database.read`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select

from ivr.desk.tables import agent_states
from ivr.kpi.attendance import Spell
from ivr.store import UtcDateTime

_LONGEST = timedelta(days=2)
"""No state lasts longer, as shifts end; so only the states of that time before have to be looked at."""


class AgentStates:
    """The history of operators' states."""

    def first(self, connection: Connection) -> datetime | None:
        """When the first state began."""
        query = select(func.min(agent_states.c.since, type_=UtcDateTime))
        return connection.execute(query).scalar()

    def spells(self, connection: Connection, since: datetime, until: datetime) -> Sequence[Spell]:
        """Every state that has a part in that time."""
        states = agent_states.c
        query = select(states.login, states.state, states.since, states.until).where(
            states.since >= since - _LONGEST,
            states.since < until,
            states.until.is_(None) | (states.until > since),
        )
        return [Spell(row.login, row.state, row.since, row.until) for row in connection.execute(query)]
