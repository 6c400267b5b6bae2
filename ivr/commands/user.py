"""`ivr user`: who may sign in. Passwords come from the terminal or from stdin, never from arguments."""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from getpass import getpass
from typing import Annotated, Any, Protocol, TypeVar
from zoneinfo import ZoneInfo

import typer

from ivr.access.model import Role, User
from ivr.access.passwords import Weakness
from ivr.access.service import Access, WeakPassword
from ivr.access.settings import AccessSettings
from ivr.access.users import Reason, UserRefused
from ivr.clock import SystemClock
from ivr.commands.opened import with_database
from ivr.commands.output import Format, FormatOption, emit
from ivr.errors import Fault
from ivr.store import Database, StoreSettings

app = typer.Typer(help="Users: add, list, change, set passwords, deactivate, unlock.", no_args_is_help=True)
T = TypeVar("T")

_BY = "ivr user"
_REASONS = {
    Reason.UNKNOWN: ("There is no such user.", "`ivr user list` shows all."),
    Reason.MALFORMED: (
        "The {field} is malformed.",
        "A login is a-z, 0-9, dot, dash, 2 to 32 characters; an extension 2 to 6 digits; a skill is a queue.",
    ),
    Reason.LOGIN_TAKEN: ("There is a user of this login.", "Take another, or change him: `ivr user set`."),
    Reason.EXTENSION_TAKEN: ("Another user has this extension.", "`ivr user list` shows who."),
    Reason.LAST_ADMINISTRATOR: ("He is the last administrator.", "Make another one first."),
}
_WEAKNESSES = {
    Weakness.SHORT: "It needs at least {least} characters.",
    Weakness.LONG: "It is too long.",
    Weakness.LOGIN: "It contains the login.",
    Weakness.COMMON: "It is among the first that are tried; take some words that have nothing in common.",
    Weakness.SAME: "It is the present one.",
}


class Company(Protocol):
    """Whose users they are."""

    @property
    def zone(self) -> ZoneInfo:
        """The time zone."""


class UserContext(Protocol):
    """What these commands take from the settings of the call."""

    @property
    def store(self) -> StoreSettings:
        """The database."""

    @property
    def access(self) -> AccessSettings:
        """Users, passwords, sessions."""

    @property
    def company(self) -> Company:
        """The company."""


LoginArgument = Annotated[str, typer.Argument(help="Name for signing in")]
NameOption = Annotated[str | None, typer.Option("--name", help="Name for people, in Russian")]
RoleOption = Annotated[Role | None, typer.Option("--role", help="What the user may do")]
ExtensionOption = Annotated[
    str | None, typer.Option("--extension", help="Telephone of the workplace; empty for none")
]
SkillsOption = Annotated[
    list[str] | None, typer.Option("--skill", help="A queue that the operator serves; repeat; empty for none")
]
MustChangeOption = Annotated[
    bool, typer.Option("--must-change/--keep", help="Whether the user chooses his own at the next sign-in")
]


@app.command()
def add(
    context: typer.Context,
    login: LoginArgument,
    name: Annotated[str, typer.Option("--name", help="Name for people, in Russian")],
    role: Annotated[Role, typer.Option("--role", help="What the user may do")] = Role.OPERATOR,
    extension: ExtensionOption = None,
    skill: SkillsOption = None,
    must_change: MustChangeOption = True,
    output: FormatOption = Format.TEXT,
) -> None:
    """Make a user; the password is asked for, or read from the first line of stdin."""
    user = User(
        login=login,
        name=name,
        role=role,
        extension=extension or None,
        skills=tuple(filter(None, skill or ())),
    )
    password = _password()

    async def work(access: Access) -> User:
        await access.add(user, password, by=_BY, must_change=must_change)
        return user

    _tell(_with_access(context.obj, login, work), output)


@app.command("list")
def list_users(context: typer.Context, output: FormatOption = Format.TEXT) -> None:
    """List all users, also those who may no longer sign in."""
    found = _with_access(context.obj, "", lambda access: access.users.all())
    text = "\n".join(map(_line, found)) or "no users"
    emit({"users": [asdict(user) for user in found]}, text, output)


@app.command("set")
def set_user(
    context: typer.Context,
    login: LoginArgument,
    name: NameOption = None,
    role: RoleOption = None,
    extension: ExtensionOption = None,
    skill: SkillsOption = None,
    active: Annotated[bool | None, typer.Option("--active", help="Let him sign in again")] = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Change a user; what is not given stays."""
    given: dict[str, Any] = {"name": name, "role": role, "active": active}
    changes = {key: value for key, value in given.items() if value is not None}
    if extension is not None:
        changes["extension"] = extension or None
    if skill is not None:
        changes["skills"] = tuple(filter(None, skill))
    _tell(_with_access(context.obj, login, lambda access: access.change(login, by=_BY, **changes)), output)


@app.command("password")
def set_password(
    context: typer.Context,
    login: LoginArgument,
    must_change: MustChangeOption = True,
    output: FormatOption = Format.TEXT,
) -> None:
    """Give a user a new password and end his sessions; it is asked for, or read from stdin."""
    password = _password()

    async def work(access: Access) -> None:
        await access.set_password(login, password, by=_BY, must_change=must_change)

    _with_access(context.obj, login, work)
    emit({"login": login, "must_change": must_change}, f"{login}: password set, signed out", output)


@app.command()
def deactivate(context: typer.Context, login: LoginArgument, output: FormatOption = Format.TEXT) -> None:
    """Let a user sign in no more, and end his sessions; what he has done stays."""
    _tell(_with_access(context.obj, login, lambda access: access.change(login, by=_BY, active=False)), output)


@app.command()
def unlock(context: typer.Context, login: LoginArgument, output: FormatOption = Format.TEXT) -> None:
    """Forget a user's wrong passwords, so that he may try again at once."""
    forgotten = _with_access(context.obj, login, lambda access: access.unlock(login, by=_BY))
    text = f"{login}: may try again" if forgotten else f"{login}: was not locked"
    emit({"login": login, "forgotten": forgotten}, text, output)


def _with_access(settings: UserContext, login: str, work: Callable[[Access], Awaitable[T]]) -> T:
    async def on(database: Database) -> T:
        access = Access(database, settings.access, SystemClock(settings.company.zone))
        try:
            return await work(access)
        finally:
            access.close()

    with _in_words(login, settings.access.passwords.least_length):
        return with_database(settings.store, on)


@contextmanager
def _in_words(login: str, least_length: int) -> Iterator[None]:
    try:
        yield
    except UserRefused as refused:
        what, fix = _REASONS[refused.reason]
        raise Fault(what.format(field=refused.field), login, fix) from None
    except WeakPassword as weak:
        why = _WEAKNESSES[weak.weakness].format(least=least_length)
        raise Fault("The password is not taken.", login, why) from None


def _password() -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    password = getpass("Password: ")
    if getpass("Once more: ") != password:
        raise Fault("The two passwords differ.", "", "Type the same twice.")
    return password


def _tell(user: User, output: Format) -> None:
    emit(asdict(user), _line(user), output)


def _line(user: User) -> str:
    extension = user.extension or "-"
    state = "" if user.active else "  (inactive)"
    skills = " ".join(user.skills)
    return f"{user.login}  {user.role.value}  {extension}  {user.name}  {skills}".rstrip() + state
