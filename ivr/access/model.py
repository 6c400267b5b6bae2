"""Users, roles and rights."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Right(StrEnum):
    """What a user may do; every call of the API asks for one."""

    WORK = "work"  # take calls, see the cards of one's own calls, register what was agreed
    CARDS = "cards"  # see the card of any call
    BLOCK = "block"  # keep numbers away
    DESK = "desk"  # see all operators and queues; bulletins, shifts, other people's tasks
    FLOOR = "floor"  # move, pause and sign out other operators
    REPORTS = "reports"  # see how the standard is kept, and the calls behind each figure
    RECORDINGS = "recordings"  # find, hear, hold and export conversations
    LISTEN = "listen"  # listen to a talk that goes on, whisper to the operator, join
    ANNOUNCE = "announce"  # tell all callers something, close a line, enter an outage
    QUALITY = "quality"  # review what the robot did not understand, evaluate talks, read transcripts
    CAMPAIGNS = "campaigns"  # make, check, start and stop calls out, see whom they reach, keep refusals
    AUDIT = "audit"  # read who looked at what
    USERS = "users"  # make and change users


class Role(StrEnum):
    """What a user is."""

    OPERATOR = "operator"
    SENIOR = "senior"
    SUPERVISOR = "supervisor"
    ADMINISTRATOR = "administrator"

    @property
    def rights(self) -> frozenset[Right]:
        """What the role may do."""
        return _RIGHTS[self]


_OPERATOR = frozenset({Right.WORK})
_SENIOR = _OPERATOR | {Right.CARDS, Right.BLOCK}
_SUPERVISOR = _SENIOR | {
    Right.DESK,
    Right.FLOOR,
    Right.REPORTS,
    Right.RECORDINGS,
    Right.LISTEN,
    Right.ANNOUNCE,
    Right.QUALITY,
    Right.CAMPAIGNS,
    Right.AUDIT,
}
_RIGHTS = {
    Role.OPERATOR: _OPERATOR,
    Role.SENIOR: _SENIOR,
    Role.SUPERVISOR: _SUPERVISOR,
    Role.ADMINISTRATOR: frozenset({Right.USERS, Right.AUDIT, Right.DESK, Right.REPORTS}),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """Someone who signs in.

    Attributes:
        login: Unique, Latin; it names the operator in ledger, reports and queues.
        name: For people, in Russian.
        extension: Of the telephone at the workplace, unique; None for those who take no calls.
        skills: Queues of Asterisk that the operator serves: `clients`, `clients.billing`, …
        active: A user who is not can't sign in.
    """

    login: str
    name: str
    role: Role
    extension: str | None = None
    skills: tuple[str, ...] = ()
    active: bool = True

    def may(self, right: Right) -> bool:
        """Whether the user has the right."""
        return right in self.role.rights
