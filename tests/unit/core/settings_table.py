"""The settings as tables for docs/operations.md, made from the models themselves.

Renew them there: `.venv/bin/python -m tests.unit.core.settings_table docs/operations.md`.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping
from enum import Enum
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

from ivr.settings import Settings

BEGIN, END = "<!-- settings: begin (tests/unit/core/settings_table.py) -->", "<!-- settings: end -->"

_KIND = "Kind: "

Row = tuple[str, str, str]
"""Key, default, meaning."""


def tables() -> str:
    """One table a branch, the keys without a branch first."""
    rows = list(_rows(Settings, ""))
    branches = dict.fromkeys(_branch(key) for key, _, _ in rows)
    return "\n\n".join(
        _table(branch, [row for row in rows if _branch(row[0]) == branch]) for branch in branches
    )


def renewed(document: str) -> str:
    """The document with the tables as they are now."""
    before, _, rest = document.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n\n{tables()}\n\n{END}{after}"


def _branch(key: str) -> str:
    return key.partition(".")[0].removesuffix("[]") if "." in key else ""


def _table(branch: str, rows: list[Row]) -> str:
    title = f"### `{branch}`" if branch else "### Without a branch"
    lines = [f"| `{key}` | {default} | {meaning} |" for key, default, meaning in rows]
    return "\n".join([title, "", "| key | default | meaning |", "|---|---|---|", *lines])


def _rows(model: type[BaseModel], prefix: str, preset: object = None) -> Iterator[Row]:
    """Rows of a model; `preset` is the default of the field that holds it, which tells its fields' own."""
    for name, field in model.model_fields.items():
        parts = _models(field.annotation)
        known = isinstance(preset, model) and name in preset.model_fields_set
        value = getattr(preset, name) if known else field.get_default(call_default_factory=True)
        if not parts:
            needed = field.is_required() and not known
            yield f"{prefix}{name}", "**needed**" if needed else _default(value), _meaning(field)
        inner = f"{prefix}{name}{_step(field.annotation)}."
        yield from _merged(row for part in parts for row in _rows(part, inner, value))


def _merged(rows: Iterable[Row]) -> Iterable[Row]:
    """Each key once; the kinds of a union's members are told together."""
    merged: dict[str, Row] = {}
    for key, default, meaning in rows:
        before = merged.setdefault(key, (key, default, meaning))
        if meaning != before[2] and meaning.startswith(_KIND):
            merged[key] = (key, before[1], f"{before[2]} or {meaning.removeprefix(_KIND)}")
    return merged.values()


def _models(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for argument in get_args(annotation) for model in _models(argument)]


def _step(annotation: Any) -> str:
    origin = get_origin(annotation)
    if origin is tuple:
        return "[]"
    return ".<name>" if isinstance(origin, type) and issubclass(origin, Mapping) else ""


def _meaning(field: FieldInfo) -> str:
    if get_origin(field.annotation) is Literal and not field.description:
        return _KIND + ", ".join(get_args(field.annotation))
    return (field.description or "").rstrip(".").replace("|", "\\|")


def _default(value: Any) -> str:
    text = _plain(value)
    return f"`{text}`" if text else "–"


def _plain(value: Any) -> str:
    if isinstance(value, Mapping):
        return "; ".join(f"{_plain(key)}: {_plain(each)}" for key, each in value.items())
    if isinstance(value, frozenset):
        return ", ".join(sorted(map(_plain, value)))
    if isinstance(value, tuple):
        return ", ".join(map(_plain, value))
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Enum):
        return str(value.value)
    return "" if value is None or isinstance(value, SecretStr) else str(value)


if __name__ == "__main__":
    target = Path(sys.argv[1])
    target.write_text(renewed(target.read_text(encoding="utf-8")), encoding="utf-8")
