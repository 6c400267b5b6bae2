"""Personal data of campaigns that have long been over are erased; what was counted of them stays.

152-FZ, article 5 part 7: personal data are kept no longer than their purpose needs. Whom a campaign has
called, and with what result, is needed as the proof of notification while a debt can be sued for: three
years (Civil Code, article 196). Recordings have a term of their own, and refusals none: they are what keeps
the person from being called.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from functools import partial
from typing import Any, NoReturn

import structlog
from sqlalchemy import Column, ColumnElement, Connection, Row, String, cast, delete, literal, select, update

from ivr.campaigns.channels.tables import messages
from ivr.campaigns.model import CampaignState
from ivr.campaigns.settings import RetentionSettings
from ivr.campaigns.tables import campaign_attempts, campaign_people, campaign_targets, campaigns
from ivr.dialogue.ports import Clock
from ivr.store import Database, StoreUnavailable

log = structlog.get_logger(__name__)

ERASED = "erased:"
"""Begins the key of a person whose data are gone; the number of the target follows."""

_AT_ONCE = 500
_HOUR_SECONDS = 3_600.0
_LIVE = (CampaignState.RUNNING, CampaignState.PAUSED)


class Retention:
    """Erases what is too old."""

    def __init__(self, database: Database, clock: Clock, settings: RetentionSettings) -> None:
        self._database = database
        self._clock = clock
        self._settings = settings

    async def sweep(self) -> int:
        """Erase the targets of campaigns whose last day is longer past than the term; tells how many.

        Raises:
            StoreUnavailable: Some were erased; it may be done again.
        """
        before = self._clock.now().date() - timedelta(days=self._settings.days)
        erased = after = 0
        while found := await self._database.read(partial(_too_old, before, after)):
            await self._database.write(partial(_erase, found))
            erased, after = erased + len(found), found[-1].id
        if erased:
            log.info("campaigns.erased", targets=erased)
        return erased

    async def run(self) -> NoReturn:
        """Sweep now and again."""
        while True:
            try:
                await self.sweep()
            except StoreUnavailable:
                log.warning("campaigns.erase-waits")
            await self._clock.sleep(self._settings.sweep_hours * _HOUR_SECONDS)


def _too_old(before: date, after: int, connection: Connection) -> Sequence[Row[int, str]]:
    """A part of the targets to erase: number and person, those after a number."""
    of = campaign_targets.c
    over = (campaigns.c.last_day < before, campaigns.c.state.not_in(_LIVE))
    query = (
        select(of.id, of.person)
        .join(campaigns, campaigns.c.id == of.campaign_id)
        .where(*over, of.id > after, ~of.person.startswith(ERASED))
    )
    return connection.execute(query.order_by(of.id).limit(_AT_ONCE)).all()


def _erase(found: Sequence[Row[int, str]], connection: Connection) -> None:
    _erase_targets(connection, [row.id for row in found])
    _forget(connection, sorted({row.person for row in found}))


def _erase_targets(connection: Connection, ids: Sequence[int]) -> None:
    of, made, sent = campaign_targets.c, campaign_attempts.c, messages.c
    target = update(campaign_targets).where(of.id.in_(ids))
    connection.execute(target.values(person=_erased(of.id), account="", numbers=[], fields={}))
    attempt = update(campaign_attempts).where(made.target_id.in_(ids))
    connection.execute(attempt.values(person=_erased(made.target_id), number="", result={}))
    message = update(messages).where(sent.target_id.in_(ids))
    connection.execute(message.values(person=_erased(sent.target_id), address="", subject="", text=""))


def _erased(target_id: Column[Any]) -> ColumnElement[str]:
    return literal(ERASED) + cast(target_id, String)


def _forget(connection: Connection, persons: Sequence[str]) -> None:
    """Persons of whom no other campaign knows."""
    known = select(campaign_targets.c.person).where(campaign_targets.c.person.in_(persons))
    gone = set(persons) - set(connection.execute(known).scalars())
    connection.execute(delete(campaign_people).where(campaign_people.c.person.in_(gone)))
