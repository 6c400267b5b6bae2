"""What the API tells of surveys and control calls."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Literal, Self

from pydantic import AwareDatetime, BaseModel, Field

from ivr.satisfaction.control import ControlFigures, ControlTold
from ivr.satisfaction.formulas import Figure
from ivr.satisfaction.outcomes import Satisfied
from ivr.satisfaction.questionnaires import Questionnaire
from ivr.satisfaction.results import Answers, Comment, Summary
from ivr.satisfaction.service import Among
from ivr.satisfaction.waves import Planned, Wave

WayName = Literal["office", "web", "telephone", "post", "email"]


class FigureTold(BaseModel):
    """A figure with its interval of 95 %; `few`: a small sample."""

    value: float | None
    answers: int
    low: float | None
    high: float | None
    few: bool

    @classmethod
    def of(cls, figure: Figure, few: int) -> Self:
        """As the formulas tell it."""
        return cls(
            value=figure.value,
            answers=figure.answers,
            low=figure.low,
            high=figure.high,
            few=0 < figure.answers < few,
        )


class SummaryTold(BaseModel):
    """Figures of a group of answers: shares are fractions, NPS is from -1 to 1, the score from 1 to 5."""

    answers: int
    csat: FigureTold
    score: FigureTold
    nps: FigureTold
    csi: FigureTold

    @classmethod
    def of(cls, summary: Summary, few: int) -> Self:
        """As the room tells it."""
        return cls(
            answers=summary.answers,
            csat=FigureTold.of(summary.csat, few),
            score=FigureTold.of(summary.score, few),
            nps=FigureTold.of(summary.nps, few),
            csi=FigureTold.of(summary.csi, few),
        )


class GroupTold(SummaryTold):
    """What clients of one group have answered to one questionnaire, or after talks."""

    source: str = Field(description="Id of the questionnaire, or `call`: the survey after a talk.")
    title: str = Field(description="Of the questionnaire; empty for the survey after a talk.")
    segment: str


class ControlSummary(BaseModel):
    """How control calls on complaints went."""

    in_time: FigureTold
    reached: FigureTold
    satisfied: FigureTold
    partly: FigureTold
    score: FigureTold
    continued: int = Field(description="Complaints that follow from them.")

    @classmethod
    def of(cls, figures: ControlFigures, few: int) -> Self:
        """As the room tells it."""
        return cls(
            in_time=FigureTold.of(figures.in_time, few),
            reached=FigureTold.of(figures.reached, few),
            satisfied=FigureTold.of(figures.satisfied, few),
            partly=FigureTold.of(figures.partly, few),
            score=FigureTold.of(figures.score, few),
            continued=figures.continued,
        )


class ControlRow(BaseModel):
    """One control call; numbers in what the client said are masked."""

    request_number: str
    at: AwareDatetime
    in_time: bool
    reached: bool
    satisfied: Satisfied | None
    score: int | None
    words: str = Field(repr=False)
    continued_as: str | None

    @classmethod
    def of(cls, told: ControlTold, words: str) -> Self:
        """As the room tells it, with the words that may be shown."""
        return cls(
            request_number=told.request_number,
            at=told.at,
            in_time=told.in_time,
            reached=told.reached,
            satisfied=told.satisfied,
            score=told.score,
            words=words,
            continued_as=told.continued_as,
        )


class CommentRow(BaseModel):
    """A client's own words; numbers are masked."""

    source: str
    title: str
    question: str
    segment: str
    at: AwareDatetime
    score: int | None
    words: str = Field(repr=False)

    @classmethod
    def of(cls, comment: Comment, title: str, question: str, words: str) -> Self:
        """As the room tells it, with the words that may be shown."""
        return cls(
            source=comment.source,
            title=title,
            question=question,
            segment=comment.segment,
            at=comment.at,
            score=comment.score,
            words=words,
        )


class ResultsQuery(BaseModel):
    """A period and, if wanted, one kind of client."""

    since: date = Field(alias="from", description="Its first day.")
    until: date = Field(alias="to", description="Its last day.")
    segment: Literal["private", "corporate", "any"] | None = None


class ResultsTold(BaseModel):
    """Everything of a period."""

    groups: list[GroupTold]
    control: ControlSummary
    control_calls: list[ControlRow]
    comments: list[CommentRow]


class QuestionTold(BaseModel):
    """The answers to one question; `options` are the texts of the ids in `counts`."""

    id: str
    kind: str
    text: str
    weight: float | None
    figure: FigureTold
    counts: Mapping[str, int]
    options: Mapping[str, str]

    @classmethod
    def of(cls, questionnaire: Questionnaire, answers: Answers, few: int) -> Self:
        """As the room tells it."""
        question = questionnaire.question(answers.question)
        return cls(
            id=answers.question,
            kind=answers.kind.value,
            text=question.text if question else "",
            weight=question.weight if question else None,
            figure=FigureTold.of(answers.figure, few),
            counts=answers.counts,
            options=question.options if question else {},
        )


class PastTold(SummaryTold):
    """A wave that has been."""

    first_day: date
    last_day: date


class OneTold(BaseModel):
    """One questionnaire by questions, and its waves, the oldest first."""

    id: str
    title: str
    segment: str
    questions: list[QuestionTold]
    history: list[PastTold]


class WaveTold(BaseModel):
    """One asking of one group."""

    id: int
    first_day: date
    last_day: date
    sample: int
    invited: int
    answers: int
    closed_at: AwareDatetime | None

    @classmethod
    def of(cls, wave: Wave) -> Self:
        """As the room tells it."""
        return cls(**{name: getattr(wave, name) for name in cls.model_fields})


class PlannedTold(BaseModel):
    """A period of a questionnaire; `clause` is empty where the company has decided so itself."""

    questionnaire: str
    title: str
    segment: str
    first_day: date
    last_day: date
    standing: str
    clause: str
    act_until: date | None = Field(description="Measures are taken until then, by the standard.")
    wave: WaveTold | None

    @classmethod
    def of(cls, planned: Planned, act_until: date | None) -> Self:
        """As the room tells it."""
        return cls(
            questionnaire=planned.questionnaire.id,
            title=planned.questionnaire.title,
            segment=planned.questionnaire.segment.value,
            first_day=planned.span.first,
            last_day=planned.span.last,
            standing=planned.standing.value,
            clause=planned.source.clause if planned.source else "",
            act_until=act_until,
            wave=WaveTold.of(planned.wave) if planned.wave else None,
        )


class WavesTold(BaseModel):
    """How every questionnaire stands now."""

    planned: list[PlannedTold]


class Opened(BaseModel):
    """Which questionnaire; the wave is of the period of today."""

    questionnaire: str = Field(max_length=64)


class Drawn(BaseModel):
    """Of whom, and how many: as many as the sample still lacks where nothing is said."""

    among: Among
    count: int | None = Field(None, ge=1, le=10_000)
    ask: bool = Field(False, description="Whether operators get a task for each.")


class DrawnTold(BaseModel):
    """How many were drawn, and the wave."""

    drawn: int
    asked: int
    wave: WaveTold


class Answered(BaseModel):
    """A questionnaire that was filled in; `answers` by question, as text."""

    key: str = Field(min_length=1, max_length=64)
    client: str | None = Field(None, max_length=64, repr=False)
    way: WayName = "telephone"
    refused: bool = Field(False, description="The client does not want to be asked.")
    answers: Mapping[str, str] = Field(default_factory=dict, repr=False)


class AnsweredTold(BaseModel):
    """`added`, `changed`, `unchanged`, `twice` or `refused`."""

    saved: str


class Sheet(BaseModel):
    """Lines of a CSV file with its heading as the first one; long files come in parts."""

    csv: str = Field(min_length=1, max_length=60_000, repr=False)


class BadLineTold(BaseModel):
    """A line that was left out; `line` counts the heading as the first one."""

    line: int
    column: str


class SheetTold(BaseModel):
    """What became of the lines."""

    added: int
    changed: int
    unchanged: int
    twice: int
    refused: int
    bad: list[BadLineTold]
    ignored: list[str]


class ControlDone(BaseModel):
    """What a control call came to; without an answer of the client only `reached`."""

    reached: bool
    satisfied: Satisfied | None = None
    score: int | None = Field(None, ge=1, le=5)
    words: str = Field("", max_length=2_000, repr=False)


class ControlDoneTold(BaseModel):
    """Number of the complaint that follows, where the client is not satisfied."""

    continued_as: str | None
