"""Deeds: what people did in a call; each is written down once and never changed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import uuid4


class DeedKind(StrEnum):
    """Deeds that other parts of the program look at; others may be told under names of their own."""

    CARD_OPENED = "card-opened"
    IDENTIFIED = "identified"
    IDENTIFICATION_FAILED = "identification-failed"
    ACCOUNT_ATTACHED = "account-attached"
    READING_TAKEN = "reading-taken"
    RECORDING_PAUSED = "recording-paused"
    RECORDING_RESUMED = "recording-resumed"
    CONSULT_ASKED = "consult-asked"
    CONFERENCE_ASKED = "conference-asked"
    TRANSFER_ASKED = "transfer-asked"
    ABUSIVE_WARNED = "abusive-warned"
    ABUSIVE_ENDED = "abusive-ended"
    SILENT_ENDED = "silent-ended"
    REQUEUED = "requeued"
    WAIT_TOLD = "wait-told"
    LISTENING = "listening"  # a supervisor hears the talk; in which mode is told with it
    LISTENING_ENDED = "listening-ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """Something that somebody did.

    Attributes:
        kind: One of `DeedKind`, or another short name.
        agent: Login; None where the program did it by itself.
        data: Ids and codes, never names, numbers or what was said.
        key: Makes it be written once.
    """

    call_id: str
    kind: str
    agent: str | None
    at: datetime
    data: Mapping[str, Any] = field(default_factory=dict)
    key: str = field(default_factory=lambda: uuid4().hex, compare=False)


DeedsOf = Callable[[str], Awaitable[Sequence[Deed]]]
"""Call id → what was done in it, in order of time, as far as it is written; raises `StoreUnavailable`."""
