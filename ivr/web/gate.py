"""Who asks: session, origin and token of a request.

The defences are layered: the cookie is `SameSite=Strict`; the request has to come from our own origin
(`Origin`, `Sec-Fetch-Site`); and everything but a GET carries a token bound to the session.
"""

from __future__ import annotations

import hmac
from ipaddress import IPv4Address, IPv6Address, ip_address

import structlog
from aiohttp import web

from ivr.access.audit import Action, Entry
from ivr.access.model import Right
from ivr.access.service import Access
from ivr.access.sessions import Holder, csrf_token
from ivr.dialogue.ports import Clock
from ivr.web import wording
from ivr.web.api.route import Refused
from ivr.web.limits import Limiter
from ivr.web.settings import WebSettings
from ivr.web.wire import TooMany

log = structlog.get_logger(__name__)

COOKIE = "ivr_session"
TOKEN_HEADER = "X-CSRF-Token"  # noqa: S105  # the name of a header
_LONGEST_SECRET = 100
_OURS = frozenset({"same-origin", "none"})


def client_address(request: web.Request, *, behind_proxy: bool) -> IPv4Address | IPv6Address:
    """Network address of whoever asks; behind a proxy the last one that it has noted."""
    forwarded = request.headers.getall("X-Forwarded-For", [])
    noted = forwarded[-1].rpartition(",")[2].strip() if behind_proxy and forwarded else ""
    try:
        return ip_address(noted or request.remote or "")
    except ValueError:
        return ip_address("0.0.0.0")  # noqa: S104  # nobody's


class Gate:
    """Lets requests in."""

    def __init__(self, access: Access, settings: WebSettings, clock: Clock) -> None:
        self._access = access
        self._settings = settings
        self._clock = clock
        limits = settings.limits
        self._users = Limiter(limits.user_per_second, limits.user_burst)
        self._strangers = Limiter(limits.stranger_per_second, limits.stranger_burst)

    def address(self, request: web.Request) -> str:
        """Network address of whoever asks."""
        return str(client_address(request, behind_proxy=self._settings.behind_proxy))

    async def holder(self, request: web.Request) -> Holder:
        """The session of the request, within the limits of its user.

        Raises:
            Refused: There is none that holds, or he asks too often.
            StoreUnavailable: It can't be looked up.
        """
        secret = request.cookies.get(COOKIE, "")
        if not secret or len(secret) > _LONGEST_SECRET:
            raise Refused(401, "signed-out", wording.SIGNED_OUT)
        if not self._access.sessions.knows(secret):
            _require_no_wait(self._strangers.wait(self.address(request), self._clock.monotonic()))
        holder = await self._access.sessions.find(secret)
        if holder is None:
            log.info("api.no-session", path=_place(request))
            self.stranger(request)
            raise Refused(401, "signed-out", wording.SIGNED_OUT)
        _require_no_wait(self._users.take(holder.user.login, self._clock.monotonic()))
        return holder

    def stranger(self, request: web.Request) -> None:
        """Count a request of which nobody knows whose it is.

        All pages of an office come back at once from one address after a restart: those whose session holds
        are not counted.

        Raises:
            TooMany: There were too many from there.
        """
        _require_no_wait(self._strangers.take(self.address(request), self._clock.monotonic()))

    async def require(self, request: web.Request, holder: Holder, right: Right) -> None:
        """See that the user may.

        Raises:
            Refused: He has no right, or has to choose a password first.
            StoreUnavailable: The refusal can't be put down.
        """
        if holder.must_change:
            raise Refused(403, "password-must-change", wording.MUST_CHANGE)
        if holder.user.may(right):
            return
        place = _place(request)
        log.warning("api.denied", path=place, right=right.value, session_id=holder.session.id)
        entry = Entry(
            login=holder.user.login,
            action=Action.DENIED,
            what=f"{request.method} {place}",
            session_id=holder.session.id,
            address=self.address(request),
        )
        await self._access.audit.record(entry)
        raise Refused(403, "denied", wording.DENIED)

    def require_origin(self, request: web.Request, *, stated: bool = False) -> None:
        """See that the request comes from our own pages.

        Args:
            request: What came.
            stated: The origin has to be there, as browsers always send it with a WebSocket.

        Raises:
            Refused: Another site has made the browser ask.
        """
        origin = request.headers.get("Origin")
        foreign = origin != self._origin(request) if origin is not None else stated
        if foreign or request.headers.get("Sec-Fetch-Site", "none") not in _OURS:
            self._forged(request, "origin")

    def require_token(self, request: web.Request, token: str | None = None) -> None:
        """See that the page that asks has been given the session's token.

        Args:
            request: What came.
            token: As the page sent it; without it that of the header.

        Raises:
            Refused: It is not there or another's.
        """
        given = token if token is not None else request.headers.get(TOKEN_HEADER, "")
        expected = csrf_token(request.cookies.get(COOKIE, ""))
        if not hmac.compare_digest(given.encode(errors="replace"), expected.encode()):
            self._forged(request, "token")

    def _origin(self, request: web.Request) -> str:
        scheme = "https" if self._settings.encrypted else "http"
        return self._settings.origin or f"{scheme}://{request.headers.get('Host', '')}"

    def _forged(self, request: web.Request, what: str) -> None:
        log.warning("api.forged", path=_place(request), what=what)
        raise Refused(403, "forged", wording.FORGED)


def _require_no_wait(seconds: float) -> None:
    if seconds:
        raise TooMany(wording.TOO_MANY, seconds)


def _place(request: web.Request) -> str:
    """The declared path, without the values of its parts."""
    resource = request.match_info.route.resource
    return resource.canonical if resource is not None else "?"
