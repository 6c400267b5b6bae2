"""Settings of the endpoint that Asterisk sends callers' sound to."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class AeapSettings(BaseModel):
    """Where Asterisk reaches the recogniser, and how much one connection may send."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    host: str = Field("127.0.0.1", description="Address to listen on; sound is not encrypted: the loopback")
    port: int = Field(4574, ge=0, le=65535, description="TCP port; 0 takes a free one")
    web_port: int = Field(
        4575,
        ge=0,
        le=65535,
        description="TCP port of the recogniser's metrics and health; 0 takes a free one",
    )
    max_sessions: int = Field(400, ge=1, description="Connections at once; more are refused")
    setup_seconds: float = Field(3.0, gt=0, description="Time limit for the first request, seconds")
    message_bytes: int = Field(16_384, ge=4096, description="Longest message of a peer, bytes")
    requests_per_second: float = Field(
        50.0, gt=0, description="Requests of one connection; a peer that keeps on sending more is cut off"
    )
    sound_ahead_seconds: float = Field(
        10.0, gt=0, description="Sound that may come faster than it is spoken; more is dropped, seconds"
    )
    ping_seconds: float = Field(
        15.0, gt=0, description="Pause between two pings; half of it unanswered means a dead link, seconds"
    )
