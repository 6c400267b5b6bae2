"""Settings of the database."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class StoreSettings(BaseModel):
    """Where the data are kept, and how long a writer may wait."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    url: str = Field(
        default="sqlite:///var/ivr.db",
        repr=False,
        description=(
            "SQLAlchemy URL: sqlite:///FILE, sqlite+aiosqlite:///FILE or "
            "postgresql+asyncpg://USER@HOST/NAME. "
            "The password of PostgreSQL is better given in PGPASSWORD or .pgpass."
        ),
    )
    busy_seconds: float = Field(
        default=2.5,
        gt=0,
        description=(
            "How long a write waits for a database that another process has locked, and a connection for "
            "a server that is slow to open it; "
            "less than the time limits of the scenarios' actions, so that none is written after its caller "
            "has gone to a person."
        ),
    )
    batch_limit: int = Field(default=200, ge=1, description="Most jobs in one transaction.")
    queue_limit: int = Field(default=20_000, ge=1, description="Most write jobs waiting; more are refused.")
    read_connections: int = Field(default=2, ge=1, le=64, description="Connections for reading.")
