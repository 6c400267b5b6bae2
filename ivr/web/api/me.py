"""The operator's own state and telephone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Literal

from pydantic import BaseModel, Field

from ivr.access.model import Right, User
from ivr.desk.floor import Floor, InTalk, NotSignedIn, PhoneTaken
from ivr.desk.ports import Phone, PhoneKind
from ivr.desk.settings import AgentsSettings
from ivr.web.api.floor_models import AgentTold
from ivr.web.api.route import Asked, Refused, Route

_CONFLICT = 409
_NO_WORKPLACE = "За Вами не закреплён телефон. Попросите администратора указать номер рабочего места."
_NO_PHONE = "Сначала выберите телефон, на котором будете работать."
_PHONE_TAKEN = "За этим телефоном сейчас работает другой оператор."
_IN_TALK = "Телефон можно сменить после разговора."
_NO_REASON = "Выберите причину паузы."


@dataclass(frozen=True, slots=True, kw_only=True)
class SipLogin:
    """How a telephone in the browser registers.

    Attributes:
        uri: Such as `sip:op-201@127.0.0.1`.
        websocket: URL of Asterisk's WebSocket.
        realm: Of the digest.
    """

    uri: str
    password: str = field(repr=False)
    websocket: str
    realm: str


class StateWanted(BaseModel):
    """How the operator wishes to be; a reason belongs to a pause."""

    state: Literal["ready", "paused", "offline"]
    reason: str | None = Field(default=None, max_length=64)


class PhoneWanted(BaseModel):
    """What he speaks through today."""

    kind: PhoneKind


class PhoneGiven(BaseModel):
    """The telephone of his workplace; what a browser registers with, empty for a telephone on the desk."""

    kind: PhoneKind
    extension: str
    uri: str = ""
    password: str = Field(default="", repr=False)
    websocket: str = ""
    realm: str = ""


class ReasonTold(BaseModel):
    """A reason of a pause that he may choose."""

    id: str
    title: str


class MeTold(BaseModel):
    """Himself, and what he may choose."""

    agent: AgentTold
    reasons: list[ReasonTold]
    phones: list[PhoneKind]


def titles(settings: AgentsSettings) -> dict[str, str]:
    """Every reason of a pause for people: id → title."""
    return {**settings.own_reasons, **settings.pause_reasons}


async def put_in_state(floor: Floor, login: str, wanted: StateWanted) -> None:
    """Make an operator ready, pause him, or sign him out; in a talk, after it.

    Raises:
        Refused: A pause without a reason of the list.
        NotSignedIn: He is not, and would have to be.
        StoreUnavailable: It could not be written yet.
    """
    try:
        match wanted.state:
            case "ready":
                await floor.ready(login)
            case "paused":
                await floor.pause(login, wanted.reason or "")
            case "offline":
                await floor.sign_out(login)
    except ValueError as error:
        raise Refused(422, "no-reason", _NO_REASON, "reason") from error


class Me:
    """`/me`."""

    def __init__(
        self, floor: Floor, settings: AgentsSettings, sip_login: Callable[[Phone], SipLogin]
    ) -> None:
        """Args: `sip_login` tells how a workplace's telephone registers."""
        self._floor = floor
        self._settings = settings
        self._sip_login = sip_login
        self._titles: Mapping[str, str] = titles(settings)

    def routes(self) -> list[Route]:
        """All that there are."""
        of = partial(Route, right=Right.WORK)
        return [
            of(method="GET", path="/me", title="Tell the operator's own state", run=self.tell, answer=MeTold),
            of(
                method="PUT",
                path="/me/state",
                title="Be ready, pause, or leave; in a talk, after it",
                run=self.be,
                body=StateWanted,
                answer=AgentTold,
            ),
            of(
                method="POST",
                path="/me/phone",
                title="Work at a telephone, and learn how it registers",
                run=self.take_phone,
                body=PhoneWanted,
                answer=PhoneGiven,
            ),
            of(
                method="POST",
                path="/me/wrap-up/prolong",
                title="Take more time for wrap-up",
                run=self.prolong,
                answer=AgentTold,
            ),
        ]

    def agent(self, user: User) -> AgentTold:
        """The operator's own state; of a user who has none, that he is absent."""
        known = self._floor.agent(user.login)
        return AgentTold.of(known, self._titles) if known else AgentTold.absent(user)

    async def tell(self, asked: Asked) -> MeTold:
        """`GET /me`."""
        return MeTold(
            agent=self.agent(asked.user),
            reasons=[ReasonTold(id=id_, title=title) for id_, title in self._settings.pause_reasons.items()],
            phones=list(PhoneKind) if asked.user.extension else [],
        )

    async def be(self, asked: Asked) -> AgentTold:
        """`PUT /me/state`."""
        try:
            await put_in_state(self._floor, asked.user.login, asked.body)
        except NotSignedIn as error:
            raise Refused(_CONFLICT, "no-phone", _NO_PHONE) from error
        return self.agent(asked.user)

    async def take_phone(self, asked: Asked) -> PhoneGiven:
        """`POST /me/phone`."""
        kind: PhoneKind = asked.body.kind
        if asked.user.extension is None:
            raise Refused(_CONFLICT, "no-workplace", _NO_WORKPLACE)
        phone = Phone(kind, asked.user.extension)
        try:
            await self._floor.sign_in(asked.user, phone)
        except PhoneTaken as error:
            raise Refused(_CONFLICT, "phone-taken", _PHONE_TAKEN) from error
        except InTalk as error:
            raise Refused(_CONFLICT, "in-talk", _IN_TALK) from error
        return self._given(phone)

    async def prolong(self, asked: Asked) -> AgentTold:
        """`POST /me/wrap-up/prolong`."""
        try:
            await self._floor.prolong(asked.user.login)
        except NotSignedIn as error:
            raise Refused(_CONFLICT, "no-phone", _NO_PHONE) from error
        return self.agent(asked.user)

    def _given(self, phone: Phone) -> PhoneGiven:
        if phone.kind is PhoneKind.DESK:
            return PhoneGiven(kind=phone.kind, extension=phone.extension)
        login = self._sip_login(phone)
        return PhoneGiven(
            kind=phone.kind,
            extension=phone.extension,
            uri=login.uri,
            password=login.password,
            websocket=login.websocket,
            realm=login.realm,
        )
