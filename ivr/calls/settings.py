"""Settings of the ledger."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class LedgerSettings(BaseModel):
    """How calls are written down."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    flush_seconds: float = Field(
        0.2, ge=0, description="Rows are gathered so long before they are written, seconds."
    )
    flush_rows: int = Field(
        500, ge=1, description="So many rows are written at once, without waiting longer."
    )
    backlog_rows: int = Field(
        100_000, ge=1, description="Rows kept while the database is away; older ones are given up beyond it."
    )
    retry_seconds: float = Field(
        1.0, gt=0, description="Pause before a failed write is tried again, seconds."
    )
    linger_seconds: float = Field(
        60.0, ge=0, description="An ended call stays in memory so long, for late events, seconds."
    )
