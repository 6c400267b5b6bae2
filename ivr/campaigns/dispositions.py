"""How an attempt ended: from the cause of the hang-up, and from who answered.

The causes are those of ITU-T Q.850 (05/2018, table 1). Asterisk gives them for SIP's answers as RFC 3398
(8.2.6.1) and `chan_pjsip` map them: 404 and 604 are 1, 486 and 600 are 17, 480 is 18 or 19, 403 and 603
are 21, 484 is 28, 503 is 34 or 41. A call that nobody took and that is ended by us carries 0, 16 or 127.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ivr.campaigns.model import Disposition, Who
from ivr.campaigns.ports import CallEnd

_UNANSWERED: Mapping[int, Disposition] = {
    0: Disposition.NO_ANSWER,  # not told: our own end of a call that rang in vain
    1: Disposition.UNKNOWN_NUMBER,  # unallocated number
    3: Disposition.UNKNOWN_NUMBER,  # no route to destination
    16: Disposition.NO_ANSWER,  # normal clearing, before an answer
    17: Disposition.BUSY,
    18: Disposition.NO_ANSWER,  # no user responding
    19: Disposition.NO_ANSWER,  # user alerted, no answer
    20: Disposition.NO_ANSWER,  # subscriber absent: a mobile that is off
    21: Disposition.REJECTED,
    22: Disposition.UNKNOWN_NUMBER,  # number changed
    26: Disposition.NO_ANSWER,  # answered elsewhere
    27: Disposition.NO_ANSWER,  # destination out of order
    28: Disposition.UNKNOWN_NUMBER,  # invalid number format
    31: Disposition.NO_ANSWER,  # normal, unspecified
    34: Disposition.CONGESTION,  # no circuit available
    38: Disposition.CONGESTION,  # network out of order
    41: Disposition.CONGESTION,  # temporary failure
    42: Disposition.CONGESTION,  # switching equipment congestion
    44: Disposition.CONGESTION,  # requested circuit not available
    47: Disposition.CONGESTION,  # resource unavailable
    127: Disposition.NO_ANSWER,  # interworking: SIP's 487 after our CANCEL
}
"""Everything else is a fault."""

_BY_WHO: Mapping[Who, Disposition] = {
    Who.FAX: Disposition.FAX,
    Who.ANNOUNCEMENT: Disposition.ANNOUNCEMENT,
}

REFUSALS = frozenset(
    {
        Disposition.CONGESTION,
        Disposition.FAULT,
        Disposition.NOT_DIALLED,
        Disposition.REJECTED,
        Disposition.UNKNOWN_NUMBER,
    }
)
"""Ends without a telephone that rang: a row of nothing else is the trunk's doing, or the list's."""


@dataclass(frozen=True, slots=True)
class Way:
    """How far a call to a queue's operators has come.

    Attributes:
        queue: Whether operators were to take it at all.
        reached: A person's greeting has ended.
        connected: The person was connected with an operator.
    """

    queue: bool = False
    reached: bool = False
    connected: bool = False


def disposition_of(end: CallEnd, way: Way) -> Disposition:
    """How it ended; who answered and is not known is a person.

    Abandoned is who was reached and never connected, whoever hung up: 47 CFR 64.1200(a)(7)(i).
    """
    if end.who is not None and end.who in _BY_WHO:
        return _BY_WHO[end.who]
    if not end.answered:
        return _UNANSWERED.get(end.cause, Disposition.FAULT)
    if end.who is Who.MACHINE:
        return Disposition.MESSAGE_LEFT if end.told else Disposition.MACHINE
    abandoned = way.queue and way.reached and not way.connected
    return Disposition.ABANDONED if abandoned else Disposition.PERSON
