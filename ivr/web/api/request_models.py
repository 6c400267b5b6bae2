"""What `/requests` takes and tells."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, Field

from ivr.requests.lifecycle import Answer, Assign, Interim, Note, Refuse, Step, Withdraw
from ivr.requests.model import AnswerChannel, RequestKind, RequestStatus
from ivr.requests.search import Wanted
from ivr.requests.terms import Bound, Form

Login = Annotated[str, Field(max_length=64)]
Key = Annotated[str, Field(min_length=8, max_length=64, description="Of the form: a repeat does nothing.")]
Text = Annotated[str, Field(min_length=1, max_length=10_000, repr=False)]


class RequestMade(BaseModel):
    """A new request."""

    key: Key
    kind: RequestKind
    topic: str = Field(default="", max_length=64)
    text: Text
    account: str = Field(default="", max_length=32, pattern=r"^[0-9A-Za-zА-Яа-яЁё/-]*$", repr=False)
    name: str = Field(default="", max_length=200, repr=False)
    phone: str = Field(default="", max_length=32, pattern=r"^[0-9+() -]*$", repr=False)
    segment: str = Field(default="", pattern="^(private|corporate|any)?$")
    channel: AnswerChannel
    answer_to: str = Field(default="", max_length=300, repr=False)
    form: Form = Form.TELEPHONE
    call_id: str = Field(default="", max_length=64)
    responsible: Login = ""
    received_at: AwareDatetime | None = None


class RequestsQuery(BaseModel):
    """Which requests; what is left out does not matter."""

    status: list[RequestStatus] = []
    open: bool | None = Field(default=None, description="Only those that are owed an answer.")
    kind: RequestKind | None = None
    topic: str | None = Field(default=None, max_length=64)
    responsible: Login | None = None
    overdue: bool | None = None
    account: str | None = Field(default=None, max_length=32)
    text: str | None = Field(default=None, max_length=100, description="Part of number, name, account, text.")
    call_id: str | None = Field(default=None, max_length=64)
    since: date | None = Field(default=None, description="First day of registration.")
    until: date | None = Field(default=None, description="Last day of registration.")
    limit: int = Field(default=50, ge=1, le=200)
    offset: int = Field(default=0, ge=0, le=1_000_000)

    def wanted(self) -> Wanted:
        """The same as the room takes it."""
        status = self.status or [each for each in RequestStatus if self.open and each.is_open]
        names = ("kind", "topic", "responsible", "overdue", "account", "text", "call_id", "since", "until")
        return Wanted(status=status, **{name: getattr(self, name) for name in names})


class RequestRow(BaseModel):
    """A request in a list; client and account can't be made out."""

    number: str
    kind: RequestKind
    kind_title: str
    topic: str
    status: RequestStatus
    status_title: str
    registered_at: AwareDatetime
    due_at: AwareDatetime | None
    overdue: bool
    responsible: str
    responsible_name: str
    channel: str
    client: str
    account: str


class RequestsTold(BaseModel):
    """A part of the list, and how many there are altogether."""

    requests: list[RequestRow]
    total: int


class ChangeTold(BaseModel):
    """Something that was done with it."""

    at: AwareDatetime
    by: str
    by_name: str
    step: str
    status: RequestStatus
    note: str


class RequestTold(RequestRow):
    """A request. When `masked`, personal data are empty or can't be made out.

    `bound` tells whether the term is a limit or an average, `profile_title` by which standard;
    `call_id` leads to the call and its recording.
    """

    masked: bool
    name: str
    phone: str
    answer_to: str
    text: str
    answer: str
    ground: str
    form: str
    segment: str
    profile: str
    profile_title: str
    bound: Bound | None
    call_id: str
    received_at: AwareDatetime | None
    registered_late: bool
    registered_by: str
    prolonged_at: AwareDatetime | None
    answered_at: AwareDatetime | None
    control_due_at: AwareDatetime | None
    history: list[ChangeTold]


class Titled(BaseModel):
    """A choice of a list."""

    id: str
    title: str


class GroundTold(Titled):
    """A ground of refusal."""

    tell_within_days: int | None


class WordsTold(BaseModel):
    """What forms offer."""

    kinds: list[Titled]
    statuses: list[Titled]
    channels: list[Titled]
    grounds: list[GroundTold]
    phone_answer_suffices: bool


class StepMade(BaseModel):
    """What every step may have."""

    key: Key | None = None

    def step(self, by: str) -> Step:
        """The step of the room."""
        raise NotImplementedError


class Assigned(StepMade):
    """Who is to answer."""

    responsible: str = Field(min_length=1, max_length=64)

    def step(self, by: str) -> Step:
        """See above."""
        return Assign(by=by, key=self.key, responsible=self.responsible)


class Prolonged(StepMade):
    """What the client was told meanwhile."""

    text: Text

    def step(self, by: str) -> Step:
        """See above."""
        return Interim(by=by, key=self.key, text=self.text)


class Answered(StepMade):
    """How the answer went out.

    `satisfied`: by telephone, and the client wants nothing in writing. `unreachable`: the channel that he has
    named does not reach him.
    """

    channel: AnswerChannel
    text: str = Field(default="", max_length=10_000, repr=False)
    satisfied: bool = False
    unreachable: bool = False

    def step(self, by: str) -> Step:
        """See above."""
        return Answer(by=by, **self.model_dump())


class RefusedOn(StepMade):
    """Why it is not considered."""

    ground: str = Field(min_length=1, max_length=64)
    text: str = Field(default="", max_length=10_000, repr=False)

    def step(self, by: str) -> Step:
        """See above."""
        return Refuse(by=by, **self.model_dump())


class Withdrawn(StepMade):
    """Why the client has taken it back."""

    text: str = Field(default="", max_length=10_000, repr=False)

    def step(self, by: str) -> Step:
        """See above."""
        return Withdraw(by=by, **self.model_dump())


class Noted(StepMade):
    """What is added to the history."""

    text: Text

    def step(self, by: str) -> Step:
        """See above."""
        return Note(by=by, key=self.key, text=self.text)
