"""The forms that a report comes in, by name."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class Form(StrEnum):
    """A form."""

    TEXT = "text"
    JSON = "json"
    CSV = "csv"
    XLSX = "xlsx"
    HTML = "html"

    @property
    def suffix(self) -> str:
        """Of files."""
        return "txt" if self is Form.TEXT else self.value

    @property
    def media_type(self) -> str:
        """RFC 6838."""
        return _MEDIA[self]

    @property
    def is_binary(self) -> bool:
        """Whether a terminal can't show it."""
        return self is Form.XLSX


_MEDIA: Mapping[Form, str] = {
    Form.TEXT: "text/plain",
    Form.JSON: "application/json",
    Form.CSV: "text/csv",
    Form.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    Form.HTML: "text/html",
}
