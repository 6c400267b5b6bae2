"""Taking registered requests over from a CSV file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import tzinfo
from itertools import islice
from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from ivr.customers.files import BadLine
from ivr.customers.sheets import Deadline, Imported, Moment, Numbered, Sheet
from ivr.requests.model import Request, RequestKind, RequestStatus
from ivr.requests.register import Outcome, Register

_CHUNK = 500
Report = Callable[[BadLine], None]
Id = Annotated[str, Field(min_length=1, max_length=32)]


class RequestRow(BaseModel):
    """A line of the file."""

    model_config = ConfigDict(frozen=True)

    number: Id = Field(description="of the request, unique")
    account: Id = Field(description="account number")
    kind: RequestKind = Field(description="question, application, complaint, proposal or thanks")
    topic: Annotated[str, Field(max_length=64)] = Field(default="", description="topic of kb/")
    registered_at: Moment = Field(description="YYYY-MM-DD, YYYY-MM-DDTHH:MM or DD.MM.YYYY HH:MM")
    due_at: Deadline | None = Field(default=None, description="when the answer is owed; a day is its end")
    status: RequestStatus = Field(
        description="registered, in_progress, prolonged, answered, refused or withdrawn"
    )
    answer_channel: Annotated[str, Field(max_length=16)] = Field(
        default="", description="phone, email, post, office or the like"
    )
    answered_at: Moment | None = Field(default=None, description="when the answer went out")

    @model_validator(mode="after")
    def _answer_fits_the_status(self) -> Self:
        if self.status.is_open and self.answered_at is not None:
            raise ValueError("an open request has no answered_at")
        if not self.status.is_open and self.answered_at is None:
            raise ValueError(f"a request that is {self.status.value} needs answered_at")
        return self

    def request(self) -> Request:
        """The request of this line."""
        values = {name: getattr(self, name) for name in RequestRow.model_fields if name != "account"}
        return Request(account_number=self.account, **values)


async def import_requests(register: Register, path: Path, zone: tzinfo, report: Report) -> Imported:
    """Take one file over; a repeat changes nothing, what the file does not name is left as it is.

    Args:
        register: The register.
        path: The CSV file.
        zone: Of moments without one.
        report: Called with each bad line, in the order of the file.

    Raises:
        Fault: The file cannot be read, or a column is missing; nothing was changed.
        StoreUnavailable: The lines up to some place went in; the import can be repeated.
    """
    sheet = Sheet(path, RequestRow, zone)
    tally: Counter[str] = Counter()
    seen: set[str] = set()
    lines = sheet.rows()
    while chunk := list(islice(lines, _CHUNK)):
        good: list[Request] = []
        for line in chunk:
            bad = _bad(line, seen) if isinstance(line, Numbered) else line.bad
            for each in bad:
                report(each)
            tally["bad"] += bool(bad)
            if isinstance(line, Numbered) and not bad:
                good.append(line.row.request())
        tally.update(await register.take(good))
    counts = {outcome.value: tally[outcome] for outcome in Outcome}
    return Imported(path, bad=tally["bad"], ignored=sheet.ignored, **counts)


def _bad(line: Numbered[RequestRow], seen: set[str]) -> list[BadLine]:
    if line.row.number in seen:
        return [BadLine(line.line, "number", "repeats an earlier line of this file")]
    seen.add(line.row.number)
    return []
