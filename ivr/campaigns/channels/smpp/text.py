"""Russian texts as short messages: UCS-2, in parts. Nothing is ever transliterated."""

from __future__ import annotations

UCS2 = 0x08
"""data_coding, SMPP 3.4, 5.2.19."""

ALONE = 70
"""UTF-16 units of a message that is one part (140 octets, 3GPP TS 23.040, 9.2.3.24)."""

IN_PARTS = 67
"""UTF-16 units of a part: six octets are the user data header's (9.2.3.24.1)."""


def encoded(text: str) -> bytes:
    """UTF-16, big-endian; what is beyond UCS-2 goes as a pair of surrogates, as telephones read it."""
    return text.encode("utf-16-be")


def split(text: str) -> list[str]:
    """The parts of a text, none of them with half a pair of surrogates; one empty part for an empty text."""
    if len(encoded(text)) <= 2 * ALONE:
        return [text]
    parts, part, units = [], "", 0
    for letter in text:
        width = len(encoded(letter)) // 2
        if units + width > IN_PARTS:
            parts.append(part)
            part, units = "", 0
        part, units = part + letter, units + width
    return [*parts, part]


def user_data_header(reference: int, total: int, number: int) -> bytes:
    """Concatenated short messages with an 8-bit reference."""
    return bytes((5, 0, 3, reference % 256, total, number))
