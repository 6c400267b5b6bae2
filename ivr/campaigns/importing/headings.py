"""Which column of a file holds what. Pure but for reading one file of ours."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from ruamel.yaml import YAML

from ivr.campaigns.importing.faults import ImportFault, ListProblem
from ivr.campaigns.needed import NeededField

NUMBER, ACCOUNT = "number", "account"
SETTLEMENT, REGION, ZONE = "settlement", "region", "zone"
NAME, AMOUNT, EMAIL = "name", "amount", "email"

_ALWAYS = (NUMBER, ACCOUNT, SETTLEMENT, REGION, ZONE, NAME, AMOUNT, EMAIL)
_OF_ACCOUNT = frozenset({NAME, AMOUNT})
"""Fields that our own tables tell of an account."""

_SPELLINGS = Path(__file__).with_name("headings.yaml")
_NOT_A_SIGN = re.compile(r"[\W_]+")


@cache
def _spellings() -> Mapping[str, Sequence[str]]:
    known: Mapping[str, Sequence[str]] = YAML(typ="safe", pure=True).load(
        _SPELLINGS.read_text(encoding="utf-8")
    )
    return known


@dataclass(frozen=True, slots=True)
class Columns:
    """What the columns of a file are.

    Attributes:
        fields: Name of a field → how the file calls its column.
        ignored: Columns that nobody knows.
    """

    fields: Mapping[str, str]
    ignored: tuple[str, ...]

    def heading(self, field: str) -> str:
        """How the file calls a field."""
        return self.fields.get(field, field)


def recognise(columns: Sequence[str], needs: Iterable[NeededField], file: str) -> Columns:
    """Find out what the columns are.

    Args:
        columns: As the file calls them.
        needs: What the kind of campaign needs of each target.
        file: Name of the file, for people.

    Raises:
        ImportFault: Two columns are the same field, or a column that must be there is missing.
    """
    needs = tuple(needs)
    names = _names(needs)
    fields: dict[str, str] = {}
    ignored: list[str] = []
    for column in columns:
        field = names.get(_key(column))
        if field is None:
            ignored.extend([column] if column else [])
        elif field in fields:
            raise _same(fields[field], column, file)
        else:
            fields[field] = column
    _require(fields, needs, names, file)
    return Columns(fields, tuple(ignored))


def _same(first: str, second: str, file: str) -> ImportFault:
    return ImportFault(
        f"Two columns are the same: «{first}» and «{second}».",
        file,
        "Leave one of them, or put the numbers into one cell with a comma between.",
        ListProblem.SAME,
        {"columns": f"«{first}» и «{second}»"},
    )


def _names(needs: Iterable[NeededField]) -> dict[str, str]:
    """Spelling → field; what the kind calls its own goes first."""
    known: dict[str, str] = {}
    for field in needs:
        known.setdefault(_key(field.name), field.name)
        known.setdefault(_key(field.title), field.name)
    for name in _ALWAYS:
        for spelling in (name, *_spellings()[name]):
            known.setdefault(_key(spelling), name)
    return known


def _key(text: str) -> str:
    return _NOT_A_SIGN.sub("", text.lower().replace("ё", "е"))


def _require(
    fields: Mapping[str, str], needs: Iterable[NeededField], names: Mapping[str, str], file: str
) -> None:
    missing = [] if NUMBER in fields or ACCOUNT in fields else ["«телефон» или «лицевой счёт»"]
    told = set(fields) | (_OF_ACCOUNT if ACCOUNT in fields else set())
    missing += [
        f"«{each.title}» ({each.name})" for each in needs if not each.optional and each.name not in told
    ]
    if missing:
        columns = ", ".join(missing)
        raise ImportFault(
            f"Columns are missing: {columns}.",
            file,
            "Name them in the first line; case does not count, and other columns may stay.",
            ListProblem.MISSING,
            {"columns": columns},
        )
