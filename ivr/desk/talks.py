"""What an operator does with the call he talks in: asks, hands over, brings together, ends; and calling out.

Every deed is checked here: he talks in that call, and the place is on a list or may be dialled. What Asterisk
then does is heard of as legs, never assumed.
"""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final, Protocol

from ivr.access.model import User
from ivr.calls.deeds import DeedKind, DeedsOf
from ivr.calls.legs import Leg, LegRole
from ivr.calls.story import About
from ivr.desk.attempts import NotPlaced
from ivr.desk.conflicts import Conflict, NotThere
from ivr.desk.model import Agent, AgentState
from ivr.desk.orders import Dialling, Orders, Placed
from ivr.desk.ports import CallNotThere, ExchangeAway, Order, Phone, Switchboard
from ivr.desk.recording_pauses import RecordingPauses
from ivr.desk.settings_talks import TalksSettings
from ivr.desk.targets import NoTarget, Offer, PlaceKind, Targets
from ivr.dialogue.ports import Clock

_FREE: Final = frozenset({AgentState.PAUSED, AgentState.WRAP_UP})


class Why(StrEnum):
    """Why a deed was refused."""

    NOT_IN_TALK = "not-in-talk"  # the operator does not talk in this call
    CALL_GONE = "call-gone"  # the call, or the party that it needs, has just ended
    EXCHANGE_AWAY = "exchange-away"
    NO_TARGET = "no-such-target"
    TARGET_BUSY = "target-busy"
    NUMBER_REFUSED = "number-refused"
    CONSULTS = "consults-already"
    NO_CONSULTATION = "no-consultation"
    NOT_ANSWERED = "not-answered"  # who is asked still rings
    NOT_WARNED = "not-warned"  # an abusive caller must be warned first
    WARNED_JUST_NOW = "warned-just-now"
    NOT_READY = "not-ready"  # the operator can't be rung now
    TAKEN = "taken"  # somebody else is at what the call would be about


class TalkRefused(Exception):
    """The deed was not done.

    Attributes:
        why: The reason.
    """

    def __init__(self, why: Why) -> None:
        super().__init__(why.value)
        self.why = why


class TalkBook(Protocol):
    """The ledger, as far as talks need it."""

    def legs(self, call_id: str) -> tuple[Leg, ...]:
        """The legs of a call in memory."""

    def note_deed(
        self,
        call_id: str,
        kind: str,
        agent: str | None,
        at: datetime | None = None,
        data: Mapping[str, Any] | None = None,
    ) -> None:
        """Somebody did something in a call."""


class Operators(Protocol):
    """The floor, as far as talks need it."""

    def agent(self, login: str) -> Agent | None:
        """Who he is and what he does now."""

    async def reserve(self, login: str, why: str) -> bool:
        """Keep callers away from him, if he is ready."""

    def release(self, login: str) -> None:
        """Let callers in again."""


class Ordered(Protocol):
    """A call about a promise, a lost caller or a task."""

    @property
    def order_id(self) -> str:
        """Unique id of the operator's channel."""

    @property
    def call_id(self) -> str:
        """Our id of the call."""


CallAbout = Callable[[int, str], Awaitable[Ordered]]
"""Claims a matter by its id and calls its client: rings the operator of this login first."""

HandOver = Callable[[str, str, str], Awaitable[None]]
"""Keeps what an operator tells the next one: call id, login, text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """A number to be called.

    Attributes:
        about: What it is about; for a promise, a lost caller or a task theirs is called.
        key: Of one press of a button, or None.
        parent_call_id: The call that it follows from, or None.
    """

    text: str
    about: About
    key: str | None = None
    parent_call_id: str | None = None


class Talks:
    """Deeds of operators in calls. Every method that does something raises `TalkRefused`."""

    def __init__(
        self,
        *,
        switchboard: Switchboard,
        book: TalkBook,
        operators: Operators,
        targets: Targets,
        pauses: RecordingPauses,
        orders: Orders,
        dialling: Dialling,
        settings: TalksSettings,
        clock: Clock,
        profile: str,
        deeds: DeedsOf,
        matters: Mapping[str, CallAbout],
        hand_over: HandOver,
    ) -> None:
        """Build it.

        Args:
            switchboard: Acts.
            book: The ledger.
            operators: The floor.
            targets: Where calls may go.
            pauses: Of recordings.
            orders: Where outgoing calls are written down.
            dialling: Makes them.
            settings: Of talks.
            clock: The time of warnings.
            profile: Standard of outgoing calls.
            deeds: What was done in a call, also before the engine was started.
            matters: By kind (`callback`, `lost`, `task`): calls its client.
            hand_over: Keeps what is told to the next operator.
        """
        self._switchboard = switchboard
        self._book = book
        self._operators = operators
        self._targets = targets
        self._pauses = pauses
        self._orders = orders
        self._dialling = dialling
        self._settings = settings
        self._clock = clock
        self._profile = profile
        self._deeds = deeds
        self._matters = matters
        self._hand_over = hand_over
        self._warned: dict[str, datetime] = {}

    def offers(self, user: User, text: str) -> list[Offer]:
        """Where calls may be sent, and who may be asked."""
        return self._targets.offers(text, but=user.login)

    # --- a talk --------------------------------------------------------------------------------------------

    async def consult(self, user: User, call_id: str, kind: PlaceKind, value: str) -> str:
        """Ask somebody while the caller holds.

        Returns:
            Id of the order: the operator's telephone rings a second time and names it.
        """
        leg = self._own(user, call_id)
        if self._asked(user, call_id):
            raise TalkRefused(Why.CONSULTS)
        order_id = str(uuid.uuid4())
        with _told():
            target = self._targets.find(kind, value, but=user.login)
            await self._switchboard.consult(call_id, leg.leg_id, order_id, target)
        self._note(user, call_id, DeedKind.CONSULT_ASKED, {"kind": kind.value, "order": order_id})
        return order_id

    async def complete(self, user: User, call_id: str) -> None:
        """Connect the caller with who was asked; the operator is out of the call."""
        leg = self._consulting(user, call_id)
        with _told():
            await self._pauses.resume_before(call_id, user.login)
            await self._switchboard.complete(call_id, leg.leg_id)

    async def withdraw(self, user: User, call_id: str) -> None:
        """End the consultation; nobody is bothered when it has ended already."""
        leg = self._own(user, call_id)
        with _told():
            await self._switchboard.withdraw(call_id, leg.leg_id)

    async def conference(self, user: User, call_id: str) -> None:
        """All three hear each other."""
        leg = self._consulting(user, call_id)
        with _told():
            await self._pauses.resume_before(call_id, user.login)
            await self._switchboard.conference(call_id, leg.leg_id)
        self._note(user, call_id, DeedKind.CONFERENCE_ASKED)

    async def transfer(self, user: User, call_id: str, kind: PlaceKind, value: str, note: str = "") -> None:
        """Send the caller there without asking; `note` is for who takes him."""
        leg = self._own(user, call_id)
        with _told():
            target = self._targets.find(kind, value, but=user.login)
            if note:
                await self._hand_over(call_id, user.login, note)
            await self._pauses.resume_before(call_id, user.login)
            await self._switchboard.transfer(call_id, leg.leg_id, target)
        told = {"kind": kind.value} | ({} if kind is PlaceKind.OUTSIDE else {"to": value})
        self._note(user, call_id, DeedKind.TRANSFER_ASKED, told)

    async def hang_up(self, user: User, call_id: str) -> None:
        """End the talk."""
        leg = self._own(user, call_id)
        with _told():
            await self._switchboard.hang_up(call_id, leg.leg_id)

    async def record(self, user: User, call_id: str, on: bool) -> None:
        """Keep sensitive data out of the recording, for some time at most, or go on with it."""
        self._own(user, call_id)
        with _told():
            await (self._pauses.resume if on else self._pauses.pause)(call_id, user.login)

    # --- callers who can't be served -----------------------------------------------------------------------

    async def warn(self, user: User, call_id: str) -> None:
        """The operator has told an abusive caller that the call will end."""
        self._own(user, call_id)
        self._warned.setdefault(call_id, self._clock.now())
        self._note(user, call_id, DeedKind.ABUSIVE_WARNED)

    async def end_abusive(self, user: User, call_id: str) -> None:
        """End the call of an abusive caller who was warned and went on.

        Raises:
            StoreUnavailable: It is not known now whether he was warned.
        """
        self._own(user, call_id)
        warned_at = await self._warned_at(call_id)
        if warned_at is None:
            raise TalkRefused(Why.NOT_WARNED)
        if self._clock.now() - warned_at < timedelta(seconds=self._settings.warning_seconds):
            raise TalkRefused(Why.WARNED_JUST_NOW)
        await self._end(user, call_id, self._settings.abusive_prompt, DeedKind.ABUSIVE_ENDED)

    async def _warned_at(self, call_id: str) -> datetime | None:
        if call_id in self._warned:
            return self._warned[call_id]
        past = await self._deeds(call_id)
        return next((deed.at for deed in past if deed.kind == DeedKind.ABUSIVE_WARNED), None)

    async def end_silent(self, user: User, call_id: str) -> None:
        """End the call of a caller who is not heard, with words that say so."""
        self._own(user, call_id)
        await self._end(user, call_id, self._settings.silent_prompt, DeedKind.SILENT_ENDED)

    async def _end(self, user: User, call_id: str, prompt: str, deed: DeedKind) -> None:
        with _told():
            await self._switchboard.end_call(call_id, prompt)
        self._warned.pop(call_id, None)
        self._note(user, call_id, deed)

    # --- calling out ---------------------------------------------------------------------------------------

    async def call_out(self, user: User, number: Number) -> Placed:
        """Ring the operator, then the number. The same press of a button makes one call.

        Raises:
            TalkRefused: The number may not be dialled, or the operator can't be rung now.
            StoreUnavailable: Nothing was written or ordered.
        """
        matter = self._matters.get(number.about.kind)
        with _told():
            if matter is not None and number.about.id.isdecimal():
                ordered = await matter(int(number.about.id), user.login)
                return Placed(ordered.order_id, ordered.call_id)
            dialled = self._targets.number(number.text)
        earlier = await self._orders.of_key(number.key) if number.key else None
        if earlier is not None:
            return earlier
        phone = await self._reserved(user.login)
        try:
            return await self._place(user, phone, dialled, number)
        except BaseException:
            self._operators.release(user.login)
            raise

    async def _place(self, user: User, phone: Phone, dialled: str, number: Number) -> Placed:
        order = Order(
            order_id=str(uuid.uuid4()),
            call_id=str(uuid.uuid4()),
            phone=phone,
            agent=user.login,
            number=dialled,
            role=LegRole.OUT,
            profile=self._profile,
        )
        placed = await self._orders.write_down(order, number.about, number.key)
        if placed.new:
            with _told():
                await self._dialling.dial(order, number.about, number.parent_call_id)
        return placed

    async def _reserved(self, login: str) -> Phone:
        agent = self._operators.agent(login)
        if agent is None or agent.phone is None or not agent.reachable:
            raise TalkRefused(Why.NOT_READY)
        if agent.state not in _FREE and not await self._operators.reserve(login, "call-out"):
            raise TalkRefused(Why.NOT_READY)
        return agent.phone

    # --- who may -------------------------------------------------------------------------------------------

    def _own(self, user: User, call_id: str) -> Leg:
        """The leg by which the operator talks in the call."""
        for leg in self._book.legs(call_id):
            if leg.talking and leg.person and leg.agent == user.login:
                return leg
        raise TalkRefused(Why.NOT_IN_TALK)

    def _asked(self, user: User, call_id: str) -> list[Leg]:
        """Who is asked by somebody in the call, this operator not."""
        return [
            leg
            for leg in self._book.legs(call_id)
            if leg.role is LegRole.CONSULT and leg.ended_at is None and leg.agent != user.login
        ]

    def _consulting(self, user: User, call_id: str) -> Leg:
        leg, asked = self._own(user, call_id), self._asked(user, call_id)
        if not asked:
            raise TalkRefused(Why.NO_CONSULTATION)
        if not any(one.answered_at for one in asked):
            raise TalkRefused(Why.NOT_ANSWERED)
        return leg

    def _note(self, user: User, call_id: str, kind: DeedKind, data: Mapping[str, Any] | None = None) -> None:
        self._book.note_deed(call_id, kind, user.login, data=data)


_NO_TARGET: Final = {
    "unknown": Why.NO_TARGET,
    "busy": Why.TARGET_BUSY,
    "refused": Why.NUMBER_REFUSED,
}


@contextmanager
def _told() -> Iterator[None]:
    """What others can't do, as a refusal."""
    try:
        yield
    except NoTarget as error:
        raise TalkRefused(_NO_TARGET[error.why]) from error
    except (CallNotThere, NotThere) as error:
        raise TalkRefused(Why.CALL_GONE) from error
    except ExchangeAway as error:
        raise TalkRefused(Why.EXCHANGE_AWAY) from error
    except (Conflict, NotPlaced) as error:
        raise TalkRefused(Why.NOT_READY if error.why == "not-ready" else Why.TAKEN) from error
