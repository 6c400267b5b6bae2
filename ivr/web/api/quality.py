"""Transcripts, marks for review, and evaluations of talks by supervisors."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial

from ivr.access.audit import Action
from ivr.access.model import Right, User
from ivr.archive import index
from ivr.calls import queries
from ivr.dialogue.ports import Clock
from ivr.quality import evaluations, mark_rows, rows
from ivr.quality.evaluations import Evaluation, Judgement
from ivr.quality.form import Form
from ivr.quality.mark_rows import Wanted as MarksWanted
from ivr.quality.model import Verdict
from ivr.quality.sampling import draw
from ivr.quality.settings import EvaluationSettings
from ivr.store import Database
from ivr.web.api.audited import entry_of
from ivr.web.api.cards import NO_CALL, AuditTrail
from ivr.web.api.once import OnceAudited
from ivr.web.api.quality_models import (
    CallJudged,
    DrawnTold,
    EvaluationsQuery,
    EvaluationsTold,
    EvaluationTold,
    HistoryTold,
    Judged,
    MarksQuery,
    MarksTold,
    MarkTold,
    OperatorsTold,
    OperatorTold,
    PeriodQuery,
    QualityWords,
    Resolution,
    SampleQuery,
    SampleTold,
    TalkTold,
    TranscriptTold,
    WordingTold,
)
from ivr.web.api.route import Asked, Refused, Route

NO_RECORDING = "Такой записи нет: её срок хранения прошёл, или её не было."
NO_MARK = "Такой пометки нет: срок хранения записи прошёл. Обновите список."
NO_TALK = "Этот сотрудник в звонке не разговаривал."
NOT_ONESELF = "Свой разговор оценить нельзя: это делает другой руководитель."
WRONG_POINTS = "Критерий «{title}»: выберите балл или «не применимо»."
NOTHING_JUDGED = "Ни один критерий не применим: оценивать нечего."
NO_EVALUATION = "Такой оценки нет."
NOT_SHOWN = "Оценки сотрудникам не показываются: так решено в настройках."
_MOST_MARKS = 500
_LARGEST_ID = 2**63

Everybody = Callable[[], Awaitable[Sequence[User]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class QualityRoutes:
    """`/quality`, and the transcript of a recording.

    Attributes:
        form: The criteria.
        profile: The company's standard.
        users: All users.
        views: Puts down who reads what was said.
        transcribing: Whether recordings are transcribed.
    """

    database: Database
    form: Form
    settings: EvaluationSettings
    profile: str
    users: Everybody
    audit: AuditTrail
    views: OnceAudited
    clock: Clock
    transcribing: bool

    def routes(self) -> list[Route]:
        """All of them."""
        get: Callable[..., Route] = partial(Route, method="GET", right=Right.QUALITY)
        return [
            get(
                path="/recordings/{id}/transcript",
                title="What was said in a recording, by whom and when",
                run=self.transcript,
                answer=TranscriptTold,
            ),
            get(
                path="/quality/words",
                title="The form of evaluations, operators, how far transcripts are",
                run=self.words,
                answer=QualityWords,
            ),
            get(
                path="/quality/marks",
                title="What is to be looked at in talks",
                run=self.marks,
                query=MarksQuery,
                answer=MarksTold,
            ),
            Route(
                method="POST",
                path="/quality/marks/{id}",
                title="Say what a mark is",
                right=Right.QUALITY,
                run=self.resolve,
                body=Resolution,
                answer=MarkTold,
            ),
            get(
                path="/quality/calls/{call_id}",
                title="Who talked in a call and how it was judged",
                run=self.of_call,
                answer=CallJudged,
            ),
            Route(
                method="PUT",
                path="/quality/evaluations/{call_id}/{agent}",
                title="Evaluate a talk, or change one's evaluation of it",
                right=Right.QUALITY,
                run=self.evaluate,
                body=Judged,
                answer=EvaluationTold,
            ),
            get(
                path="/quality/evaluations",
                title="Evaluations, of the latest talks first",
                run=self.evaluations,
                query=EvaluationsQuery,
                answer=EvaluationsTold,
            ),
            get(
                path="/quality/evaluations/{id}/history",
                title="All wordings of an evaluation",
                run=self.history,
                answer=HistoryTold,
            ),
            get(
                path="/quality/operators",
                title="How the talks of each operator were judged",
                run=self.operators,
                query=PeriodQuery,
                answer=OperatorsTold,
            ),
            get(
                path="/quality/sample",
                title="Talks of an operator drawn for evaluation",
                run=self.sample,
                query=SampleQuery,
                answer=SampleTold,
            ),
            Route(
                method="GET",
                path="/quality/own",
                title="One's own evaluations, where operators may read them",
                right=Right.WORK,
                run=self.own,
                query=EvaluationsQuery,
                answer=EvaluationsTold,
            ),
        ]

    # --- what was said -------------------------------------------------------------------------------

    async def transcript(self, asked: Asked) -> TranscriptTold:
        """`GET /recordings/{id}/transcript`; the audit has it before a word is read."""
        recording_id = asked.path["id"]
        recording = await self.database.read(partial(index.one, recording_id=recording_id))
        if recording is None or recording.purge_begun_at:
            raise Refused(404, "no-recording", NO_RECORDING)
        callers = await self.database.read(partial(queries.callers, call_ids=[recording.call_id]))
        subject = callers.get(recording.call_id, "")
        await self.views.viewed(asked, f"transcript {recording_id}", recording.call_id, subject)
        found = await self.database.read(partial(rows.transcript, recording_id=recording_id))
        wanted = MarksWanted(recording_id=recording_id)
        marks = await self.database.read(partial(mark_rows.find, wanted=wanted, limit=_MOST_MARKS))
        return TranscriptTold.of(recording_id, found, sorted(marks, key=lambda mark: mark.at_ms))

    async def words(self, _asked: Asked) -> QualityWords:
        """`GET /quality/words`."""
        return QualityWords.of(
            self.form,
            self.profile,
            agents={user.login: user.name for user in await self.users()},
            sample=self.settings.sample,
            transcribing=self.transcribing,
            progress=await self.database.read(rows.progress),
        )

    # --- marks ---------------------------------------------------------------------------------------

    async def marks(self, asked: Asked) -> MarksTold:
        """`GET /quality/marks`; they show words that operators said."""
        query: MarksQuery = asked.query
        await self.views.viewed(asked, "quality marks", "")
        wanted = MarksWanted(
            verdict=query.verdict,
            kind=query.kind,
            agent=query.agent or None,
            since=query.since,
            until=query.until,
            before=query.before(),
        )
        found = await self.database.read(partial(mark_rows.find, wanted=wanted, limit=query.limit + 1))
        return MarksTold(
            marks=[MarkTold.of(each) for each in found[: query.limit]],
            more=len(found) > query.limit,
            counts=await self.database.read(partial(mark_rows.counts, wanted=wanted)),
        )

    async def resolve(self, asked: Asked) -> MarkTold:
        """`POST /quality/marks/{id}`."""
        body: Resolution = asked.body
        job = partial(
            mark_rows.resolve,
            mark_id=_number(asked.path["id"], NO_MARK),
            verdict=body.verdict,
            note=body.note.strip(),
            who=asked.user.login,
            now=self.clock.now(),
        )
        found = await self.database.write(job)
        if found is None:
            raise Refused(404, "no-such-mark", NO_MARK)
        what = f"quality mark {found.id} {found.verdict}"
        await self.audit.record(
            entry_of(asked, Action.CHANGED, what, subject=found.agent or "", call_id=found.call_id)
        )
        return MarkTold.of(found)

    # --- evaluations ---------------------------------------------------------------------------------

    async def of_call(self, asked: Asked) -> CallJudged:
        """`GET /quality/calls/{call_id}`."""
        call_id = asked.path["call_id"]
        if not await self.database.read(partial(queries.briefs, call_ids=[call_id])):
            raise Refused(404, "no-such-call", NO_CALL)
        wanted = evaluations.Wanted(call_id=call_id)
        found = await self.database.read(partial(evaluations.find, wanted=wanted, limit=_MOST_MARKS))
        return CallJudged(
            call_id=call_id,
            talks=await self._talks(call_id),
            evaluations=[EvaluationTold.of(each) for each in found],
        )

    async def evaluate(self, asked: Asked) -> EvaluationTold:
        """`PUT /quality/evaluations/{call_id}/{agent}`."""
        body: Judged = asked.body
        call_id, agent = asked.path["call_id"], asked.path["agent"]
        if agent == asked.user.login:
            raise Refused(403, "not-oneself", NOT_ONESELF)
        job = partial(
            evaluations.save,
            call_id=call_id,
            agent=agent,
            supervisor=asked.user.login,
            judgement=self._judgement(body),
            now=self.clock.now(),
        )
        saved = await self.database.write(job)
        if saved is None:
            raise Refused(404, "no-such-talk", NO_TALK)
        await self.audit.record(
            entry_of(asked, Action.CHANGED, f"evaluation {saved.id}", subject=agent, call_id=call_id)
        )
        return EvaluationTold.of(saved)

    async def evaluations(self, asked: Asked) -> EvaluationsTold:
        """`GET /quality/evaluations`."""
        query: EvaluationsQuery = asked.query
        return await self._evaluations(query, query.agent or None)

    async def own(self, asked: Asked) -> EvaluationsTold:
        """`GET /quality/own`."""
        if not self.settings.shown_to_operators:
            raise Refused(403, "not-shown", NOT_SHOWN)
        return await self._evaluations(asked.query, asked.user.login)

    async def history(self, asked: Asked) -> HistoryTold:
        """`GET /quality/evaluations/{id}/history`."""
        number = _number(asked.path["id"], NO_EVALUATION)
        found = await self.database.read(partial(evaluations.history, evaluation_id=number))
        if not found:
            raise Refused(404, "no-such-evaluation", NO_EVALUATION)
        return HistoryTold(wordings=[WordingTold.of(each) for each in found])

    async def operators(self, asked: Asked) -> OperatorsTold:
        """`GET /quality/operators`."""
        query: PeriodQuery = asked.query
        judged = evaluations.Wanted(since=query.since, until=query.until)
        marked = MarksWanted(since=query.since, until=query.until)
        averages = await self.database.read(partial(evaluations.averages, wanted=judged))
        marks = await self.database.read(partial(mark_rows.by_agent, wanted=marked))
        names = {user.login: user.name for user in await self.users()}
        none = dict.fromkeys(Verdict, 0)
        told = [
            OperatorTold.of(agent, names.get(agent, agent), averages.get(agent), marks.get(agent, none))
            for agent in {*averages, *marks}
        ]
        return OperatorsTold(operators=sorted(told, key=lambda each: each.name))

    async def sample(self, asked: Asked) -> SampleTold:
        """`GET /quality/sample`."""
        query: SampleQuery = asked.query
        job = partial(
            draw,
            agent=query.agent,
            since=query.since,
            until=query.until,
            count=query.count or self.settings.sample,
            least_seconds=self.settings.least_talk_seconds,
        )
        return SampleTold(talks=[DrawnTold.of(each) for each in await self.database.read(job)])

    # --- what they need -------------------------------------------------------------------------------

    async def _evaluations(self, query: EvaluationsQuery, agent: str | None) -> EvaluationsTold:
        wanted = evaluations.Wanted(
            agent=agent, supervisor=query.supervisor or None, since=query.since, until=query.until
        )
        job = partial(evaluations.find, wanted=wanted, limit=query.limit + 1, offset=query.offset)
        found: list[Evaluation] = await self.database.read(job)
        return EvaluationsTold(
            evaluations=[EvaluationTold.of(each) for each in found[: query.limit]],
            more=len(found) > query.limit,
        )

    async def _talks(self, call_id: str) -> list[TalkTold]:
        legs = await self.database.read(partial(queries.legs, call_id=call_id))
        talks: dict[str, TalkTold] = {}
        for leg in sorted((leg for leg in legs if leg.answered_at), key=lambda leg: str(leg.answered_at)):
            if leg.agent and leg.answered_at and leg.agent not in talks:
                lasted = (leg.ended_at - leg.answered_at).total_seconds() if leg.ended_at else None
                talks[leg.agent] = TalkTold(agent=leg.agent, talk_at=leg.answered_at, seconds=lasted)
        return list(talks.values())

    def _judgement(self, body: Judged) -> Judgement:
        """Raises Refused where points can't be so."""
        wrong = self.form.wrong(body.scores)
        if wrong is not None:
            titles = {each.id: each.title for each in self.form.criteria}
            message = WRONG_POINTS.format(title=titles.get(wrong, wrong))
            raise Refused(422, "wrong-points", message, f"scores.{wrong}")
        percent = self.form.percent(body.scores)
        if percent is None:
            raise Refused(422, "nothing-judged", NOTHING_JUDGED, "scores")
        return Judgement(
            form=self.form.version, scores=body.scores, score=percent, comment=body.comment.strip()
        )


def _number(given: str, message: str) -> int:
    """Raises Refused for what is no id."""
    if given.isascii() and given.isdigit() and int(given) < _LARGEST_ID:
        return int(given)
    raise Refused(404, "no-such-id", message)
