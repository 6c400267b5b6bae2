"""Settings of reports that are made and delivered by themselves."""

from __future__ import annotations

from datetime import time
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, model_validator

from ivr.kpi.breakdown import By
from ivr.kpi.papers.kinds import Form
from ivr.kpi.papers.spans import Span

Folder = Annotated[Path, AfterValidator(Path.absolute)]
_ADDRESS = r"^[^@\s,;<>]+@[^@\s,;<>]+$"


class _Settings(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Order(_Settings):
    """A report that is made after each period; to a folder, by e-mail, or both."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,47}$", description="Of its files; unique.")
    standard: str | None = Field(None, description="Profile; left out: the company's.")
    period: Span = Field(Span.MONTH, description="day, week, month or quarter.")
    at: time = Field(time(7), description="When it is made, on the day after the period.")
    formats: tuple[Form, ...] = Field((Form.XLSX,), min_length=1, description="text, json, csv, xlsx, html.")
    by: tuple[By, ...] = Field((), description="Breakdowns; left out: the usual ones of the format.")
    folder: Folder | None = Field(None, description="Where its files are put.")
    email: tuple[Annotated[str, Field(pattern=_ADDRESS)], ...] = Field((), description="Who it is sent to.")

    @model_validator(mode="after")
    def _goes_somewhere(self) -> Self:
        if self.folder is None and not self.email:
            raise ValueError("name a folder or whom it is sent to")
        return self


class Security(StrEnum):
    """How a connection to the mail server is kept private."""

    NONE = "none"
    STARTTLS = "starttls"
    TLS = "tls"


class MailSettings(_Settings):
    """The server that takes mail."""

    host: str = Field(description="Its name or address.")
    port: int = Field(587, ge=1, le=65_535, description="TCP port.")
    security: Security = Field(
        Security.STARTTLS, description="none, starttls or tls; certificates are checked."
    )
    user: str | None = Field(None, description="Name to sign in with; left out: nobody signs in.")
    password: SecretStr = Field(SecretStr(""), description="Password.")
    sender: str = Field(pattern=_ADDRESS, description="Address that mail comes from.")
    timeout_seconds: float = Field(30.0, gt=0, description="Longest time for a message, seconds.")


class DeliverySettings(_Settings):
    """What is done when a report can't be delivered."""

    poll_seconds: float = Field(20.0, gt=0, description="How often it is looked whether one is due, seconds.")
    first_pause_seconds: float = Field(
        60.0, gt=0, description="Pause after a failed delivery, seconds; doubled each time."
    )
    longest_pause_seconds: float = Field(3_600.0, gt=0, description="The longest such pause, seconds.")
    attempts: int = Field(30, ge=1, description="So many attempts, then it is given up.")
    catch_up: int = Field(
        31, ge=1, le=366, description="Most periods that are made good after a time out of work."
    )
