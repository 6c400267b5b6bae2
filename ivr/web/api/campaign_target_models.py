"""Targets as they are sent to the API, and what it tells of them."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, Field, StringConstraints

from ivr.campaigns.importing.journal import ImportState
from ivr.customers.model import Segment

Key = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9-]{8,64}$")]


class UploadQuery(BaseModel):
    """How a file of targets is known: the same `key` is the same file, however often it is sent."""

    key: Key
    name: str = Field(min_length=1, max_length=200, description="Of the file, with its ending.")


class Rows(BaseModel):
    """A list of targets; long ones come in parts, each with a key of its own."""

    key: Key
    rows: list[Mapping[str, str | float | None]] = Field(min_length=1, max_length=1_000, repr=False)


class Debts(BaseModel):
    """Which debtors of the company's own tables; what is not told does not matter."""

    key: Key
    least: Decimal = Field(gt=0, description="Roubles.")
    most: Decimal | None = Field(None, gt=0, description="Roubles.")
    months: int | None = Field(
        None,
        ge=1,
        le=120,
        description="In debt for so many months or longer, as billing's `debt_since` tells.",
    )
    segment: Segment | None = None
    settlements: tuple[str, ...] = Field((), max_length=50)
    streets: tuple[str, ...] = Field((), max_length=50)


class BadLineTold(BaseModel):
    """What is wrong with a line, the heading counted as the first; `left_out`: the whole line was."""

    line: int
    field: str
    why: str
    fix: str
    left_out: bool


class ImportTold(BaseModel):
    """What became of a list of targets; `lines` are the first of the `complaints`."""

    key: str
    state: ImportState = Field(
        description="stopped: somebody broke it off; lost: the engine was stopped in the middle of it."
    )
    name: str = Field(description="Of the file, or what it is instead of one.")
    at: AwareDatetime = Field(description="When it was handed in.")
    by: str = Field(description="Name of who handed it in.")
    read: int = Field(0, description="Lines so far, the heading and empty ones left out.")
    new: int = 0
    known: int = 0
    repeated: int = Field(0, description="Lines left out because an earlier one has the same person.")
    refused: int = Field(0, description="Lines left out because something is wrong with them.")
    complaints: int = 0
    lines: list[BadLineTold] = []
    ignored: list[str] = Field([], description="Columns that nobody knows.")
    fault: str = ""
    fix: str = ""


class ImportsTold(BaseModel):
    """The last imports of a campaign, the latest first, without their lines."""

    imports: list[ImportTold]
