"""Transcripts, marks and evaluations as the API tells them."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal, Self

from pydantic import AwareDatetime, BaseModel, Field

from ivr.quality.evaluations import Average, Change, Evaluation
from ivr.quality.form import Criterion, Form
from ivr.quality.mark_rows import Found
from ivr.quality.model import MarkKind, Side, State, Transcript, Utterance, Verdict
from ivr.quality.rows import Progress
from ivr.quality.sampling import Drawn


class UtteranceTold(BaseModel):
    """Something that was said; milliseconds from the beginning of the recording."""

    side: Side
    agent: str | None = Field(description="Login of the operator whose talk it is in.")
    begin_ms: int
    end_ms: int
    text: str = Field(repr=False)
    confidence: float = Field(description="0 to 1.")

    @classmethod
    def of(cls, said: Utterance) -> Self:
        """As it is told."""
        return cls(
            side=said.side,
            agent=said.agent,
            begin_ms=said.begin,
            end_ms=said.end,
            text=said.text,
            confidence=said.confidence,
        )


class MarkTold(BaseModel):
    """Something to be looked at; where in the recording in milliseconds."""

    id: int
    recording_id: str
    call_id: str
    kind: MarkKind
    at_ms: int
    agent: str | None
    rule: str = Field(description="What was asked or forbidden, in Russian.")
    clause: str = Field(description="Of the standard; empty: the company asks so.")
    words: str = Field(repr=False)
    talk_at: AwareDatetime
    verdict: Verdict
    resolved_at: AwareDatetime | None
    resolved_by: str | None
    note: str = Field(repr=False)

    @classmethod
    def of(cls, found: Found) -> Self:
        """As it is told."""
        return cls(**{name: getattr(found, name) for name in cls.model_fields})


class TranscriptTold(BaseModel):
    """What was said in a recording; `state` none: nobody writes it down."""

    recording_id: str
    state: State | Literal["none"]
    reason: str = Field(description="Why the last attempt failed; empty where none did.")
    done_at: AwareDatetime | None = None
    utterances: list[UtteranceTold] = []
    marks: list[MarkTold] = []

    @classmethod
    def of(cls, recording_id: str, found: Transcript | None, marks: list[Found]) -> Self:
        """As it is told."""
        if found is None:
            return cls(recording_id=recording_id, state="none", reason="")
        return cls(
            recording_id=recording_id,
            state=found.state,
            reason=found.reason,
            done_at=found.done_at,
            utterances=[UtteranceTold.of(each) for each in found.utterances],
            marks=[MarkTold.of(each) for each in marks],
        )


class MarksQuery(BaseModel):
    """Which marks; what is empty does not matter."""

    verdict: Verdict | None = None
    kind: MarkKind | None = None
    agent: str = Field("", max_length=64)
    since: AwareDatetime | None = Field(None, alias="from", description="The talk began then or later.")
    until: AwareDatetime | None = Field(None, alias="to", description="It began before.")
    before_at: AwareDatetime | None = Field(None, description="`talk_at` of the last one of the page before.")
    before_id: int | None = Field(None, description="Its id.")
    limit: int = Field(50, ge=1, le=200)

    def before(self) -> tuple[datetime, int] | None:
        """The last one of the page before."""
        return None if self.before_at is None or self.before_id is None else (self.before_at, self.before_id)


class MarksTold(BaseModel):
    """A page, of the latest talks first; `counts`: all by verdict, also of recordings that are gone."""

    marks: list[MarkTold]
    more: bool
    counts: dict[Verdict, int]


class Resolution(BaseModel):
    """What a mark is."""

    verdict: Verdict
    note: str = Field("", max_length=500, repr=False)


class CriterionTold(BaseModel):
    """What a talk is judged by; `levels` are the names of 0, 1, … points."""

    id: str
    title: str
    asks: str
    weight: float
    levels: list[str]
    critical: bool
    clause: str = Field(description="Of the company's standard; empty: the company asks so.")

    @classmethod
    def of(cls, criterion: Criterion, profile: str) -> Self:
        """By a company's standard."""
        plain = {name: getattr(criterion, name) for name in ("id", "title", "asks", "weight", "critical")}
        return cls(**plain, levels=list(criterion.levels), clause=criterion.clauses.get(profile, ""))


class QualityWords(BaseModel):
    """What the page chooses from, and how far the transcripts are."""

    version: int
    criteria: list[CriterionTold]
    agents: dict[str, str] = Field(description="Login → name.")
    sample: int = Field(description="Talks an operator and month that are drawn.")
    transcribing: bool
    waiting: int
    done: int
    given_up: int

    @classmethod
    def of(
        cls,
        form: Form,
        profile: str,
        *,
        agents: dict[str, str],
        sample: int,
        transcribing: bool,
        progress: Progress,
    ) -> Self:
        """As it is told."""
        return cls(
            version=form.version,
            criteria=[CriterionTold.of(each, profile) for each in form.criteria],
            agents=agents,
            sample=sample,
            transcribing=transcribing,
            waiting=progress.waiting,
            done=progress.done,
            given_up=sum(progress.given_up.values()),
        )


class Judged(BaseModel):
    """What a supervisor found: points of every criterion, null where it does not apply."""

    scores: dict[str, int | None] = Field(max_length=100)
    comment: str = Field("", max_length=2000, repr=False)


class EvaluationTold(BaseModel):
    """An evaluation; `score` in percent."""

    id: int
    call_id: str
    agent: str
    supervisor: str
    talk_at: AwareDatetime
    form: int
    scores: dict[str, int | None]
    score: float
    comment: str = Field(repr=False)
    made_at: AwareDatetime
    changed_at: AwareDatetime

    @classmethod
    def of(cls, found: Evaluation) -> Self:
        """As it is told."""
        return cls(**{name: getattr(found, name) for name in cls.model_fields})


class EvaluationsQuery(BaseModel):
    """Which evaluations; what is empty does not matter."""

    agent: str = Field("", max_length=64)
    supervisor: str = Field("", max_length=64)
    since: AwareDatetime | None = Field(None, alias="from", description="The talk began then or later.")
    until: AwareDatetime | None = Field(None, alias="to", description="It began before.")
    limit: int = Field(100, ge=1, le=500)
    offset: int = Field(0, ge=0)


class EvaluationsTold(BaseModel):
    """Of the latest talks first."""

    evaluations: list[EvaluationTold]
    more: bool


class WordingTold(BaseModel):
    """A wording of an evaluation."""

    at: AwareDatetime
    scores: dict[str, int | None]
    score: float
    comment: str = Field(repr=False)

    @classmethod
    def of(cls, change: Change) -> Self:
        """As it is told."""
        judged = change.judgement
        return cls(at=change.at, scores=dict(judged.scores), score=judged.score, comment=judged.comment)


class HistoryTold(BaseModel):
    """All wordings of an evaluation, the first one first."""

    wordings: list[WordingTold]


class TalkTold(BaseModel):
    """Who talked in a call; seconds are null while he talks."""

    agent: str
    talk_at: AwareDatetime
    seconds: float | None


class CallJudged(BaseModel):
    """The talks of a call and what was found of them."""

    call_id: str
    talks: list[TalkTold]
    evaluations: list[EvaluationTold]


class PeriodQuery(BaseModel):
    """A period of talks."""

    since: AwareDatetime = Field(alias="from")
    until: AwareDatetime = Field(alias="to", description="Not included.")


class OperatorTold(BaseModel):
    """How an operator's talks were judged; `score` in percent, `criteria` in points, each a mean."""

    agent: str
    name: str
    evaluations: int
    score: float | None
    criteria: dict[str, float]
    marks: dict[Verdict, int]

    @classmethod
    def of(cls, agent: str, name: str, average: Average | None, marks: dict[Verdict, int]) -> Self:
        """As it is told."""
        return cls(
            agent=agent,
            name=name,
            evaluations=average.count if average else 0,
            score=average.score if average else None,
            criteria=dict(average.criteria) if average else {},
            marks=marks,
        )


class OperatorsTold(BaseModel):
    """By name; those without evaluations and marks are left out."""

    operators: list[OperatorTold]


class SampleQuery(PeriodQuery):
    """Whose talks are drawn."""

    agent: str = Field(min_length=1, max_length=64)
    count: int | None = Field(None, ge=1, le=100, description="How many; without it, as is set.")


class DrawnTold(BaseModel):
    """A talk that is to be evaluated."""

    call_id: str
    agent: str
    talk_at: AwareDatetime
    seconds: float
    topic: str | None
    evaluated: bool

    @classmethod
    def of(cls, drawn: Drawn) -> Self:
        """As it is told."""
        values: dict[str, Any] = {name: getattr(drawn, name) for name in cls.model_fields}
        return cls(**values)


class SampleTold(BaseModel):
    """Talks that were drawn, those that wait for an evaluation first."""

    talks: list[DrawnTold]
