"""The database: one writer with group commit, a pool of readers, shared column types, migrations."""

from ivr.store.columns import Json, Money, RowId, UtcDateTime, metadata
from ivr.store.database import Database, WriteStatistics
from ivr.store.faults import StoreUnavailable
from ivr.store.settings import StoreSettings
from ivr.store.upgrade import upgrade

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
