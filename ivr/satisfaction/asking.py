"""Clients are asked by operators: each one is a task of the desk."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time, tzinfo
from functools import partial

from sqlalchemy import Connection

from ivr.desk import task_rows
from ivr.desk.task_rows import SYSTEM, NewTask, TaskKind
from ivr.desk.tasks import PHONE
from ivr.dialogue.ports import Clock
from ivr.satisfaction.model import Invited
from ivr.satisfaction.questionnaires import Questionnaire
from ivr.satisfaction.waves import Wave
from ivr.store import Database


class AskedByOperators:
    """Plans a task for each client; an `Asked`."""

    def __init__(self, database: Database, clock: Clock, zone: tzinfo) -> None:
        self._database = database
        self._clock = clock
        self._zone = zone

    async def ask(self, wave: Wave, questionnaire: Questionnaire, clients: Sequence[Invited]) -> None:
        """See `Asked`: the key of a task is of wave and client, so that a repeat plans none."""
        new = [self._task(wave, questionnaire, each) for each in clients]
        await self._database.write(partial(_plan, new=new, now=self._clock.now()))

    def _task(self, wave: Wave, questionnaire: Questionnaire, client: Invited) -> NewTask:
        return NewTask(
            key=f"survey:{wave.id}:{client.client}",
            kind=TaskKind.SURVEY,
            question=questionnaire.title,
            phone=client.phone,
            account_number=client.account_number,
            channel=PHONE,
            due_at=datetime.combine(wave.last_day, time(23, 59), self._zone),
            created_by=SYSTEM,
        )


def _plan(connection: Connection, new: Sequence[NewTask], now: datetime) -> None:
    for each in new:
        task_rows.plan(connection, each, now)
