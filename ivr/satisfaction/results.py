"""What clients have answered, as figures by questionnaire, segment and period; jobs for `Database.read`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Select, select

from ivr.calls.followup_tables import survey_answers
from ivr.calls.surveys import LEAST, MOST
from ivr.calls.tables import calls
from ivr.satisfaction import formulas
from ivr.satisfaction.formulas import Figure
from ivr.satisfaction.model import Mark
from ivr.satisfaction.questionnaires import Kind, Questionnaire
from ivr.satisfaction.rows import marks_of
from ivr.satisfaction.tables import survey_marks, survey_replies, survey_waves

_CHUNK = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which answers; None leaves a condition out.

    Attributes:
        since: The first moment.
        until: The moment right after the last one.
        profiles: Ids of standards.
    """

    since: datetime | None = None
    until: datetime | None = None
    profiles: Sequence[str] | None = None
    segment: str | None = None
    questionnaire: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """One questionnaire that was filled in."""

    questionnaire: str
    segment: str
    first_day: date
    last_day: date
    answered_at: datetime
    marks: Sequence[Mark]


@dataclass(frozen=True, slots=True)
class Summary:
    """The figures of some replies.

    Attributes:
        csat: Share of 4 and 5 of the overall score.
        score: Mean of the overall score.
        nps: From -1 to 1; without data where nobody is asked for it.
        csi: From 0 to 1; likewise.
    """

    answers: int
    csat: Figure
    score: Figure
    nps: Figure
    csi: Figure


@dataclass(frozen=True, slots=True)
class Answers:
    """The answers to one question.

    Attributes:
        figure: Mean of scores, NPS, share of yes; without data for choices and words.
        counts: How often each answer was given: scores as text, ids of options.
    """

    question: str
    kind: Kind
    figure: Figure
    counts: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Comment:
    """A client's own words; personal.

    Attributes:
        source: Id of the questionnaire, or `call` for the survey after a talk.
        question: Its id; `why` after a talk.
        score: The overall score that goes with them, if there is one.
    """

    source: str
    question: str
    segment: str
    at: datetime
    score: int | None
    words: str


def replies(connection: Connection, wanted: Wanted) -> list[Reply]:
    """Those that are wanted, the oldest first."""
    found = connection.execute(_asked_for(wanted)).all()
    marks: dict[int, list[Mark]] = {}
    for start in range(0, len(found), _CHUNK):
        marks |= marks_of(connection, [row.id for row in found[start : start + _CHUNK]])
    return [
        Reply(
            questionnaire=row.questionnaire,
            segment=row.segment,
            first_day=row.first_day,
            last_day=row.last_day,
            answered_at=row.answered_at,
            marks=marks.get(row.id, []),
        )
        for row in found
    ]


def _asked_for(wanted: Wanted) -> Select[Any]:
    columns, wave = survey_replies.c, survey_waves.c
    query = (
        select(
            columns.id,
            wave.questionnaire,
            columns.segment,
            wave.first_day,
            wave.last_day,
            columns.answered_at,
        )
        .join(survey_waves, wave.id == columns.wave_id)
        .order_by(columns.answered_at, columns.id)
    )
    if wanted.since is not None:
        query = query.where(columns.answered_at >= wanted.since)
    if wanted.until is not None:
        query = query.where(columns.answered_at < wanted.until)
    if wanted.profiles is not None:
        query = query.where(columns.profile.in_(list(wanted.profiles)))
    if wanted.segment is not None:
        query = query.where(columns.segment == wanted.segment)
    if wanted.questionnaire is not None:
        query = query.where(wave.questionnaire == wanted.questionnaire)
    return query


def summary(of: Sequence[Reply]) -> Summary:
    """The figures of some replies."""
    overall = [score for reply in of for score in _scores(reply, lambda mark: mark.overall)]
    recommend = [score for reply in of for score in _scores(reply, lambda mark: mark.kind is Kind.NPS)]
    return Summary(
        answers=len(of),
        csat=formulas.csat(overall),
        score=formulas.mean_score(overall),
        nps=formulas.nps(recommend),
        csi=_csi(of),
    )


def _scores(reply: Reply, wanted: Callable[[Mark], bool]) -> list[int]:
    return [mark.score for mark in reply.marks if mark.score is not None and wanted(mark)]


def _csi(of: Sequence[Reply]) -> Figure:
    """Each reply by the weights with which it was asked, so that a changed questionnaire harms nothing."""
    indices = []
    for reply in of:
        judged = [mark for mark in reply.marks if mark.weight is not None and mark.score is not None]
        weights = {mark.question: mark.weight or 0.0 for mark in judged}
        one = formulas.index({mark.question: mark.score or 0 for mark in judged}, weights)
        if one is not None:
            indices.append(one)
    return formulas.mean(indices, 0.0, 1.0)


def by_question(questionnaire: Questionnaire, of: Iterable[Reply]) -> list[Answers]:
    """The answers to each question, in the order of the questionnaire."""
    marks: dict[str, list[Mark]] = {}
    for reply in of:
        for mark in reply.marks:
            marks.setdefault(mark.question, []).append(mark)
    return [_answers(each.id, each.kind, marks.get(each.id, [])) for each in questionnaire.questions]


def _answers(question: str, kind: Kind, marks: Sequence[Mark]) -> Answers:
    scores = [mark.score for mark in marks if mark.score is not None]
    told = [str(score) for score in scores] + [mark.choice for mark in marks if mark.choice is not None]
    if kind is Kind.WORDS:
        return Answers(question, kind, Figure(None, len(marks)), {})
    return Answers(question, kind, _figure(kind, scores), Counter(told))


def _figure(kind: Kind, scores: Sequence[int]) -> Figure:
    if kind is Kind.SCORE:
        return formulas.mean_score(scores)
    if kind is Kind.NPS:
        return formulas.nps(scores)
    return formulas.share(sum(scores), len(scores)) if kind is Kind.YES_NO else formulas.NOTHING


# --- the survey after a talk ---


def after_talks(connection: Connection, wanted: Wanted) -> list[tuple[str, int]]:
    """Segment of the line and score of every answer to the survey after a talk."""
    query = _of_calls(wanted, select(calls.c.segment, survey_answers.c.score))
    scored = query.where(survey_answers.c.score.between(LEAST, MOST))
    return [(row.segment or "any", row.score) for row in connection.execute(scored)]


def scores(of: Sequence[int]) -> Summary:
    """The figures of bare scores."""
    return Summary(len(of), formulas.csat(of), formulas.mean_score(of), formulas.NOTHING, formulas.NOTHING)


def _of_calls(wanted: Wanted, query: Select[Any]) -> Select[Any]:
    query = query.join(calls, calls.c.call_id == survey_answers.c.call_id)
    if wanted.since is not None:
        query = query.where(calls.c.came_at >= wanted.since)
    if wanted.until is not None:
        query = query.where(calls.c.came_at < wanted.until)
    if wanted.profiles is not None:
        query = query.where(calls.c.profile.in_(list(wanted.profiles)))
    return query if wanted.segment is None else query.where(calls.c.segment == wanted.segment)


# --- words ---


def comments(connection: Connection, wanted: Wanted, limit: int) -> list[Comment]:
    """What clients have said in their own words, the newest first."""
    found = [*_of_replies(connection, wanted, limit)]
    if wanted.questionnaire is None:
        found += _after_talks(connection, wanted, limit)
    return sorted(found, key=lambda comment: comment.at, reverse=True)[:limit]


def _of_replies(connection: Connection, wanted: Wanted, limit: int) -> Iterable[Comment]:
    said = _asked_for(wanted).join(survey_marks, survey_marks.c.reply_id == survey_replies.c.id)
    query = said.add_columns(survey_marks.c.question, survey_marks.c.words).where(
        survey_marks.c.words.is_not(None)
    )
    newest = query.order_by(None).order_by(survey_replies.c.answered_at.desc()).limit(limit)
    found = connection.execute(newest).mappings().all()
    marks = marks_of(connection, [row["id"] for row in found])
    for row in found:
        overall = [mark.score for mark in marks.get(row["id"], []) if mark.overall]
        yield Comment(
            source=row["questionnaire"],
            question=row["question"],
            segment=row["segment"],
            at=row["answered_at"],
            score=overall[0] if overall else None,
            words=row["words"],
        )


def _after_talks(connection: Connection, wanted: Wanted, limit: int) -> Iterable[Comment]:
    columns = survey_answers.c
    query = _of_calls(wanted, select(calls.c.segment, columns.answered_at, columns.score, columns.why))
    said = query.where(columns.why.is_not(None), columns.answered_at.is_not(None))
    for row in connection.execute(said.order_by(columns.answered_at.desc()).limit(limit)):
        yield Comment(
            source="call",
            question="why",
            segment=row.segment or "any",
            at=row.answered_at,
            score=row.score,
            words=row.why,
        )
