"""What waiting callers have been told, noted in the ledger, so that nobody is told twice by a new engine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

import structlog

from ivr.calls.deeds import Deed, DeedKind, DeedsOf
from ivr.desk.announcing import Told, Word
from ivr.store import StoreUnavailable

log = structlog.get_logger(__name__)


class NoteDeed(Protocol):
    """`Ledger.note_deed`."""

    def __call__(
        self,
        call_id: str,
        kind: str,
        agent: str | None,
        at: datetime | None = None,
        data: Mapping[str, Any] | None = None,
    ) -> None:
        """Something was done in a call."""


def _nowhere(
    call_id: str,
    kind: str,
    agent: str | None,
    at: datetime | None = None,
    data: Mapping[str, Any] | None = None,
) -> None:
    """It is forgotten."""


async def _nothing(call_id: str) -> Sequence[Deed]:
    return ()


class ToldBook:
    """Notes it as deeds `wait-told`, each with all that was told in the wait so far."""

    def __init__(self, note: NoteDeed = _nowhere, deeds: DeedsOf = _nothing) -> None:
        """Without a ledger nothing is kept."""
        self._note = note
        self._deeds = deeds

    def note(self, call_id: str, told: Told) -> None:
        """It stays known from now on."""
        self._note(call_id, DeedKind.WAIT_TOLD, None, data=_written(told))

    async def since(self, call_id: str, began: datetime) -> Told:
        """What he was told in the wait that began then; nothing when the database can't be read now."""
        try:
            deeds = await self._deeds(call_id)
        except StoreUnavailable:
            log.warning("waiting.told_unknown")
            return Told()
        noted = [deed for deed in deeds if deed.kind == DeedKind.WAIT_TOLD and deed.at >= began]
        return _read(noted[-1].data) if noted else Told()


def _written(told: Told) -> Mapping[str, Any]:
    return {
        "position": told.position,
        "minutes": told.minutes,
        "hinted": told.hinted,
        "asked": sorted(told.asked),
    }


def _read(noted: Mapping[str, Any]) -> Told:
    return Told(
        position=noted["position"],
        minutes=noted["minutes"],
        hinted=noted["hinted"],
        asked={Word(word) for word in noted["asked"]},
    )
