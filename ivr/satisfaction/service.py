"""Surveys of a company: which waves are due, whom they ask, what was answered."""

from __future__ import annotations

import random
from collections.abc import Collection, Mapping, Sequence
from datetime import date, timedelta
from enum import StrEnum
from functools import partial

import structlog
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from ivr.dialogue.ports import Clock
from ivr.kpi.profiles import Profile, Survey
from ivr.satisfaction import rows
from ivr.satisfaction.model import Asked, Invited, NewReply, Saved
from ivr.satisfaction.questionnaires import Questionnaire, Questionnaires, survey_of
from ivr.satisfaction.settings import SatisfactionSettings
from ivr.satisfaction.waves import Planned, Span, Wave, period_of, planned
from ivr.store import Database

log = structlog.get_logger(__name__)


class NoSuch(LookupError):
    """There is no such questionnaire or wave."""


class Closed(Exception):
    """The wave takes no more answers."""


class Among(StrEnum):
    """Of whom a sample is drawn."""

    CALLERS = "callers"  # who has called and was helped
    ACCOUNTS = "accounts"  # every account of the segment that has a telephone number


class Satisfaction:
    """The room's face.

    Attributes:
        questionnaires: All of them, by id.
    """

    def __init__(
        self,
        database: Database,
        settings: SatisfactionSettings,
        clock: Clock,
        *,
        questionnaires: Questionnaires,
        profiles: Mapping[str, Profile],
        kept: Collection[str],
        chance: random.Random,
    ) -> None:
        """Build it.

        Args:
            database: Open and current.
            settings: What the standards leave open.
            clock: Its zone is the company's.
            questionnaires: All of them, by id.
            profiles: The standards, by id.
            kept: Ids of the standards that the company keeps: only their questionnaires are due.
            chance: Draws samples.
        """
        self._database = database
        self._settings = settings
        self._clock = clock
        self.questionnaires = questionnaires
        self._profiles = profiles
        self._kept = frozenset(kept)
        self._chance = chance

    def questionnaire(self, id: str) -> Questionnaire:
        """The questionnaire of an id.

        Raises:
            NoSuch: There is none.
        """
        found = self.questionnaires.get(id)
        if found is None:
            raise NoSuch(id)
        return found

    @property
    def kept(self) -> Sequence[Questionnaire]:
        """The questionnaires of the standards that the company keeps."""
        return [each for each in self.questionnaires.values() if each.profile in self._kept]

    # --- waves ---

    async def planned(self) -> list[Planned]:
        """How every questionnaire that is kept stands now.

        Raises:
            StoreUnavailable: It can't be read.
        """
        known = await self._database.read(rows.waves)
        return [
            one
            for each in self.kept
            for one in planned(
                each,
                self._survey(each),
                [wave for wave in known if wave.questionnaire == each.id],
                self.today,
                self._settings.since,
            )
        ]

    async def waves(self, questionnaire: str | None = None) -> list[Wave]:
        """All waves that there have been, or those of a questionnaire, the newest first.

        Raises:
            StoreUnavailable: They can't be read.
        """
        return await self._database.read(partial(rows.waves, questionnaire=questionnaire))

    async def wave(self, id: int) -> Wave:
        """The wave of an id.

        Raises:
            NoSuch: There is none.
            StoreUnavailable: It can't be read.
        """
        found = await self._database.read(partial(rows.wave, id=id))
        if found is None:
            raise NoSuch(str(id))
        return found

    async def open(self, questionnaire: str, by: str, day: date | None = None) -> Wave:
        """Begin the wave of the period of a day (today), or open it again; durable on return.

        Where nothing says how often, the wave is of the month.

        Raises:
            NoSuch: There is no such questionnaire.
            StoreUnavailable: Nothing was written.
        """
        one = self.questionnaire(questionnaire)
        of = day or self.today
        span = period_of(one, self._survey(one), of) or Span(of.replace(day=1), _last_of_month(of))
        job = partial(rows.open_wave, questionnaire=one, span=span, by=by, now=self._clock.now())
        try:
            id = await self._database.write(job)
        except IntegrityError:  # another process has opened it meanwhile
            id = await self._database.write(job)
        log.info("satisfaction.wave.open", questionnaire=one.id, wave=id)
        return await self.wave(id)

    async def wave_of(self, questionnaire: str, day: date, by: str) -> Wave:
        """The wave to which an answer of a day belongs; it is begun where there is none.

        Raises:
            NoSuch: There is no such questionnaire.
            StoreUnavailable: Nothing was written.
        """
        known = await self.waves(questionnaire)
        mine = [each for each in known if each.first_day <= day <= each.last_day]
        return mine[0] if mine else await self.open(questionnaire, by, day)

    async def close(self, id: int) -> Wave:
        """Take no more answers; durable on return.

        Raises:
            NoSuch: There is no such wave.
            StoreUnavailable: Nothing was written.
        """
        await self.wave(id)
        await self._database.write(partial(rows.close_wave, id=id, now=self._clock.now()))
        return await self.wave(id)

    # --- who is asked ---

    async def draw(self, id: int, among: Among, count: int | None = None) -> int:
        """Draw clients at random who are to be asked in a wave; durable on return.

        Nobody is drawn twice in a wave, nor who has answered already, nor who does not want to be asked.

        Args:
            id: Of the wave.
            among: Of whom.
            count: How many; None: as many as the sample still lacks.

        Returns:
            How many were drawn: fewer where there are no more.

        Raises:
            NoSuch: There is no such wave.
            Closed: It takes no more answers.
            StoreUnavailable: Nothing was written.
        """
        wave = await self._open_wave(id)
        wanted = max(0, wave.sample - wave.invited) if count is None else count
        return await self._database.write(partial(self._draw, wave, among, wanted))

    def _draw(self, wave: Wave, among: Among, wanted: int, connection: Connection) -> int:
        now = self._clock.now()
        if among is Among.CALLERS:
            since = now - timedelta(days=self._settings.callers_days)
            everybody = rows.callers(connection, wave.segment, since)
        else:
            everybody = rows.account_holders(connection, wave.segment)
        known = rows.not_to_ask(connection, wave.id)
        free = [each for each in everybody if not {each.client, each.phone} & known]
        drawn = _one_a_number(self._chance.sample(free, len(free)))[:wanted]
        rows.invite(connection, wave.id, drawn, now)
        return len(drawn)

    async def ask(self, id: int, asked: Asked) -> int:
        """Have everybody asked who was drawn and is not asked yet; tells how many.

        Raises:
            NoSuch: There is no such wave.
            Closed: It takes no more answers.
            StoreUnavailable: Whoever was handed over is not handed over twice.
        """
        wave = await self._open_wave(id)
        clients = await self._database.read(partial(rows.unasked, wave_id=id))
        await asked.ask(wave, self.questionnaire(wave.questionnaire), clients)
        names = [each.client for each in clients]
        await self._database.write(partial(rows.asked, wave_id=id, clients=names, now=self._clock.now()))
        return len(clients)

    async def refuse(self, client: str) -> None:
        """The client does not want to be asked, now or later; durable on return.

        Raises:
            StoreUnavailable: Nothing was written.
        """
        await self._database.write(partial(rows.refuse, client=client, now=self._clock.now()))

    # --- answers ---

    async def save(self, id: int, replies: Sequence[NewReply]) -> list[Saved]:
        """Keep replies of a wave, all of them or none; durable on return.

        Raises:
            NoSuch: There is no such wave.
            Closed: It takes no more answers.
            StoreUnavailable: Nothing was written.
        """
        wave = await self._open_wave(id)
        return await self._database.write(partial(self._save, wave, replies))

    def _save(self, wave: Wave, replies: Sequence[NewReply], connection: Connection) -> list[Saved]:
        now = self._clock.now()
        return [rows.save(connection, wave, reply, now) for reply in replies]

    async def _open_wave(self, id: int) -> Wave:
        wave = await self.wave(id)
        if wave.closed_at is not None:
            raise Closed
        return wave

    def _survey(self, questionnaire: Questionnaire) -> Survey | None:
        profile = self._profiles.get(questionnaire.profile)
        return survey_of(questionnaire, profile) if profile else None

    @property
    def today(self) -> date:
        """The day, in the company's zone."""
        return self._clock.now().date()


def _last_of_month(day: date) -> date:
    following = (day.replace(day=1) + timedelta(days=32)).replace(day=1)
    return following - timedelta(days=1)


def _one_a_number(clients: Sequence[Invited]) -> list[Invited]:
    """Clients in their order, the first of each telephone number: who has two accounts is asked once."""
    return list({each.phone: each for each in reversed(clients)}.values())[::-1]
