"""What a database that cannot work looks like, in every driver that is used."""

from __future__ import annotations

import sqlite3

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

from ivr.errors import Fault

LOCKED = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
_REMEDIES = {
    sqlite3.SQLITE_BUSY: "End the program that holds the lock (for example an open database browser).",
    sqlite3.SQLITE_LOCKED: "End the program that holds the lock (for example an open database browser).",
    sqlite3.SQLITE_FULL: "Free some space on this disk.",
    sqlite3.SQLITE_IOERR: "Check the disk and its free space.",
    sqlite3.SQLITE_READONLY: "Make the file and its folder writable for the user that runs the engine.",
    sqlite3.SQLITE_CANTOPEN: "Create the folder and make it writable for the user that runs the engine.",
    sqlite3.SQLITE_CORRUPT: "Restore the file from a backup.",
    sqlite3.SQLITE_NOTADB: "Name a database file, or restore it from a backup.",
    sqlite3.SQLITE_NOMEM: "Free some memory.",
}
# PostgreSQL, appendix A. Classes that tell of the server's state, not of the statement:
# connection, rollback, resources, prerequisites, intervention, system.
_POSTGRES_CLASSES = ("08", "40", "53", "55", "57", "58")
_POSTGRES_LOCKED = frozenset({"40001", "40P01", "55P03"})  # serialization, deadlock, lock not available


class StoreUnavailable(Fault):
    """The database cannot be read or written now; the job has changed nothing and may be tried again."""


def _sqlite_code(error: BaseException | None) -> int | None:
    """The primary result code of SQLite; extended codes carry more in their higher bits."""
    code = getattr(error, "sqlite_errorcode", None)
    return code & 0xFF if isinstance(code, int) else None


def _postgres_state(error: BaseException | None) -> str:
    state = getattr(error, "sqlstate", None)
    return state if isinstance(state, str) else ""


def is_locked(error: BaseException) -> bool:
    """Whether another process holds a lock, so that trying again may help."""
    return isinstance(error, DBAPIError) and (
        _sqlite_code(error.orig) in LOCKED or _postgres_state(error.orig) in _POSTGRES_LOCKED
    )


def is_unavailable(error: BaseException) -> bool:
    """Whether the database itself is at fault, not the statement."""
    if isinstance(error, OSError | InterfaceError | TimeoutError):
        return True
    if not isinstance(error, DBAPIError):
        return False
    return (
        error.connection_invalidated
        or _sqlite_code(error.orig) in _REMEDIES
        or _postgres_state(error.orig).startswith(_POSTGRES_CLASSES)
        or (isinstance(error, OperationalError) and _sqlite_code(error.orig) is None)
    )


def unavailable(error: BaseException, where: str) -> StoreUnavailable:
    """Tell what is wrong with the database, and how to mend it.

    Args:
        error: What the driver said.
        where: File or URL of the database, without a password.
    """
    cause = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    code = _sqlite_code(cause)
    fix = (
        _REMEDIES.get(code, "")
        if code is not None
        else "Check that the database server runs and can be reached."
    )
    said = str(cause) or type(cause).__name__
    return StoreUnavailable(f"The database cannot be used: {said}.", where, fix)
