"""The face of the room: signing in, and changing who may."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import structlog

from ivr.access.attempts import Attempts, Standing
from ivr.access.audit import Action, Audit, Entry
from ivr.access.model import User
from ivr.access.passwords import Hasher, Rules, Weakness
from ivr.access.sessions import Holder, SessionEnd, Sessions
from ivr.access.settings import AccessSettings
from ivr.access.users import Credentials, Reason, UserRefused, Users
from ivr.dialogue.ports import Clock
from ivr.store import Database

log = structlog.get_logger(__name__)
_ONE_AT_A_TIME_SECONDS = 1.0


class WrongPassword(Exception):
    """There is no such user, he may not sign in, or the password is wrong; nobody is told which."""


class TooManyAttempts(Exception):
    """The next attempt has to wait.

    Attributes:
        wait_seconds: So long.
    """

    def __init__(self, wait_seconds: float) -> None:
        super().__init__()
        self.wait_seconds = wait_seconds


class WeakPassword(Exception):
    """The new password is not taken.

    Attributes:
        weakness: Why.
    """

    def __init__(self, weakness: Weakness) -> None:
        super().__init__(weakness.value)
        self.weakness = weakness


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A sign-in that succeeded.

    Attributes:
        secret: For the cookie; kept nowhere else.
    """

    secret: str
    holder: Holder


class Access:
    """Users and what lets them in.

    Attributes:
        users: Who there is.
        sessions: Who is signed in.
        attempts: Who has to wait.
        audit: Who did what.
    """

    def __init__(self, database: Database, settings: AccessSettings, clock: Clock) -> None:
        """Build the parts; the tables are up to date. `close` ends the threads that check passwords."""
        self.users = Users(database, clock)
        self.sessions = Sessions(database, settings.sessions, clock)
        self.attempts = Attempts(database, settings.attempts, clock)
        self.audit = Audit(database, settings.audit, clock)
        self._hasher = Hasher(settings.passwords)
        self._rules = Rules(settings.passwords.least_length)
        self._trying: set[str] = set()

    def close(self) -> None:
        """End the threads."""
        self._hasher.close()

    # --- signing in --------------------------------------------------------------------------------------

    async def sign_in(self, login: str, password: str, address: str) -> SignedIn:
        """Check login and password, and begin a session.

        Raises:
            WrongPassword: They are not right.
            TooManyAttempts: They were not looked at.
            Busy: They were not looked at: too many others wait.
            StoreUnavailable: They can't be checked.
        """
        await self._checked(login, password, address)
        secret = await self.sessions.begin(login, address)
        holder = await self.sessions.find(secret)
        if holder is None:  # made inactive at this very moment
            raise WrongPassword
        await self.audit.record(
            Entry(login=login, action=Action.SIGNED_IN, session_id=holder.session.id, address=address)
        )
        return SignedIn(secret, holder)

    async def sign_out(self, holder: Holder) -> None:
        """End the session.

        Raises:
            StoreUnavailable: It goes on.
        """
        session = holder.session
        await self.sessions.end(session.id, SessionEnd.SIGNED_OUT)
        await self.audit.record(Entry(login=session.login, action=Action.SIGNED_OUT, session_id=session.id))

    async def change_password(self, holder: Holder, old: str, new: str, address: str) -> None:
        """Let a user choose another password; his other sessions end.

        Raises:
            WrongPassword: The old one is wrong.
            WeakPassword: The new one is.
            TooManyAttempts, Busy: They were not looked at.
            StoreUnavailable: It was not changed.
        """
        login = holder.user.login
        await self._checked(login, old, address)
        if old == new:
            raise WeakPassword(Weakness.SAME)
        await self._set_password(login, new, must_change=False)
        await self.sessions.end_all(login, SessionEnd.PASSWORD, but=holder.session.id)
        self.sessions.distrust()
        session_id = holder.session.id
        await self.audit.record(
            Entry(login=login, action=Action.PASSWORD_CHANGED, subject=login, session_id=session_id)
        )

    # --- by an administrator -----------------------------------------------------------------------------

    async def add(self, user: User, password: str, *, by: str, must_change: bool = True) -> None:
        """Make a user.

        Raises:
            UserRefused: A field is malformed, or the login or the extension is another's.
            WeakPassword: The password is.
            Busy: Too many passwords are being checked.
            StoreUnavailable: Nothing was written.
        """
        self._require_strong(password, user.login)
        hashed = await self._hasher.hash(password)
        await self.users.add(user, hashed, must_change=must_change)
        await self._note_user(by, user.login, "added")

    async def change(self, login: str, *, by: str, **changes: Any) -> User:
        """Change fields of a user; one who is no longer active is signed out everywhere.

        Raises:
            UserRefused: There is no such user, a field is malformed, the extension is another's, or nobody
                would be left who may change users.
            StoreUnavailable: Nothing was written.
        """
        changed = await self.users.change(login, **changes)
        if not changed.active:
            await self.sessions.end_all(login, SessionEnd.INACTIVE)
        self.sessions.distrust()
        await self._note_user(by, login, ",".join(sorted(changes)))
        return changed

    async def set_password(self, login: str, password: str, *, by: str, must_change: bool = True) -> None:
        """Give a user a new password; all his sessions end and his failures are forgotten.

        Raises:
            UserRefused: There is no such user.
            WeakPassword: The password is.
            Busy: Too many passwords are being checked.
            StoreUnavailable: Nothing was written.
        """
        await self._set_password(login, password, must_change=must_change)
        await self.sessions.end_all(login, SessionEnd.PASSWORD)
        await self.attempts.forgive(login)
        await self._note_user(by, login, "password")

    async def unlock(self, login: str, *, by: str) -> bool:
        """Forget a user's wrong passwords; tells whether there were any.

        Raises:
            UserRefused: There is no such user.
            StoreUnavailable: Nothing was forgotten.
        """
        if await self.users.get(login) is None:
            raise UserRefused(Reason.UNKNOWN)
        forgiven = await self.attempts.forgive(login)
        await self._note_user(by, login, "unlocked")
        return forgiven

    async def revoke(self, login: str, session_id: str, *, by: str) -> bool:
        """End a session of a user; tells whether it was his and held.

        Raises:
            StoreUnavailable: It goes on.
        """
        if session_id not in {each.id for each in await self.sessions.of(login)}:
            return False
        await self.sessions.end(session_id, SessionEnd.REVOKED)
        await self._note_user(by, login, "session revoked")
        return True

    # --- how ---------------------------------------------------------------------------------------------

    async def _checked(self, login: str, password: str, address: str) -> Credentials:
        """One attempt at a time for each login, so that a parallel storm can't slip past the delays."""
        standing = await self.attempts.standing(login, address)
        if standing.wait_seconds > 0 or standing.key in self._trying:
            log.info("sign-in.delayed", familiar=standing.familiar)
            raise TooManyAttempts(standing.wait_seconds or _ONE_AT_A_TIME_SECONDS)
        self._trying.add(standing.key)
        try:
            found = await self.users.credentials(login)
            kept = None if found is None else found.password
            right = await self._hasher.verify(kept, password, familiar=standing.familiar)
            if found is None or not right or not found.user.active:
                await self._refuse(login if found else "", standing, address)
                raise WrongPassword
            await self.attempts.succeeded(standing)
            await self._renew_hash(found, password)
            return found
        finally:
            self._trying.discard(standing.key)

    async def _refuse(self, known: str, standing: Standing, address: str) -> None:
        locked = await self.attempts.failed(standing)
        log.warning("sign-in.refused", known=bool(known), locked=locked)
        what = "locked" if locked else "wrong password" if known else "unknown login"
        await self.audit.record(Entry(login=known, action=Action.SIGN_IN_REFUSED, what=what, address=address))

    async def _renew_hash(self, found: Credentials, password: str) -> None:
        if self._hasher.outdated(found.password):
            hashed = await self._hasher.hash(password)
            await self.users.set_password(found.user.login, hashed, must_change=found.must_change)

    async def _set_password(self, login: str, password: str, *, must_change: bool) -> None:
        self._require_strong(password, login)
        hashed = await self._hasher.hash(password)
        await self.users.set_password(login, hashed, must_change=must_change)

    def _require_strong(self, password: str, login: str) -> None:
        weakness = self._rules.weakness(password, login)
        if weakness is not None:
            raise WeakPassword(weakness)

    async def _note_user(self, by: str, login: str, what: str) -> None:
        await self.audit.record(Entry(login=by, action=Action.USER_CHANGED, subject=login, what=what))
