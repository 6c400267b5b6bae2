"""A user as a row of the database has him."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ivr.access.model import Role, User
from ivr.access.tables import users


def user_of(row: Mapping[Any, Any]) -> User:
    """The user of a row that holds all columns of the table."""
    return User(
        login=row[users.c.login],
        name=row[users.c.name],
        role=Role(row[users.c.role]),
        extension=row[users.c.extension],
        skills=tuple(row[users.c.skills]),
        active=row[users.c.active],
    )


def values_of(user: User) -> dict[str, Any]:
    """The columns of a user."""
    return {
        "login": user.login,
        "name": user.name,
        "role": user.role.value,
        "extension": user.extension,
        "skills": list(user.skills),
        "active": user.active,
    }
