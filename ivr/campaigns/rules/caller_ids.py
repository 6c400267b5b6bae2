"""What a subscriber's telephone shows: from the white list of the settings alone. Pure."""

from __future__ import annotations

from collections.abc import Collection

from ivr.campaigns.settings import CallerId, CampaignsSettings
from ivr.errors import Fault


class NoCallerId(Fault):
    """No number can be shown.

    Attributes:
        wanted: What is not in the list; empty: none is named.
        listed: Names of those that are.
    """

    def __init__(self, wanted: str, listed: Collection[str]) -> None:
        names = ", ".join(sorted(listed)) or "none"
        what = f"The caller id {wanted!r} is not in the white list." if wanted else "No caller id is named."
        super().__init__(what, "campaigns.caller_ids", f"Name one of the list ({names}), or put it there.")
        self.wanted = wanted
        self.listed = listed


def caller_id(settings: CampaignsSettings, name: str) -> CallerId:
    """The number and label that a campaign shows.

    Args:
        settings: With the white list.
        name: As the campaign says; empty: the company's usual one, or the only one.

    Raises:
        NoCallerId: It is not in the list, or none is named and the list has several.
    """
    listed = settings.caller_ids
    sole = next(iter(listed)) if len(listed) == 1 else ""
    wanted = name or settings.caller_id or sole
    if wanted in listed:
        return listed[wanted]
    raise NoCallerId(wanted, listed)
