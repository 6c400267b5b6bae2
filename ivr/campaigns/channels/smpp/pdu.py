"""Protocol data units of SMPP 3.4, as far as a sender of messages needs them (sections 3 to 5)."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum

HEADER = struct.Struct(">IIII")
LONGEST = 70_000
"""Octets; a message_payload has up to 64 K. Whoever announces more does not speak SMPP."""

RESPONSE = 0x8000_0000
VERSION = 0x34


class Malformed(Exception):
    """Octets that are no PDU."""


class Command(IntEnum):
    """command_id, 5.1.2.1."""

    BIND_TRANSCEIVER = 0x0009
    SUBMIT_SM = 0x0004
    DELIVER_SM = 0x0005
    UNBIND = 0x0006
    ENQUIRE_LINK = 0x0015
    DATA_SM = 0x0103
    ALERT_NOTIFICATION = 0x0102
    GENERIC_NACK = 0x8000_0000


class Status(IntEnum):
    """command_status, 5.1.3; only those that something follows from."""

    OK = 0x00
    INVALID_COMMAND = 0x03
    SYSTEM_ERROR = 0x08
    QUEUE_FULL = 0x14
    THROTTLED = 0x58
    TEMPORARY_HERE = 0x64
    """ESME_RX_T_APPN: the sender is to deliver it again later."""

    TEMPORARY_THERE = 0x65


class Tag(IntEnum):
    """Optional parameters, 5.3.2."""

    RECEIPTED_MESSAGE_ID = 0x001E
    SAR_REFERENCE = 0x020C
    SAR_TOTAL = 0x020E
    SAR_NUMBER = 0x020F
    NETWORK_ERROR_CODE = 0x0423
    MESSAGE_PAYLOAD = 0x0424
    MESSAGE_STATE = 0x0427


@dataclass(frozen=True, slots=True)
class Pdu:
    """One of them."""

    command: int
    status: int
    sequence: int
    body: bytes = b""

    def encoded(self) -> bytes:
        """With its length and header."""
        return HEADER.pack(HEADER.size + len(self.body), self.command, self.status, self.sequence) + self.body


@dataclass(frozen=True, slots=True)
class Address:
    """5.2.5 and 5.2.6: type of number, numbering plan."""

    ton: int
    npi: int
    digits: str

    @classmethod
    def of_number(cls, number: str) -> Address:
        """An international number of E.164."""
        return cls(1, 1, number.removeprefix("+"))

    @classmethod
    def of_sender(cls, sender: str) -> Address:
        """A name of letters, a number of E.164, or a short code of the operator's."""
        if not sender.removeprefix("+").isdigit():
            return cls(5, 0, sender)
        return cls.of_number(sender) if len(sender.removeprefix("+")) > 8 else cls(0, 1, sender)


@dataclass(frozen=True, slots=True)
class ShortMessage:
    """The body of submit_sm (4.4.1) and deliver_sm (4.6.1)."""

    source: Address
    destination: Address
    content: bytes
    esm_class: int = 0
    registered_delivery: int = 0
    data_coding: int = 0
    validity_period: str = ""
    optional: Mapping[int, bytes] = field(default_factory=dict)

    def encoded(self) -> bytes:
        """As a body."""
        payload = self.optional.get(Tag.MESSAGE_PAYLOAD)
        content = b"" if payload is not None else self.content
        if len(content) > 254:
            raise ValueError("a short message has at most 254 octets")
        return b"".join(
            (
                _c_octets(""),
                _address(self.source),
                _address(self.destination),
                bytes((self.esm_class, 0, 0)),
                _c_octets(""),
                _c_octets(self.validity_period),
                bytes((self.registered_delivery, 0, self.data_coding, 0, len(content))),
                content,
                *(struct.pack(">HH", tag, len(value)) + value for tag, value in self.optional.items()),
            )
        )

    @classmethod
    def decoded(cls, body: bytes) -> ShortMessage:
        """From a body. Raises Malformed."""
        read = _Reader(body)
        read.c_octets()
        source, destination = read.address(), read.address()
        esm_class, _, _ = read.octets(3)
        read.c_octets()
        validity = read.c_octets()
        registered, _, coding, _, length = read.octets(5)
        content = read.octets(length)
        optional = read.optional()
        return cls(
            source,
            destination,
            optional.get(Tag.MESSAGE_PAYLOAD, content),
            esm_class,
            registered,
            coding,
            validity,
            optional,
        )


def bind_transceiver(system_id: str, password: str, system_type: str) -> bytes:
    """The body of bind_transceiver (4.1.5)."""
    named = _c_octets(system_id) + _c_octets(password) + _c_octets(system_type)
    return named + bytes((VERSION, 0, 0)) + _c_octets("")


def message_id(body: bytes) -> str:
    """The id in the body of submit_sm_resp (4.4.2). Raises Malformed."""
    return _Reader(body).c_octets() if body else ""


def header(octets: bytes) -> tuple[int, int, int, int]:
    """Length of the body, command, status, sequence number. Raises Malformed."""
    length, command, status, sequence = HEADER.unpack(octets)
    if not HEADER.size <= length <= LONGEST:
        raise Malformed(f"a PDU of {length} octets")
    return length - HEADER.size, command, status, sequence


def _c_octets(text: str) -> bytes:
    return text.encode("ascii", "replace") + b"\0"


def _address(address: Address) -> bytes:
    return bytes((address.ton, address.npi)) + _c_octets(address.digits)


class _Reader:
    """Reads a body field by field."""

    def __init__(self, body: bytes) -> None:
        self._body = body
        self._at = 0

    def octets(self, count: int) -> bytes:
        found = self._body[self._at : self._at + count]
        if len(found) < count:
            raise Malformed("a body that is too short")
        self._at += count
        return found

    def c_octets(self) -> str:
        end = self._body.find(b"\0", self._at)
        if end < 0:
            raise Malformed("a text without an end")
        found = self._body[self._at : end]
        self._at = end + 1
        return found.decode("latin-1")

    def address(self) -> Address:
        ton, npi = self.octets(2)
        return Address(ton, npi, self.c_octets())

    def optional(self) -> dict[int, bytes]:
        found: dict[int, bytes] = {}
        while self._at < len(self._body):
            tag, length = struct.unpack(">HH", self.octets(4))
            found[tag] = self.octets(length)
        return found
