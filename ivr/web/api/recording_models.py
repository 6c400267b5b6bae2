"""Recordings as the API tells them."""

from __future__ import annotations

import base64
import binascii
from datetime import datetime
from typing import Annotated, Any, Self

from pydantic import AwareDatetime, BaseModel, Field, field_validator, model_validator

from ivr.archive.index import Absence, Recording
from ivr.archive.search import Found, Wanted
from ivr.calls.blocklist import e164

_NO_NUMBER = "Нужен номер целиком или хотя бы четыре его последние цифры."
_BACKWARDS = "Начало срока позже его конца: поменяйте их местами."
_NO_PAGE = "Такой страницы нет. Начните поиск заново."
_ONE_WAY = "Назовите записи или условия поиска, что-то одно."
_NO_REASON = "Напишите причину: она останется в журнале архива."
_FEWEST_DIGITS = 4
_WHOLE_DIGITS = 10

ABSENT = {
    "no-file": "Файла записи нет: звонок не записался.",
    "empty": "Запись пуста: в разговоре не было звука.",
    "unreadable": "Файл записи не читается, он отложен для проверки.",
    "conflict": "Есть два разных файла этой записи, второй отложен для проверки.",
}
ABSENT_ELSE = "Записи нет: {reason}."


def _number(text: str) -> str:
    """As `Wanted` has it: in E.164, or the last digits. Raises ValueError."""
    digits = "".join(filter(str.isdigit, text))
    if text and len(digits) < _FEWEST_DIGITS:
        raise ValueError(_NO_NUMBER)
    if len(digits) < _WHOLE_DIGITS:
        return digits
    try:
        return e164(text)
    except ValueError:
        raise ValueError(_NO_NUMBER) from None


class Sought(BaseModel):
    """Which recordings; what is empty does not matter."""

    since: AwareDatetime | None = Field(None, alias="from", description="They began then or later.")
    until: AwareDatetime | None = Field(None, alias="to", description="They began before.")
    number: str = Field("", max_length=32, repr=False, description="The client's, or its last digits.")
    account: str = Field("", max_length=40, repr=False)
    agent: str = Field("", max_length=64, description="Login.")
    topic: str = Field("", max_length=64)
    request: str = Field("", max_length=32, description="Number of a request.")
    line: str = Field("", max_length=64)
    text: str = Field("", max_length=200, repr=False, description="Words that were said.")
    held: bool = False

    @field_validator("number")
    @classmethod
    def _whole_or_tail(cls, text: str) -> str:
        return _number(text)

    @model_validator(mode="after")
    def _forwards(self) -> Self:
        if self.since and self.until and self.since >= self.until:
            raise ValueError(_BACKWARDS)
        return self

    def wanted(self) -> Wanted:
        """As the archive takes it."""
        return Wanted(**{name: getattr(self, name) for name in Sought.model_fields})

    def subject(self) -> str:
        """Whose recordings are looked for; empty where it is nobody in particular."""
        return self.number or self.account

    def named(self) -> str:
        """The names of the fields that are given."""
        return ",".join(name for name in Sought.model_fields if getattr(self, name))


class RecordingsQuery(Sought):
    """A page of what is sought."""

    before: str = Field("", max_length=300, description="`next` of the page before.")
    limit: int = Field(50, ge=1, le=200)

    def cursor(self) -> tuple[datetime, str] | None:
        """Begin and id of the last recording of the page before. Raises ValueError."""
        return _cursor(self.before) if self.before else None

    @field_validator("before")
    @classmethod
    def _is_cursor(cls, text: str) -> str:
        if text:
            _cursor(text)
        return text


def _cursor(text: str) -> tuple[datetime, str]:
    try:
        at, _, last = base64.urlsafe_b64decode(text.encode()).decode().partition(" ")
        began = datetime.fromisoformat(at)
    except (ValueError, binascii.Error):
        raise ValueError(_NO_PAGE) from None
    if began.tzinfo is None:
        raise ValueError(_NO_PAGE)
    return began, last


def cursor_after(recording: Recording) -> str:
    """What the next page is asked by."""
    told = f"{recording.started_at.isoformat()} {recording.id}"
    return base64.urlsafe_b64encode(told.encode()).decode()


class RecordingTold(BaseModel):
    """A recording; `seconds` and `bytes` are those of its sound."""

    id: str
    call_id: str
    part: str
    started_at: AwareDatetime
    seconds: float
    bytes: int
    format: str
    channels: int = Field(description="2: the client left, the company's people right.")
    expires_at: AwareDatetime
    legal_hold: bool
    hold_reason: str | None
    held_by: str | None
    held_at: AwareDatetime | None
    going: bool = Field(description="Its deletion has begun: it can't be heard any more.")

    @classmethod
    def of(cls, recording: Recording) -> Self:
        """A row of the index."""
        return cls(**_of_row(recording))


class RecordingFound(RecordingTold):
    """A recording and its call; what the ledger does not know is null."""

    line: str | None
    number: str | None = Field(repr=False)
    agent: str | None
    topic: str | None
    kind: str | None
    came_at: AwareDatetime | None

    @classmethod
    def found(cls, one: Found) -> Self:
        """What was found."""
        of_call = {name: getattr(one, name) for name in ("line", "number", "agent", "topic", "kind")}
        return cls(**_of_row(one.recording), **of_call, came_at=one.came_at)


def _of_row(recording: Recording) -> dict[str, Any]:
    names = set(RecordingTold.model_fields) - {"going"}
    return {name: getattr(recording, name) for name in names} | {"going": bool(recording.purge_begun_at)}


class RecordingsTold(BaseModel):
    """The newest first; `next` leads to the page after, null after the last."""

    recordings: list[RecordingFound]
    next: str | None


class AbsenceTold(BaseModel):
    """Why something was not recorded; `message` is for people."""

    part: str
    reason: str
    message: str
    noted_at: AwareDatetime

    @classmethod
    def of(cls, absence: Absence) -> Self:
        """A row of the index."""
        message = ABSENT.get(absence.reason, ABSENT_ELSE.format(reason=absence.reason))
        return cls(part=absence.part, reason=absence.reason, message=message, noted_at=absence.noted_at)


class OfCall(BaseModel):
    """What of a call can be heard; why not, where nothing can; numbers of the requests made in it."""

    call_id: str
    recordings: list[RecordingTold]
    absences: list[AbsenceTold]
    purged_at: AwareDatetime | None = Field(description="When the last of its recordings was deleted.")
    requests: list[str]


class OutlineTold(BaseModel):
    """What a player draws: the loudest sample of each stretch, 0 to 1, for each side.

    `quiet` are the stretches that an operator kept out of the recording, seconds from its beginning.
    """

    seconds: float
    sides: list[list[float]]
    quiet: list[tuple[float, float]]


Reason = Annotated[str, Field(min_length=1, max_length=500)]


class Why(BaseModel):
    """Why something is done."""

    reason: Reason

    @field_validator("reason")
    @classmethod
    def _said(cls, text: str) -> str:
        if not text.strip():
            raise ValueError(_NO_REASON)
        return text.strip()


class Export(Why):
    """What is taken away: recordings by id, or all that fit."""

    ids: list[Annotated[str, Field(min_length=1, max_length=96)]] = Field([], max_length=2_000)
    sought: Sought | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if bool(self.ids) == (self.sought is not None):
            raise ValueError(_ONE_WAY)
        return self


class Words(BaseModel):
    """What the fields of a search are chosen from, by id; and how much may be taken away at once."""

    lines: dict[str, str]
    topics: dict[str, str]
    agents: dict[str, str]
    queues: dict[str, str]
    export_files: int
    export_bytes: int
    texts: bool = Field(description="Whether words that were said can be searched for.")
