"""The database: one writer with group commit, a pool of readers, shared column types, migrations.

What is named here is loaded when it is first asked for: whoever needs the settings alone, such as the
watchdog and the recogniser, is spared SQLAlchemy.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ivr.store.columns import Json, Money, RowId, UtcDateTime, metadata
    from ivr.store.database import Database, WriteStatistics
    from ivr.store.faults import StoreUnavailable
    from ivr.store.settings import StoreSettings
    from ivr.store.upgrading import upgrade

__all__ = [
    "Database",
    "Json",
    "Money",
    "RowId",
    "StoreSettings",
    "StoreUnavailable",
    "UtcDateTime",
    "WriteStatistics",
    "metadata",
    "upgrade",
]

_HOMES = {
    **dict.fromkeys(("Json", "Money", "RowId", "UtcDateTime", "metadata"), "columns"),
    **dict.fromkeys(("Database", "WriteStatistics"), "database"),
    "StoreSettings": "settings",
    "StoreUnavailable": "faults",
    "upgrade": "upgrading",
}


def __getattr__(name: str) -> Any:
    """Load what is asked for (PEP 562)."""
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{home}"), name)
