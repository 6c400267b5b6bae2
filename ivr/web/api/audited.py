"""What is put down in the audit of a request."""

from __future__ import annotations

from ivr.access.audit import Action, Entry
from ivr.web.api.route import Asked


def entry_of(asked: Asked, action: Action, what: str, *, subject: str = "", call_id: str = "") -> Entry:
    """That who asks did, or saw, something in his session; the arguments are those of an `Entry`."""
    return Entry(
        login=asked.user.login,
        action=action,
        subject=subject,
        call_id=call_id,
        what=what,
        session_id=asked.session_id,
    )
