"""Receipts that gateways post to us over HTTP."""

from __future__ import annotations

import hmac
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from ivr.campaigns.channels.http import found_at
from ivr.campaigns.channels.model import PartState, Receipt
from ivr.campaigns.channels.receipts import Receipts
from ivr.campaigns.channels.settings import CallbackSettings

_MILLISECONDS_FROM = 10**11


class Callbacks:
    """Takes what gateways post, each with the secret of its own address."""

    def __init__(self, settings: Mapping[str, CallbackSettings], receipts: Receipts) -> None:
        """Settings by the gateway's name."""
        self._settings = settings
        self._receipts = receipts

    def knows(self, gateway: str, secret: str) -> bool:
        """Whether somebody may post for a gateway."""
        own = self._settings.get(gateway)
        return own is not None and hmac.compare_digest(own.secret.get_secret_value(), secret)

    async def take(self, gateway: str, told: Any) -> int:
        """Keep what a body of JSON tells, of one message or of a list; tells of how many.

        Raises:
            KeyError: There is no such gateway.
            StoreUnavailable: Not all was taken: the gateway is to post it again.
        """
        own = self._settings[gateway]
        every = told if isinstance(told, list) else [told]
        found = [receipt for each in every if (receipt := receipt_of(gateway, own, each)) is not None]
        for receipt in found:
            await self._receipts.take(receipt)
        return len(found)


def receipt_of(gateway: str, settings: CallbackSettings, told: Any) -> Receipt | None:
    """What is told of one message; None: no id, or a state that is none of the settings'."""
    named = found_at(told, settings.id_path)
    state = settings.states.get(str(found_at(told, settings.state_path)))
    if named in (None, "") or state is None:
        return None
    code = str(found_at(told, settings.code_path) or "")[:64] if settings.code_path else ""
    at = _moment(found_at(told, settings.at_path)) if settings.at_path else None
    return Receipt(gateway, str(named)[:128], state, at, "" if state is PartState.DELIVERED else code)


def _moment(told: Any) -> datetime | None:
    try:
        if isinstance(told, str) and not told.isdecimal():
            moment = datetime.fromisoformat(told)
            return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        seconds = float(told)
        return datetime.fromtimestamp(seconds / 1000 if seconds > _MILLISECONDS_FROM else seconds, UTC)
    except (TypeError, ValueError, OverflowError, OSError):
        return None


def callbacks_of(named: Sequence[tuple[str, CallbackSettings | None]]) -> dict[str, CallbackSettings]:
    """Those that are set."""
    return {name: settings for name, settings in named if settings is not None}
