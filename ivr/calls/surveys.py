"""The survey after a talk: who agreed to it, who was asked, what he answered. One row a call."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from functools import partial
from typing import Any

import structlog
from sqlalchemy import Connection, insert, select, update
from sqlalchemy.exc import IntegrityError

from ivr.calls import pending
from ivr.calls.followup_settings import SurveySettings
from ivr.calls.followup_tables import survey_answers
from ivr.dialogue.ports import Clock
from ivr.store import Database

log = structlog.get_logger(__name__)
LEAST, MOST = 1, 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """The survey of one call. Moments are aware, or None where it has not come to that.

    Attributes:
        agent: Login of the person the answer is about.
        agreed: Whether the caller agreed to be asked; None when the operator did not say.
        score: From 1 to 5.
        why: What the caller said to it; personal.
    """

    call_id: str
    agent: str | None
    agreed: bool | None
    asked_at: datetime | None
    answered_at: datetime | None
    score: int | None
    why: str | None


_COLUMNS = [survey_answers.c[each.name] for each in fields(Survey)]


class Surveys:
    """Keeps the surveys."""

    def __init__(self, database: Database, settings: SurveySettings, clock: Clock) -> None:
        self._database = database
        self._settings = settings
        self._clock = clock

    async def agree(self, call_id: str, agent: str, agreed: bool) -> None:
        """Note what the caller said to the operator; durable on return.

        Raises:
            StoreUnavailable: Nothing was written.
        """
        await self._put(call_id, {"agreed": agreed, "agent": agent})

    async def asked(self, call_id: str, agent: str | None) -> bool:
        """Note that the caller is asked now; False when he has been asked already.

        Raises:
            StoreUnavailable: Nothing was written.
        """
        now = self._clock.now()
        return await self._put(call_id, {"asked_at": now, "agent": agent}, once="asked_at")

    async def save(self, call_id: str, score: int, why: str = "") -> bool:
        """Keep the answer; durable on return. The first score of a call stands, a word on why may follow.

        Returns:
            Whether it is the first answer.

        Raises:
            ValueError: The score is not from 1 to 5.
            StoreUnavailable: Nothing was written.
        """
        if not LEAST <= score <= MOST:
            raise ValueError(f"the score has to be from {LEAST} to {MOST}")
        answer = {"score": score, "answered_at": self._clock.now()}
        first = await self._put(call_id, answer, once="answered_at")
        text = why.strip()[: self._settings.why_characters]
        if text:
            await self._put(call_id, {"why": text}, once="why")
        log.info("survey.answered", call_id=call_id, first=first)
        return first

    async def of_call(self, call_id: str) -> Survey | None:
        """The survey of a call.

        Raises:
            StoreUnavailable: It cannot be read.
        """
        return await self._database.read(partial(of_call, call_id=call_id))

    async def _put(self, call_id: str, told: Mapping[str, Any], once: str | None = None) -> bool:
        job = partial(_put, call_id, told, once)
        try:
            return await self._database.write(job)
        except IntegrityError:  # another process has made the row meanwhile
            return await self._database.write(job)


def of_call(connection: Connection, call_id: str) -> Survey | None:
    """The survey of a call, or None."""
    query = select(*_COLUMNS).where(survey_answers.c.call_id == call_id)
    row = connection.execute(query).mappings().first()
    return None if row is None else Survey(**row)


def _put(call_id: str, told: Mapping[str, Any], once: str | None, connection: Connection) -> bool:
    """Write columns of a call's row; False when the column `once` had a value, which then stays."""
    pending.note(connection, [call_id])
    mine = survey_answers.c.call_id == call_id
    row = connection.execute(select(survey_answers).where(mine)).mappings().first()
    if row is None:
        connection.execute(insert(survey_answers).values(call_id=call_id, **told))
        return True
    if once is not None and row[once] is not None:
        return False
    connection.execute(update(survey_answers).where(mine).values(**told))
    return True
