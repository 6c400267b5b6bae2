"""Receipts as message centres write them (SMPP 3.4, appendix B, and 5.3.2.12, 31, 35)."""

from __future__ import annotations

import re
from datetime import datetime, tzinfo

from ivr.campaigns.channels.model import PartState, Receipt
from ivr.campaigns.channels.settings import IdForm
from ivr.campaigns.channels.smpp.pdu import ShortMessage, Tag

_IS_RECEIPT = 0x04
_IS_UNDER_WAY = 0x20
_KIND = 0x3C
_FIELD = re.compile(rb"(id|done date|stat|err):\s*([^\s]*)", re.IGNORECASE)

_WORDS = {
    "ENROUTE": PartState.ACCEPTED,
    "ACCEPTD": PartState.ACCEPTED,
    "DELIVRD": PartState.DELIVERED,
    "EXPIRED": PartState.UNDELIVERED,
    "DELETED": PartState.UNDELIVERED,
    "UNDELIV": PartState.UNDELIVERED,
    "REJECTD": PartState.UNDELIVERED,
    "UNKNOWN": PartState.UNKNOWN,
}
"""Appendix B, message states."""

_STATES = dict(
    enumerate(("ENROUTE", "DELIVRD", "EXPIRED", "DELETED", "UNDELIV", "ACCEPTD", "UNKNOWN", "REJECTD"), 1)
)
"""5.2.28: message_state."""


def is_receipt(told: ShortMessage) -> bool:
    """Whether it tells of a message of ours; else somebody has written to us."""
    return told.esm_class & _KIND in (_IS_RECEIPT, _IS_UNDER_WAY)


def receipt(told: ShortMessage, gateway: str, ids: IdForm, zone: tzinfo) -> Receipt | None:
    """What it tells; None: no id or no state can be found in it. Parameters go before the text."""
    text = {name.lower(): value.decode("latin-1") for name, value in _FIELD.findall(told.content)}
    named = told.optional.get(Tag.RECEIPTED_MESSAGE_ID, b"").rstrip(b"\0").decode("latin-1")
    state = told.optional.get(Tag.MESSAGE_STATE, b"")
    word = _STATES.get(state[0], "") if state else text.get(b"stat", "").upper()
    found = named or _as_answered(text.get(b"id", ""), ids)
    if not found or word not in _WORDS:
        return None
    held = _WORDS[word]
    reason = "" if held is PartState.DELIVERED else _reason(word, text.get(b"err", ""))
    return Receipt(gateway, found, held, _moment(text.get(b"done date", ""), zone), reason)


def _as_answered(written: str, ids: IdForm) -> str:
    if ids is IdForm.HEX_THEN_DECIMAL and written.isdecimal():
        return f"{int(written):x}"
    return written


def answered(written: str, ids: IdForm) -> str:
    """The id of an answer in the form in which receipts are compared with it."""
    if ids is IdForm.SAME:
        return written
    try:
        return f"{int(written, 16):x}"
    except ValueError:
        return written


def _reason(word: str, error: str) -> str:
    return f"{word} {error}" if error.strip("0") else word


def _moment(written: str, zone: tzinfo) -> datetime | None:
    form = {10: "%y%m%d%H%M", 12: "%y%m%d%H%M%S"}.get(len(written))
    if form is None:
        return None
    try:
        return datetime.strptime(written, form).replace(tzinfo=zone)
    except ValueError:
        return None
