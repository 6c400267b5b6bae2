"""Settings of the web server."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class WebSettings(BaseModel):
    """Where metrics and health are served."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    host: str = Field(
        "127.0.0.1", description="Address to listen on; the loopback unless a proxy protects it."
    )
    port: int = Field(8080, ge=0, le=65535, description="TCP port; 0 takes a free one.")
    check_seconds: float = Field(2.0, gt=0, description="Time limit of one readiness check, seconds.")
    stop_seconds: float = Field(3.0, ge=0, description="Time that open requests get at a stop, seconds.")
