"""Settings of surveys."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, field_validator

from ivr.satisfaction.outcomes import ControlResult, Satisfied


class SatisfactionSettings(BaseModel):
    """Where questionnaires are, and what the standards leave open."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    folder: Path = Field(Path("metrics/questionnaires"), description="Folder of the questionnaires (YAML).")
    since: date | None = Field(
        None,
        description="From this day on each period of a standard needs its survey, and is late without one; "
        "without a day that is so after the first survey of a questionnaire.",
    )
    few_answers: int = Field(
        30, ge=2, description="Figures of fewer answers are shown as those of a small sample."
    )
    callers_days: int = Field(
        180, ge=1, description="A sample of callers is drawn from those who called within so many days."
    )
    complaint: str = Field(
        "Контрольный звонок: клиент не удовлетворён ответом на жалобу {number}. {words}",
        description="Text of the complaint that follows from a control call, `{number}` of the one before.",
    )
    continued: str = Field(
        "Контрольный звонок: клиент не удовлетворён, зарегистрирована жалоба {number}.",
        description="What is noted on the complaint before; `{number}` is of the one that follows.",
    )
    outcomes: dict[str, str] = Field(
        {
            "yes": "Клиент удовлетворён.",
            "partly": "Клиент удовлетворён частично.",
            "no": "Клиент не удовлетворён.",
            "not-reached": "Клиент не ответил.",
            "score": "Оценка: {score}.",
        },
        description="What is written on a control call that is over, by what it came to.",
    )
    comments: int = Field(200, ge=1, le=1000, description="Most words of clients that are shown at once.")

    @field_validator("outcomes")
    @classmethod
    def _all_of_them(cls, outcomes: dict[str, str]) -> dict[str, str]:
        missing = {*Satisfied, "not-reached", "score"} - outcomes.keys()
        if missing:
            raise ValueError(f"there is no text for {sorted(missing)[0]}")
        return outcomes

    def said(self, result: ControlResult) -> str:
        """What is written on a control call with this result; personal."""
        if not result.reached or result.satisfied is None:
            return " ".join(part for part in (self.outcomes["not-reached"], result.words) if part)
        score = self.outcomes["score"].format(score=result.score) if result.score else ""
        return " ".join(part for part in (self.outcomes[result.satisfied], score, result.words) if part)
