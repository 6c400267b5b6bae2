"""Users, for administrators: make, change, lock out, let in."""

from __future__ import annotations

from collections.abc import Awaitable
from datetime import datetime
from typing import Annotated, TypeVar

from pydantic import BaseModel, Field

from ivr.access.model import Right, Role, User
from ivr.access.passwords import Busy
from ivr.access.service import Access, WeakPassword
from ivr.access.users import FORMS, Reason, UserRefused
from ivr.web import wording
from ivr.web.api.route import Asked, Refused, Route
from ivr.web.api.session import UserTold, too_weak

T = TypeVar("T")

_STATUSES = {Reason.UNKNOWN: 404, Reason.MALFORMED: 422}
_CONFLICT = 409

Login = Annotated[str, Field(pattern=rf"^{FORMS['login'].pattern}$")]
Name = Annotated[str, Field(min_length=2, max_length=100)]
Extension = Annotated[str, Field(pattern=rf"^{FORMS['extension'].pattern}$")]
Skill = Annotated[str, Field(pattern=rf"^{FORMS['skills'].pattern}$")]
Skills = Annotated[list[Skill], Field(max_length=100)]
Password = Annotated[str, Field(min_length=1, max_length=1_000, repr=False)]


class UserMade(BaseModel):
    """A new user; the password is for the first sign-in only."""

    login: Login
    name: Name
    role: Role
    extension: Extension | None = None
    skills: Skills = []
    password: Password


class UserChange(BaseModel):
    """What changes; a field that is not given stays, `extension: null` takes the telephone away."""

    name: Name | None = None
    role: Role | None = None
    extension: Extension | None = None
    skills: Skills | None = None
    active: bool | None = None


class GivenPassword(BaseModel):
    """A password for the next sign-in only."""

    password: Password


class UsersTold(BaseModel):
    """All users."""

    users: list[UserTold]


class SessionListed(BaseModel):
    """A session of a user that holds."""

    id: str
    address: str
    began_at: datetime
    seen_at: datetime
    ends_at: datetime


class SessionsListed(BaseModel):
    """The newest first."""

    sessions: list[SessionListed]


class Unlocked(BaseModel):
    """Whether there were wrong passwords to forget."""

    forgotten: bool


class UsersApi:
    """`/users…`."""

    def __init__(self, access: Access, least_length: int) -> None:
        """Args: least_length, of a password, to be told."""
        self._access = access
        self._least_length = least_length

    @property
    def routes(self) -> list[Route]:
        """What it adds to the API."""
        one = "/users/{login}"
        return [
            Route(
                method="GET",
                path="/users",
                title="All users",
                right=Right.USERS,
                run=self._list,
                answer=UsersTold,
            ),
            Route(
                method="POST",
                path="/users",
                title="Make a user",
                right=Right.USERS,
                run=self._make,
                body=UserMade,
                answer=UserTold,
                status=201,
            ),
            Route(
                method="PATCH",
                path=one,
                title="Change a user",
                right=Right.USERS,
                run=self._change,
                body=UserChange,
                answer=UserTold,
            ),
            Route(
                method="POST",
                path=f"{one}/password",
                title="Give a password for the next sign-in",
                right=Right.USERS,
                run=self._password,
                body=GivenPassword,
            ),
            Route(
                method="POST",
                path=f"{one}/unlock",
                title="Forget wrong passwords",
                right=Right.USERS,
                run=self._unlock,
                answer=Unlocked,
            ),
            Route(
                method="GET",
                path=f"{one}/sessions",
                title="Sessions that hold",
                right=Right.USERS,
                run=self._sessions,
                answer=SessionsListed,
            ),
            Route(
                method="DELETE",
                path=f"{one}/sessions/{{session_id}}",
                title="End a session",
                right=Right.USERS,
                run=self._revoke,
            ),
        ]

    async def _list(self, asked: Asked) -> UsersTold:
        return UsersTold(users=[UserTold.of(user) for user in await self._access.users.all()])

    async def _make(self, asked: Asked) -> UserTold:
        made: UserMade = asked.body
        user = User(
            login=made.login,
            name=made.name,
            role=made.role,
            extension=made.extension,
            skills=tuple(made.skills),
        )
        await self._mended(self._access.add(user, made.password, by=asked.user.login))
        return UserTold.of(user)

    async def _change(self, asked: Asked) -> UserTold:
        change: UserChange = asked.body
        given = {name: getattr(change, name) for name in change.model_fields_set}
        changes = {
            name: tuple(value) if isinstance(value, list) else value
            for name, value in given.items()
            if value is not None or name == "extension"
        }
        login = asked.path["login"]
        return UserTold.of(await self._mended(self._access.change(login, by=asked.user.login, **changes)))

    async def _password(self, asked: Asked) -> None:
        given: GivenPassword = asked.body
        login = asked.path["login"]
        await self._mended(self._access.set_password(login, given.password, by=asked.user.login))

    async def _unlock(self, asked: Asked) -> Unlocked:
        login = asked.path["login"]
        return Unlocked(forgotten=await self._mended(self._access.unlock(login, by=asked.user.login)))

    async def _sessions(self, asked: Asked) -> SessionsListed:
        found = await self._access.sessions.of(asked.path["login"])
        return SessionsListed(
            sessions=[
                SessionListed(
                    id=each.id,
                    address=each.address,
                    began_at=each.began_at,
                    seen_at=each.seen_at,
                    ends_at=each.ends_at,
                )
                for each in found
            ]
        )

    async def _revoke(self, asked: Asked) -> None:
        path = asked.path
        if not await self._access.revoke(path["login"], path["session_id"], by=asked.user.login):
            raise Refused(404, "no-session", wording.SESSION_UNKNOWN)

    async def _mended(self, work: Awaitable[T]) -> T:
        """Do it; what is refused is told in words."""
        try:
            return await work
        except UserRefused as refused:
            status = _STATUSES.get(refused.reason, _CONFLICT)
            message = wording.USER_REASONS[refused.reason.value]
            raise Refused(status, refused.reason.value, message, refused.field) from None
        except WeakPassword as weak:
            raise too_weak(weak, self._least_length, "password") from None
        except Busy:
            raise Refused(503, "busy", wording.BUSY) from None
