"""Settings of what must not be forgotten: call-backs, lost calls, tasks, the survey."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import time
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from ivr.calls.followup_settings import BlockListSettings, SurveySettings


class _Settings(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class AttemptsSettings(_Settings):
    """Ordered calls that are watched until it is known how they went."""

    unseen_seconds: float = Field(
        default=45.0,
        gt=0,
        description="An ordered call that the exchange has not shown by then was never made, seconds.",
    )
    poll_seconds: float = Field(
        default=5.0, gt=0, description="Ordered calls are looked at so often, besides at events, seconds."
    )


class CallbacksSettings(_Settings):
    """Keeping promises to call."""

    automatic: bool = Field(
        default=True, description="Whether ready operators are rung by themselves; else they take promises."
    )
    queue: str = Field(
        default="clients",
        description="Queue whose operators keep promises made outside queues, by topic those of a group.",
    )
    widen_seconds: float = Field(
        default=120.0,
        ge=0,
        description="A promise that has waited so long is kept by operators of the base queue too, seconds.",
    )
    attempts: int = Field(default=3, ge=1, description="Attempts to reach the client.")
    retry_minutes: float = Field(default=10.0, ge=0, description="Pause between two attempts, minutes.")
    hours_from: time = Field(
        default=time(8), description="Nobody is called before, by the clock where the number is at home."
    )
    hours_until: time = Field(
        default=time(21),
        description="Nobody is called from then on, by the clock where the number is at home.",
    )
    expire_hours: float = Field(
        default=24.0,
        gt=0,
        description="A promise that nobody could keep so long after its time is broken, hours.",
    )
    poll_seconds: float = Field(
        default=2.0, gt=0, description="Promises are looked at so often, besides at events, seconds."
    )

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.hours_from >= self.hours_until:
            raise ValueError("hours_from has to be before hours_until")
        return self


class LostSettings(_Settings):
    """The list of lost callers."""

    short_seconds: float = Field(
        default=5.0, ge=0, description="Who hangs up earlier is no lost caller but a short abandon, seconds."
    )
    catch_up_hours: float = Field(
        default=72.0, gt=0, description="At the start, calls are gone through that ended so long ago, hours."
    )
    show_days: int = Field(default=7, ge=1, description="How long closed rows are shown, days.")


class TasksSettings(_Settings):
    """Answers that are owed to clients."""

    working_days: int = Field(
        default=1, ge=0, description="Term of a deferred answer where the standard states none, working days."
    )
    remind_minutes: float = Field(
        default=60.0, ge=0, description="How long before its time a task is brought to mind, minutes."
    )
    poll_seconds: float = Field(default=20.0, gt=0, description="Terms are looked at so often, seconds.")
    channels: Mapping[str, str] = Field(
        default={
            "phone": "по телефону",
            "email": "по электронной почте",
            "post": "письмом",
            "office": "в офисе",
            "account": "в личном кабинете",
        },
        min_length=1,
        description="How a client may hear the answer: id → title in Russian.",
    )
    callback_failed: str = Field(
        default="Обещали перезвонить и не дозвонились. Свяжитесь с клиентом другим способом.",
        description="What is asked in the task that a broken promise to call leaves.",
    )
    control_call: str = Field(
        default="Контрольный звонок: доволен ли клиент ответом на жалобу № {number}?",
        description="What is asked in the task of a control call; `{number}` is the request's.",
    )


class AfterTalkSettings(_Settings):
    """What becomes of a caller whose talk has ended."""

    settle_seconds: float = Field(
        default=1.5, gt=0, description="How long it is awaited who ended the talk, seconds."
    )
    priority: int = Field(
        default=100, ge=0, description="Priority of a caller whose operator's telephone was lost."
    )
    slice_seconds: int = Field(
        default=60, ge=5, description="How long he waits until the robot speaks to him again, seconds."
    )


class WorkSettings(_Settings):
    """Call-backs, lost calls, tasks, the survey, the block list."""

    attempts: AttemptsSettings = Field(default=AttemptsSettings(), description="Ordered calls.")
    callbacks: CallbacksSettings = Field(default=CallbacksSettings(), description="Promises to call.")
    lost: LostSettings = Field(default=LostSettings(), description="Lost callers.")
    tasks: TasksSettings = Field(default=TasksSettings(), description="Answers that are owed.")
    survey: SurveySettings = Field(default=SurveySettings(), description="The survey after a talk.")
    after_talk: AfterTalkSettings = Field(default=AfterTalkSettings(), description="After a talk.")
    blocklist: BlockListSettings = Field(default=BlockListSettings(), description="Numbers kept away.")
