"""Surveys and control calls by campaigns, joined with the room that keeps opinions."""

from __future__ import annotations

from collections.abc import Mapping

import structlog

from ivr.campaigns.ports import Opinion, OpinionOf
from ivr.desk.conflicts import Conflict
from ivr.kpi.profiles.duties import SurveyWay
from ivr.satisfaction.control import ControlResults
from ivr.satisfaction.model import Mark, NewReply, mark_of
from ivr.satisfaction.outcomes import ControlResult, Satisfied
from ivr.satisfaction.questionnaires import Kind, Questionnaire
from ivr.satisfaction.service import Closed, NoSuch, Satisfaction

log = structlog.get_logger(__name__)

BY = "campaign"
"""Who has asked: nobody signed in."""

_SATISFIED: Mapping[str, Satisfied] = {
    "wholly": Satisfied.YES,
    "partly": Satisfied.PARTLY,
    "not": Satisfied.NO,
}


class TalkOpinions:
    """`Opinions` of the campaigns' ports."""

    def __init__(self, surveys: Satisfaction, control: ControlResults) -> None:
        self._surveys = surveys
        self._control = control

    async def take(self, opinion: Opinion) -> None:
        """As `Opinions.take`."""
        if opinion.answers.get("refused"):
            await self._surveys.refuse(opinion.client)
        if opinion.of is OpinionOf.SURVEY:
            await self._reply(opinion)
        else:
            await self._checked(opinion)

    async def _reply(self, opinion: Opinion) -> None:
        questionnaire = self._surveys.questionnaires.get(opinion.questionnaire)
        if questionnaire is None:
            return
        marks = _marks(questionnaire, opinion.answers)
        if not marks:
            return
        reply = NewReply(
            key=f"{BY}:{opinion.attempt_id}",
            client=opinion.client,
            way=SurveyWay.TELEPHONE.value,
            answered_at=opinion.at,
            taken_by=BY,
            marks=marks,
        )
        try:
            wave = await self._surveys.wave_of(questionnaire.id, opinion.at.date(), BY)
            (saved,) = await self._surveys.save(wave.id, [reply])
        except (Closed, NoSuch):
            log.warning("satisfaction.wave-closed", questionnaire=questionnaire.id)
        else:
            log.info("satisfaction.answered", questionnaire=questionnaire.id, saved=saved)

    async def _checked(self, opinion: Opinion) -> None:
        satisfied = _SATISFIED.get(opinion.answers.get("satisfied", ""))
        if satisfied is None:
            return  # he was not reached: the control call stays with the operators
        task_id = await self._control.of_request(opinion.request_number)
        if task_id is None:
            log.warning("satisfaction.no-control-call")
            return
        result = ControlResult(
            reached=True,
            satisfied=satisfied,
            score=_score(opinion.answers),
            follows=_follows(opinion.answers),
        )
        try:
            await self._control.finish(task_id, BY, result)
        except Conflict:
            log.info("satisfaction.control-closed-already")


def _marks(questionnaire: Questionnaire, answers: Mapping[str, str]) -> list[Mark]:
    """The score is that of the overall question, the words those of the first one that wants some."""
    overall = next(each for each in questionnaire.questions if each.overall)
    words = next((each for each in questionnaire.questions if each.kind is Kind.WORDS), None)
    score = _score(answers)
    found = [mark_of(overall, str(score))] if score is not None else []
    if words is not None:
        found.append(mark_of(words, answers.get("words", "")))
    return [mark for mark in found if mark is not None]


def _score(answers: Mapping[str, str]) -> int | None:
    text = answers.get("score", "")
    return int(text) if text in {"1", "2", "3", "4", "5"} else None


def _follows(answers: Mapping[str, str]) -> str | None:
    """The complaint that the client has made in the talk; empty: he wants none; None: he has not said."""
    return "" if answers.get("declined") else answers.get("request_number")
