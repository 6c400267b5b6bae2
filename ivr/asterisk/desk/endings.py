"""How a leg ended, from what Asterisk tells when its channel goes (causes: ITU-T Q.850, section 2.2.7)."""

from __future__ import annotations

from typing import Final

from ivr.asterisk.desk.channels import PhoneChannel
from ivr.calls.legs import LegEnd

MEDIA_LOST: Final = 44
"""`Requested circuit/channel not available`: set by Asterisk when no media came for `rtp_timeout` seconds."""
PAGE_LOST: Final = 41
"""`Temporary failure`: the page sends it in the header Reason of its last BYE when it is about to vanish."""

_UNANSWERED: Final = {
    17: LegEnd.BUSY,
    18: LegEnd.NO_ANSWER,
    19: LegEnd.NO_ANSWER,
    21: LegEnd.DECLINED,
}
_GAVE_UP: Final = frozenset({0, 16, 26, 127})
"""Causes of a channel that was rung no longer because nobody wanted it any more."""


def leg_end(phone: PhoneChannel, cause: int) -> LegEnd:
    """How the leg of a telephone ended.

    Args:
        phone: What was known of it.
        cause: Of its `Hangup` event.
    """
    if phone.expected is not None:
        return phone.expected
    if phone.answered:
        return _of_a_talk(phone, cause)
    if cause in _GAVE_UP:
        return LegEnd.CALLER
    return _UNANSWERED.get(cause, LegEnd.FAILED)


def _of_a_talk(phone: PhoneChannel, cause: int) -> LegEnd:
    if cause == MEDIA_LOST or (cause == PAGE_LOST and phone.asked):
        return LegEnd.LOST
    return LegEnd.AGENT if phone.asked else LegEnd.CALLER
