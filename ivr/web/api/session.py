"""Signing in and out, one's own password, and the word of a page that it is about to vanish."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime

from aiohttp import web
from pydantic import BaseModel, Field

from ivr.access.model import Right, Role, User
from ivr.access.passwords import Busy
from ivr.access.service import Access, TooManyAttempts, WeakPassword, WrongPassword
from ivr.access.sessions import Holder, csrf_token
from ivr.web import wording
from ivr.web.api.route import Refused
from ivr.web.frame import BASE, Direct
from ivr.web.gate import COOKIE, Gate
from ivr.web.settings import WebSettings
from ivr.web.wire import TooMany, answer, parsed, read_body, read_raw

_BUSY_SECONDS = 2.0
_HOUR_SECONDS = 3_600.0

PhoneLost = Callable[[User], Awaitable[None]]
"""Told that the page with a user's browser telephone is about to vanish."""


class SignIn(BaseModel):
    """Who wants to come in."""

    login: str = Field(min_length=1, max_length=64)
    password: str = Field(min_length=1, max_length=200, repr=False)


class NewPassword(BaseModel):
    """A user's own choice."""

    old: str = Field(min_length=1, max_length=200, repr=False)
    new: str = Field(min_length=1, max_length=1_000, repr=False)


class Lost(BaseModel):
    """A beacon can't carry the header; the token is in its body."""

    csrf: str = Field(max_length=100, repr=False)


class UserTold(BaseModel):
    """A user."""

    login: str
    name: str
    role: Role
    extension: str | None
    skills: tuple[str, ...]
    active: bool

    @classmethod
    def of(cls, user: User) -> UserTold:
        """As the pages have him."""
        return cls(
            login=user.login,
            name=user.name,
            role=user.role,
            extension=user.extension,
            skills=user.skills,
            active=user.active,
        )


class SessionTold(BaseModel):
    """The session of a page.

    Attributes:
        csrf: To be sent as `X-CSRF-Token` with everything but GET.
        must_change: Only `/password` and `/session` answer until the password has been changed.
        ends_at: Absolute limit.
    """

    user: UserTold
    rights: list[Right]
    csrf: str
    must_change: bool
    ends_at: datetime


class SessionApi:
    """`/session`, `/password` and `/phone/lost`."""

    def __init__(
        self,
        access: Access,
        gate: Gate,
        settings: WebSettings,
        *,
        session_hours: float,
        least_length: int,
        phone_lost: PhoneLost,
    ) -> None:
        """Build it.

        Args:
            access: Checks passwords.
            gate: Knows sessions.
            settings: Limits, and whether https is spoken.
            session_hours: Absolute limit of a session; the cookie outlives the browser's end until then.
            least_length: Of a password, to be told.
            phone_lost: See there.
        """
        self._access = access
        self._gate = gate
        self._settings = settings
        self._session_hours = session_hours
        self._least_length = least_length
        self._phone_lost = phone_lost

    @property
    def calls(self) -> Sequence[Direct]:
        """What it adds to the API."""
        return [
            Direct(
                method="POST",
                path="/session",
                title="Sign in",
                run=self._sign_in,
                body=SignIn,
                answer=SessionTold,
                signed_in=False,
            ),
            Direct(
                method="GET",
                path="/session",
                title="Who is signed in",
                run=self._tell,
                answer=SessionTold,
            ),
            Direct(method="DELETE", path="/session", title="Sign out", run=self._sign_out, status=204),
            Direct(
                method="POST",
                path="/password",
                title="Change one's own password",
                run=self._change_password,
                body=NewPassword,
                status=204,
            ),
            Direct(
                method="POST",
                path="/phone/lost",
                title="The page with the browser telephone is about to vanish (a beacon)",
                run=self._lost,
                body=Lost,
                status=204,
            ),
        ]

    async def _sign_in(self, request: web.Request) -> web.StreamResponse:
        self._gate.require_origin(request)
        self._gate.stranger(request)
        given = await read_body(request, SignIn, self._settings.limits)
        try:
            done = await self._access.sign_in(given.login, given.password, self._gate.address(request))
        except WrongPassword:
            raise Refused(401, "wrong-password", wording.WRONG_PASSWORD) from None
        except (TooManyAttempts, Busy) as error:
            raise _later(error) from None
        response = answer(_told(done.holder, done.secret))
        self._set_cookie(response, done.secret, self._session_hours * _HOUR_SECONDS)
        return response

    async def _tell(self, request: web.Request) -> web.StreamResponse:
        self._gate.require_origin(request)
        holder = await self._gate.holder(request)
        return answer(_told(holder, request.cookies[COOKIE]))

    async def _sign_out(self, request: web.Request) -> web.StreamResponse:
        holder = await self._writing(request)
        await self._access.sign_out(holder)
        response = web.Response(status=204)
        self._set_cookie(response, "", 0)
        return response

    async def _change_password(self, request: web.Request) -> web.StreamResponse:
        holder = await self._writing(request)
        given = await read_body(request, NewPassword, self._settings.limits)
        address = self._gate.address(request)
        try:
            await self._access.change_password(holder, given.old, given.new, address)
        except WrongPassword:
            raise Refused(422, "wrong-password", wording.WRONG_PASSWORD, "old") from None
        except WeakPassword as weak:
            raise too_weak(weak, self._least_length, "new") from None
        except (TooManyAttempts, Busy) as error:
            raise _later(error) from None
        return web.Response(status=204)

    async def _lost(self, request: web.Request) -> web.StreamResponse:
        self._gate.require_origin(request)
        holder = await self._gate.holder(request)
        lost = parsed(await read_raw(request, self._settings.limits), Lost)
        self._gate.require_token(request, lost.csrf)
        await self._phone_lost(holder.user)
        return web.Response(status=204)

    async def _writing(self, request: web.Request) -> Holder:
        self._gate.require_origin(request)
        holder = await self._gate.holder(request)
        self._gate.require_token(request)
        return holder

    def _set_cookie(self, response: web.Response, secret: str, seconds: float) -> None:
        response.set_cookie(
            COOKIE,
            secret,
            max_age=int(seconds),
            path=BASE,
            httponly=True,
            samesite="Strict",
            secure=self._settings.encrypted,
        )


def too_weak(error: WeakPassword, least_length: int, field: str) -> Refused:
    """Why a password is not taken, for the person."""
    message = wording.WEAKNESSES[error.weakness.value].format(least=least_length)
    return Refused(422, f"weak-password-{error.weakness.value}", message, field)


def _later(error: TooManyAttempts | Busy) -> TooMany:
    if isinstance(error, Busy):
        return TooMany(wording.BUSY, _BUSY_SECONDS)
    wait = error.wait_seconds
    return TooMany(wording.TOO_MANY_SIGN_INS.format(wait=wording.lasting(wait)), wait)


def _told(holder: Holder, secret: str) -> SessionTold:
    return SessionTold(
        user=UserTold.of(holder.user),
        rights=sorted(holder.user.role.rights),
        csrf=csrf_token(secret),
        must_change=holder.must_change,
        ends_at=holder.session.ends_at,
    )
