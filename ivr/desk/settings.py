"""Settings of the desk: operators, who serves whom, how callers wait, and what people do with calls."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

from ivr.desk.settings_cards import CardsSettings
from ivr.desk.settings_talks import TalksSettings
from ivr.desk.settings_work import WorkSettings


class _Settings(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class AfterWrapUp(StrEnum):
    """What follows when the time for wrap-up is over."""

    READY = "ready"  # the next call may come
    PAUSED = "paused"  # the operator says himself when


class AfterHours(StrEnum):
    """What becomes of those who wait when the operators' hours end."""

    SERVE = "serve"  # they are served as long as somebody is there
    CALLBACK = "callback"  # they are promised a call


class AgentsSettings(_Settings):
    """States of operators."""

    pause_reasons: Mapping[str, str] = Field(
        default={
            "break": "Перерыв",
            "lunch": "Обед",
            "meeting": "Совещание",
            "training": "Обучение",
            "paperwork": "Работа с обращениями",
            "technical": "Техническая неполадка",
        },
        min_length=1,
        description="Reasons of a pause that an operator may choose: id → title in Russian.",
    )
    own_reasons: Mapping[str, str] = Field(
        default={
            "sign-in": "Начало работы",
            "missed": "Звонки без ответа",
            "unreachable": "Телефон не на связи",
            "wrap-up": "Время на оформление вышло",
            "listening": "Слушает разговор",
        },
        description="Titles in Russian of the pauses that are made without the operator: id → title.",
    )
    missed_calls: int = Field(
        default=2, ge=1, description="After so many calls in a row that were not taken he is paused."
    )
    missed_ring_seconds: float = Field(
        default=5.0, ge=0, description="A ring that went unanswered counts as missed from here on, seconds."
    )
    wrap_up_seconds: int | None = Field(
        default=None, ge=0, description="Time for wrap-up, seconds; none: as the call's standard says."
    )
    wrap_up_default_seconds: int = Field(
        default=60, ge=0, description="Time for wrap-up where neither setting nor standard says one, seconds."
    )
    prolong_seconds: int = Field(default=60, ge=1, description="By how much wrap-up is prolonged, seconds.")
    prolongations: int = Field(default=2, ge=0, description="How often wrap-up of one call is prolonged.")
    after_wrap_up: AfterWrapUp = Field(
        default=AfterWrapUp.READY, description="What follows when wrap-up ran out: ready or paused."
    )
    reserved_seconds: int = Field(
        default=45,
        ge=5,
        description="An operator kept for a call-back is let go after so long without a ring, seconds.",
    )
    reserve_within_seconds: float = Field(
        default=2.0, gt=0, description="Limit for Asterisk to keep callers away for a call-back, seconds."
    )
    unreachable_seconds: int = Field(
        default=900,
        ge=10,
        description="An operator whose telephone is not to be reached is signed out after so long, seconds.",
    )
    retry_seconds: float = Field(
        default=1.0, gt=0, description="Pause before Asterisk is asked again after a failure, seconds."
    )
    tick_seconds: float = Field(
        default=1.0, gt=0, description="How often time limits and queues are looked at, seconds."
    )


class RoutingSettings(_Settings):
    """Who serves whom, and who goes first. Of several reasons for a priority the greatest counts."""

    widen_seconds: int = Field(
        default=60,
        ge=0,
        description="From this wait on the base queue's operators serve its groups, seconds; at once while"
        " nobody with the skill serves.",
    )
    narrow_seconds: int = Field(
        default=15, ge=0, description="Below this longest wait a widened queue is narrow again, seconds."
    )
    returning: int = Field(
        default=2, ge=0, description="Priority of who was lost lately or has an open task."
    )
    promised: int = Field(default=3, ge=0, description="Priority of who was promised a call, and calls.")
    accessible: int = Field(default=2, ge=0, description="Priority of who needs it easier.")
    overdue: int = Field(default=5, ge=0, description="Priority near the longest wait of the standard.")
    interrupted: int = Field(default=9, ge=0, description="Priority of who lost his operator in mid-call.")


class EstimateSettings(_Settings):
    """The waiting time that callers are told."""

    handling_seconds: int = Field(
        default=180, ge=1, description="Talk and wrap-up of a call before any were measured, seconds."
    )
    handling_weight: int = Field(default=5, ge=0, description="For how many calls that figure stands.")
    handling_calls: int = Field(default=50, ge=1, description="The last so many calls of a queue count.")


class WaitingSettings(_Settings):
    """How callers wait."""

    slice_seconds: int = Field(
        default=60, ge=10, description="So long a caller waits before the robot may speak again, seconds."
    )
    shortest_slice_seconds: int = Field(
        default=10, ge=1, description="No slice is shorter, whatever is to be done then, seconds."
    )
    offer_seconds: int = Field(
        default=180, ge=0, description="From this expected wait on a call-back is offered, seconds."
    )
    max_wait_seconds: int = Field(
        default=600, ge=30, description="Longest wait where the standard says none, seconds."
    )
    act_before_seconds: int = Field(
        default=180,
        ge=10,
        description="So long before the longest wait he goes first and everybody serves him, seconds.",
    )
    after_hours: AfterHours = Field(
        default=AfterHours.SERVE, description="Who waits when the hours end: serve or callback."
    )
    overflow: Mapping[str, str] = Field(
        default={}, description="Queue → the queue that takes over from it after overflow_seconds."
    )
    overflow_seconds: int = Field(
        default=300, ge=0, description="From this wait on a caller goes to the overflow queue, seconds."
    )
    away_seconds: int = Field(
        default=60,
        ge=5,
        description="Who left a queue and did not come back within so long waits no more, seconds.",
    )


class ListeningSettings(_Settings):
    """Supervisors who listen to talks."""

    tell_operator: bool = Field(
        default=True, description="Whether an operator's page shows that somebody listens to his talk."
    )


class DeskSettings(_Settings):
    """Where people answer."""

    agents: AgentsSettings = Field(default=AgentsSettings(), description="States of operators.")
    routing: RoutingSettings = Field(default=RoutingSettings(), description="Who serves whom.")
    estimate: EstimateSettings = Field(default=EstimateSettings(), description="Expected waits.")
    waiting: WaitingSettings = Field(default=WaitingSettings(), description="How callers wait.")
    cards: CardsSettings = Field(default=CardsSettings(), description="What is shown of a call.")
    talks: TalksSettings = Field(default=TalksSettings(), description="What an operator does with a call.")
    listening: ListeningSettings = Field(
        default=ListeningSettings(), description="Supervisors who listen to talks."
    )
    work: WorkSettings = Field(default=WorkSettings(), description="What must not be forgotten.")
