"""What clients think of the service, and when they are to be asked."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import Connection

from ivr.access.model import Right
from ivr.calls.turns import without_numbers
from ivr.customers.files import BadLine
from ivr.dialogue.ports import Clock
from ivr.errors import Fault
from ivr.kpi.periods import Period
from ivr.requests.workdays import WorkCalendar
from ivr.satisfaction import control, results
from ivr.satisfaction.control import ControlFigures, ControlTold
from ivr.satisfaction.importing import import_file
from ivr.satisfaction.model import Asked as AskedOfClients
from ivr.satisfaction.model import BadAnswer, NewReply, client_of, marks_of
from ivr.satisfaction.results import Comment, Reply, Wanted
from ivr.satisfaction.service import Closed, NoSuch, Satisfaction
from ivr.satisfaction.settings import SatisfactionSettings
from ivr.satisfaction.waves import Planned
from ivr.store import Database
from ivr.web.api.leading import Leading
from ivr.web.api.route import Asked, Refused, Route
from ivr.web.api.satisfaction_models import (
    Answered,
    AnsweredTold,
    BadLineTold,
    CommentRow,
    ControlRow,
    ControlSummary,
    Drawn,
    DrawnTold,
    GroupTold,
    OneTold,
    Opened,
    PastTold,
    PlannedTold,
    QuestionTold,
    ResultsQuery,
    ResultsTold,
    Sheet,
    SheetTold,
    SummaryTold,
    WavesTold,
    WaveTold,
)
from ivr.web.api.work_faults import id_of

_GONE = "Такой анкеты или волны опроса нет. Обновите страницу."
_CLOSED = "Эта волна опроса закрыта: ответы больше не принимаются."
_BAD_PERIOD = "Период кончается раньше, чем начинается."
_BAD_ANSWER = "Ответ не подходит к вопросу «{question}»."
_BAD_SHEET = "В файле нет нужных столбцов: key, answered_at и вопросы анкеты по их именам."
_NO_CLIENT = "Укажите лицевой счёт или телефон клиента, который отказался."
_CALL = "call"


@dataclass(frozen=True, slots=True)
class _Found:
    """What the database knows of a period."""

    replies: Sequence[Reply]
    after_talks: Sequence[tuple[str, int]]
    comments: Sequence[Comment]
    figures: ControlFigures
    calls: Sequence[ControlTold]


@dataclass(frozen=True, slots=True, kw_only=True)
class SatisfactionRoutes:
    """`/satisfaction`.

    Attributes:
        by_operators: Asks clients whom a wave has drawn.
        calendar: Working days, for the terms of measures.
    """

    room: Satisfaction
    by_operators: AskedOfClients
    database: Database
    settings: SatisfactionSettings
    calendar: WorkCalendar
    leading: Leading
    clock: Clock

    def routes(self) -> list[Route]:
        """All of them."""
        route: Callable[..., Route] = partial(Route, right=Right.REPORTS)
        work: Callable[..., Route] = partial(Route, right=Right.WORK)
        return [
            route(
                method="GET",
                path="/satisfaction/results",
                title="What clients have answered in a period, control calls, their own words",
                run=self.results,
                query=ResultsQuery,
                answer=ResultsTold,
            ),
            route(
                method="GET",
                path="/satisfaction/questionnaires/{id}",
                title="One questionnaire by questions, with its waves",
                run=self.one,
                query=ResultsQuery,
                answer=OneTold,
            ),
            route(
                method="GET",
                path="/satisfaction/waves",
                title="Which surveys are due, run, are done or late",
                run=self.waves,
                answer=WavesTold,
            ),
            route(
                method="POST",
                path="/satisfaction/waves",
                title="Begin to ask",
                run=self.open,
                body=Opened,
                answer=WaveTold,
                status=201,
            ),
            route(
                method="POST",
                path="/satisfaction/waves/{id}/close",
                title="Take no more answers",
                run=self.close,
                answer=WaveTold,
            ),
            route(
                method="POST",
                path="/satisfaction/waves/{id}/draw",
                title="Draw clients who are asked",
                run=self.draw,
                body=Drawn,
                answer=DrawnTold,
            ),
            route(
                method="POST",
                path="/satisfaction/waves/{id}/import",
                title="Take answers over from lines of a CSV file",
                run=self.take_over,
                body=Sheet,
                answer=SheetTold,
            ),
            work(
                method="POST",
                path="/satisfaction/waves/{id}/replies",
                title="A client has answered a questionnaire",
                run=self.answered,
                body=Answered,
                answer=AnsweredTold,
            ),
        ]

    # --- results ---

    async def results(self, asked: Asked) -> ResultsTold:
        """Everything of a period."""
        query: ResultsQuery = asked.query
        wanted = self._wanted(query)
        found = await self.database.read(partial(self._read, wanted))
        shown = await asyncio.to_thread(_masked, found)
        if shown.comments or any(each.words for each in shown.calls):
            await self.leading.saw(asked, "comments of clients")
        few = self.settings.few_answers
        return ResultsTold(
            groups=[*self._surveys(found.replies), *self._after_talks(found.after_talks)],
            control=ControlSummary.of(found.figures, few),
            control_calls=[ControlRow.of(each, each.words) for each in shown.calls],
            comments=[self._comment(each) for each in shown.comments],
        )

    async def one(self, asked: Asked) -> OneTold:
        """One questionnaire in detail."""
        query: ResultsQuery = asked.query
        with _told():
            one = self.room.questionnaire(asked.path["id"])
        wanted = replace(self._wanted(query), questionnaire=one.id, segment=None)
        everything = await self.database.read(partial(results.replies, wanted=Wanted(questionnaire=one.id)))
        mine = await self.database.read(partial(results.replies, wanted=wanted))
        few = self.settings.few_answers
        return OneTold(
            id=one.id,
            title=one.title,
            segment=one.segment.value,
            questions=[QuestionTold.of(one, each, few) for each in results.by_question(one, mine)],
            history=[
                PastTold(
                    first_day=first, last_day=last, **SummaryTold.of(results.summary(of), few).model_dump()
                )
                for (first, last), of in sorted(_by_wave(everything).items())
            ],
        )

    def _read(self, wanted: Wanted, connection: Connection) -> _Found:
        limit = self.settings.comments
        return _Found(
            results.replies(connection, wanted),
            results.after_talks(connection, wanted),
            results.comments(connection, wanted, limit),
            control.figures(connection, wanted, self.clock.now()),
            control.told(connection, wanted, limit),
        )

    def _wanted(self, query: ResultsQuery) -> Wanted:
        if query.since > query.until:
            raise Refused(422, "bad-period", _BAD_PERIOD, "to")
        zone = self.clock.now().tzinfo
        assert zone is not None  # noqa: S101  # the clock's times are aware
        period = Period(query.since, query.until, zone)
        return Wanted(since=period.since, until=period.until, segment=query.segment)

    def _surveys(self, replies: Sequence[Reply]) -> Iterator[GroupTold]:
        groups: dict[tuple[str, str], list[Reply]] = {}
        for reply in replies:
            groups.setdefault((reply.questionnaire, reply.segment), []).append(reply)
        for (source, segment), of in sorted(groups.items()):
            summary = SummaryTold.of(results.summary(of), self.settings.few_answers)
            yield GroupTold(source=source, title=self._title(source), segment=segment, **summary.model_dump())

    def _after_talks(self, answers: Sequence[tuple[str, int]]) -> Iterator[GroupTold]:
        groups: dict[str, list[int]] = {}
        for segment, score in answers:
            groups.setdefault(segment, []).append(score)
        for segment, scores in sorted(groups.items()):
            summary = SummaryTold.of(results.scores(scores), self.settings.few_answers)
            yield GroupTold(source=_CALL, title="", segment=segment, **summary.model_dump())

    def _title(self, source: str) -> str:
        found = self.room.questionnaires.get(source)
        return found.title if found else ""

    def _comment(self, comment: Comment) -> CommentRow:
        questionnaire = self.room.questionnaires.get(comment.source)
        question = questionnaire.question(comment.question) if questionnaire else None
        text = question.text if question else ""
        return CommentRow.of(comment, self._title(comment.source), text, comment.words)

    # --- waves ---

    async def waves(self, asked: Asked) -> WavesTold:
        """How every questionnaire stands."""
        found = await self.room.planned()
        return WavesTold(planned=[PlannedTold.of(each, self._act_until(each)) for each in found])

    def _act_until(self, planned: Planned) -> date | None:
        """Measures are taken so soon after a wave is closed, or its period is over."""
        days = planned.act_within_working_days
        if days is None or planned.wave is None or not planned.wave.answers:
            return None
        closed = planned.wave.closed_at
        zone = self.clock.now().tzinfo
        ended = closed.astimezone(zone).date() if closed else planned.span.last
        return self.calendar.add_working_days(ended, days)

    async def open(self, asked: Asked) -> WaveTold:
        """Begin to ask."""
        body: Opened = asked.body
        with _told():
            wave = await self.room.open(body.questionnaire, asked.user.login)
        await self.leading.did(asked, ("", f"survey wave {wave.id} opened"))
        return WaveTold.of(wave)

    async def close(self, asked: Asked) -> WaveTold:
        """Take no more answers."""
        with _told():
            wave = await self.room.close(id_of(asked))
        await self.leading.did(asked, ("", f"survey wave {wave.id} closed"))
        return WaveTold.of(wave)

    async def draw(self, asked: Asked) -> DrawnTold:
        """Draw clients, and have them asked where that is wanted."""
        body: Drawn = asked.body
        id = id_of(asked)
        with _told():
            drawn = await self.room.draw(id, body.among, body.count)
            handed = await self.room.ask(id, self.by_operators) if body.ask else 0
            wave = await self.room.wave(id)
        await self.leading.did(asked, ("", f"survey wave {id}: {drawn} drawn, {handed} asked"))
        return DrawnTold(drawn=drawn, asked=handed, wave=WaveTold.of(wave))

    async def take_over(self, asked: Asked) -> SheetTold:
        """Take lines of a file over."""
        body: Sheet = asked.body
        bad: list[BadLine] = []
        zone = self.clock.now().tzinfo
        assert zone is not None  # noqa: S101  # the clock's times are aware
        with TemporaryDirectory() as folder, _told():
            file = Path(folder) / "answers.csv"
            await asyncio.to_thread(file.write_text, body.csv, encoding="utf-8")
            done = await import_file(self.room, id_of(asked), file, zone, bad.append)
        await self.leading.did(asked, ("", f"survey wave {id_of(asked)}: {done.added} answers taken over"))
        return SheetTold(
            added=done.added,
            changed=done.changed,
            unchanged=done.unchanged,
            twice=done.twice,
            refused=done.refused,
            bad=[BadLineTold(line=each.line, column=each.column) for each in bad],
            ignored=list(done.ignored),
        )

    async def answered(self, asked: Asked) -> AnsweredTold:
        """Keep what a client has answered to an operator."""
        body: Answered = asked.body
        id = id_of(asked)
        with _told():
            if body.refused:
                return await self._refused(body)
            questionnaire = self.room.questionnaire((await self.room.wave(id)).questionnaire)
            reply = NewReply(
                key=body.key,
                client=client_of(body.client),
                way=body.way,
                answered_at=self.clock.now(),
                taken_by=asked.user.login,
                marks=marks_of(questionnaire, body.answers),
            )
            (saved,) = await self.room.save(id, [reply])
        return AnsweredTold(saved=saved.value)

    async def _refused(self, body: Answered) -> AnsweredTold:
        client = client_of(body.client)
        if client is None:
            raise Refused(422, "no-client", _NO_CLIENT, "client")
        await self.room.refuse(client)
        return AnsweredTold(saved="refused")


@contextmanager
def _told() -> Iterator[None]:
    """Turn what the room raises into what a person reads."""
    try:
        yield
    except NoSuch as error:
        raise Refused(404, "not-there", _GONE) from error
    except Closed as error:
        raise Refused(409, "closed", _CLOSED) from error
    except BadAnswer as error:
        message = _BAD_ANSWER.format(question=error.question)
        raise Refused(422, "bad-answer", message, "answers") from error
    except Fault as error:
        raise Refused(422, "bad-sheet", _BAD_SHEET, "csv") from error


def _masked(found: _Found) -> _Found:
    """With the numbers left out of what clients have said."""
    return replace(
        found,
        comments=[replace(each, words=without_numbers(each.words)) for each in found.comments],
        calls=[replace(each, words=without_numbers(each.words)) for each in found.calls],
    )


def _by_wave(replies: Sequence[Reply]) -> dict[tuple[date, date], list[Reply]]:
    waves: dict[tuple[date, date], list[Reply]] = {}
    for reply in replies:
        waves.setdefault((reply.first_day, reply.last_day), []).append(reply)
    return waves
