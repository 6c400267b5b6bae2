"""In which encoding a text file is; any but UTF-8 and CP1251 is refused by name instead of being misread."""

from __future__ import annotations

from pathlib import Path

from ivr.campaigns.importing.faults import ImportFault, ListProblem
from ivr.customers.files import detect_encoding

_SAMPLE = 65_536
_LEAST_LETTERS = 20
_COMMON = frozenset("оеаинтсрвл")
"""The commonest Russian letters, in two thirds of the places of any text."""

_USUAL = frozenset("абвгдеёжзийклмнопрстуфхцчшщъыьэюя№«»–—…\u00a0")
_CLEARLY = 0.08
_OTHERS = {
    "cp866": "DOS (CP866)",
    "koi8_r": "KOI8-R",
    "mac_cyrillic": "Mac Cyrillic",
    "iso8859_5": "ISO 8859-5",
}
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")


def require_readable(path: Path) -> None:
    """Check that the file is in UTF-8 or CP1251.

    Raises:
        ImportFault: It is in another encoding, which is named.
        NoTable: It can't be read.
    """
    encoding = detect_encoding(path)
    with path.open("rb") as file:
        sample = file.read(_SAMPLE)
    if sample.startswith(_UTF_16):
        raise _fault("UTF-16", path)
    if encoding == "cp1251":
        likely = max(_OTHERS, key=lambda name: _russian(sample, name))
        if _russian(sample, likely) > _russian(sample, encoding) + _CLEARLY:
            raise _fault(_OTHERS[likely], path)


def _russian(sample: bytes, encoding: str) -> float:
    """Share of the commonest Russian letters in what is no ASCII, less that of what is no Russian at all."""
    foreign = [sign for sign in sample.decode(encoding, errors="replace").lower() if not sign.isascii()]
    if len(foreign) < _LEAST_LETTERS:
        return 0.0
    common, strange = sum(map(_COMMON.__contains__, foreign)), sum(sign not in _USUAL for sign in foreign)
    return (common - strange) / len(foreign)


def _fault(encoding: str, path: Path) -> ImportFault:
    return ImportFault(
        f"The file is in {encoding}.",
        path.name,
        "Save the table as CSV in UTF-8 (or Windows-1251), or as XLSX.",
        ListProblem.ENCODING,
        {"encoding": encoding},
    )
