"""Requests as they are worked on: registered once, taken step by step to their answer, never forgotten."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Protocol, TypeVar

import structlog
from sqlalchemy import Connection, select, update
from sqlalchemy.exc import IntegrityError

from ivr.dialogue.ports import Clock
from ivr.requests import rows
from ivr.requests.lifecycle import Circumstances, Step, StepKind, with_terms
from ivr.requests.model import AnswerChannel, Change, Request, RequestKind, RequestStatus
from ivr.requests.numbers import next_number, plain
from ivr.requests.settings import TermsSettings
from ivr.requests.tables import requests
from ivr.requests.terms import Form, Ground, RequestRules, Stage, Term
from ivr.requests.workdays import WorkCalendar
from ivr.store import Database

T = TypeVar("T")
Listener = Callable[[Request], None]
_log = structlog.get_logger(__name__)
_RACES = 5


class ControlCalls(Protocol):
    """Plans the calls that ask whether a complaint was dealt with well."""

    async def plan(self, request: Request, due_at: datetime) -> None:
        """Plan one; durable on return. A request whose call is planned already gets no second one."""


class UnknownRequest(Exception):
    """There is no request of this number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRequest:
    """What a client asks for, as it was taken down. Texts are empty where nothing is known.

    Attributes:
        key: The page's own of this registration: a repeat registers nothing.
        by: Login of who takes it.
        received_at: When the client has asked, aware; None: now.
        profile: Standard whose terms hold.
    """

    key: str
    by: str
    kind: RequestKind
    text: str = field(repr=False)
    answer_channel: AnswerChannel
    form: Form = Form.TELEPHONE
    topic: str = ""
    account_number: str = field(default="", repr=False)
    client_name: str = field(default="", repr=False)
    phone: str = field(default="", repr=False)
    answer_to: str = field(default="", repr=False)
    segment: str = ""
    profile: str = ""
    call_id: str = ""
    responsible: str = ""
    received_at: datetime | None = None


class Cases:
    """Registers requests and takes them through their life; tells listeners what has changed."""

    def __init__(
        self,
        database: Database,
        settings: TermsSettings,
        clock: Clock,
        calendar: WorkCalendar,
        *,
        rules: Mapping[str, RequestRules],
        by_law: RequestRules,
        control_calls: ControlCalls | None = None,
    ) -> None:
        """Build it.

        Args:
            database: Open and current.
            settings: Terms where standards are silent.
            clock: Its zone is the company's.
            calendar: Working days.
            rules: What each standard says, by profile.
            by_law: What holds where it is silent.
            control_calls: Where control calls are planned; None: they stay due until there is one.
        """
        self._database = database
        self._settings = settings
        self._clock = clock
        self._calendar = calendar
        self._rules = rules
        self._by_law = by_law
        self._control_calls = control_calls
        self._listeners: list[Listener] = []

    def plan_with(self, control_calls: ControlCalls) -> None:
        """Plan control calls there from now on."""
        self._control_calls = control_calls

    def subscribe(self, listener: Listener) -> None:
        """Be told of every request that was registered or changed, after it is durable; must not wait."""
        self._listeners.append(listener)

    def rules(self, profile: str) -> RequestRules:
        """What holds for requests of a profile: its standard, completed by the settings and the law."""
        return self._rules.get(profile, RequestRules()).or_else(self._by_law)

    def grounds(self, profile: str) -> tuple[Ground, ...]:
        """Grounds on which a request of a profile may be refused."""
        return self.rules(profile).grounds

    def term(self, profile: str, stage: Stage, form: Form) -> Term | None:
        """The term that holds for requests of a profile that have come in some form."""
        held = self._settings.telephone_as if form is Form.TELEPHONE else form
        return self.rules(profile).term(stage, held)

    async def register(self, new: NewRequest) -> Request:
        """Give a request its number and its terms; durable on return.

        Returns:
            The request; the one that is there already when the key was used before.

        Raises:
            StoreUnavailable: Nothing was written.
        """
        registered, is_new = await self._write(partial(self._register, new, self._clock.now()))
        if is_new:
            _log.info("requests.registered", number=registered.number, kind=registered.kind.value)
            self._tell(registered)
        return registered

    async def do(self, number: str, step: Step) -> Request:
        """Take a step; durable on return. A repeat with the same key changes nothing.

        Raises:
            UnknownRequest: There is no such number.
            NotPossible: As it stands, this can't be done.
            StoreUnavailable: Nothing was written.
        """
        after = await self._write(partial(self._do, plain(number), step, self._clock.now()))
        _log.info("requests.step", number=after.number, step=step.KIND.value, status=after.status.value)
        self._tell(after)
        if after.control_due_at is not None and after.control_planned_at is None:
            await self._plan(after)
        return after

    async def find(self, number: str) -> tuple[Request, list[Change]]:
        """A request, and all that was done with it.

        Raises:
            UnknownRequest: There is no such number.
            StoreUnavailable: It can't be read.
        """
        zone = self._clock.now().tzinfo
        request = await self._database.read(partial(rows.find, plain(number), zone))
        if request is None:
            raise UnknownRequest
        return request, await self._database.read(partial(rows.changes, request.number, zone))

    async def plan_control_calls(self) -> int:
        """Plan the control calls that are due but not planned, as after a crash; tells how many.

        Raises:
            StoreUnavailable: They can't be read.
        """
        waiting = await self._database.read(partial(_uncontrolled, self._clock.now()))
        for request in waiting:
            await self._plan(request)
        return len(waiting)

    async def _plan(self, request: Request) -> None:
        if self._control_calls is None or request.control_due_at is None:
            return
        try:
            await self._control_calls.plan(request, request.control_due_at)
            await self._database.write(partial(_planned, request.number, self._clock.now()))
        except Exception:  # it stays due: `plan_control_calls` tries again
            _log.exception("requests.control_call_not_planned", number=request.number)

    def _tell(self, request: Request) -> None:
        for listener in self._listeners:
            listener(request)

    async def _write(self, job: Callable[[Connection], T]) -> T:
        """Another process may take the same number, or register the same, at the same time."""
        for _ in range(_RACES):
            try:
                return await self._database.write(job)
            except IntegrityError:
                continue
        return await self._database.write(job)

    def _register(self, new: NewRequest, now: datetime, connection: Connection) -> tuple[Request, bool]:
        known = _of_key(new.key, now, connection)
        if known is not None:
            return known, False
        request = with_terms(
            _request(new, next_number(now.year, connection), now), self._given(new.profile, now)
        )
        change = Change(at=now, by=new.by, step=StepKind.REGISTERED, status=request.status)
        rows.add(request, new.key, change, connection)
        return request, True

    def _do(self, number: str, step: Step, now: datetime, connection: Connection) -> Request:
        request = rows.find(number, now.tzinfo, connection)
        if request is None:
            raise UnknownRequest
        if rows.done_already(step.key, connection):
            return request
        after = step.taken(request, self._given(request.profile, now))
        change = Change(at=now, by=step.by, step=step.KIND, status=after.status, note=step.text)
        rows.put(after, step.key, change, connection)
        return after

    def _given(self, profile: str, now: datetime) -> Circumstances:
        return Circumstances(
            now=now,
            calendar=self._calendar,
            rules=self.rules(profile),
            telephone_as=self._settings.telephone_as,
            control_working_days=self._settings.control_working_days,
        )


def _request(new: NewRequest, number: str, now: datetime) -> Request:
    taken = {name: getattr(new, name) for name in NewRequest.__slots__ if name not in {"key", "by"}}
    return Request(
        **{
            **taken,
            "number": number,
            "registered_at": now,
            "received_at": new.received_at or now,
            "due_at": None,
            "status": RequestStatus.IN_PROGRESS if new.responsible else RequestStatus.REGISTERED,
            "answer_channel": new.answer_channel.value,
            "answered_at": None,
            "form": new.form.value,
            "registered_by": new.by,
        }
    )


def _of_key(key: str, now: datetime, connection: Connection) -> Request | None:
    row = connection.execute(select(*rows.COLUMNS).where(requests.c.key == key)).mappings().first()
    return None if row is None else rows.request_of(row, now.tzinfo)


def _uncontrolled(now: datetime, connection: Connection) -> list[Request]:
    waiting = requests.c.control_due_at.is_not(None) & requests.c.control_planned_at.is_(None)
    query = select(*rows.COLUMNS).where(waiting).order_by(requests.c.id)
    return [rows.request_of(row, now.tzinfo) for row in connection.execute(query).mappings()]


def _planned(number: str, now: datetime, connection: Connection) -> None:
    connection.execute(update(requests).where(requests.c.number == number).values(control_planned_at=now))
