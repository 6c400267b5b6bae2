"""Why a call is not made now; the words of `NotBefore.why` and `Never.why`."""

from __future__ import annotations

from enum import StrEnum


class Why(StrEnum):
    """The reasons."""

    REFUSED = "refused"
    """The person has refused such calls."""

    NUMBER_REFUSED = "number-refused"
    """This number is not to be called, for this person at least; another one of his may be."""

    QUIET = "quiet"
    """Nothing is said for a time, as after a payment."""

    UNDER_WAY = "under-way"
    """Another call to the person is being made."""

    LIMIT = "limit"
    """The person was reached as often as is allowed."""

    HOURS = "hours"
    """It is no time to call, in one of the zones where the person may be."""

    OVER = "over"
    """The campaign's last hour is past, or comes before a call is allowed."""
