"""Settings of the FastAGI server and of the telephone caller."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class AgiSettings(BaseModel):
    """Where Asterisk reaches the engine, and what it may ask of it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    host: str = Field(
        "127.0.0.1", description="Address to listen on; AGI has no authentication: the loopback"
    )
    port: int = Field(4573, ge=0, le=65535, description="TCP port; 0 takes a free one")
    max_connections: int = Field(
        400, ge=1, description="Connections at once; more are closed at once, their callers go to people"
    )
    header_seconds: float = Field(3.0, gt=0, description="Time limit for the request header, seconds")
    header_bytes: int = Field(16_384, ge=1024, description="Limit of the request header, bytes")
    header_lines: int = Field(128, ge=32, description="Limit of the request header, lines")
    reply_bytes: int = Field(65_536, ge=1024, description="Limit of one reply, bytes")
    command_seconds: float = Field(
        5.0, gt=0, description="Time limit for the reply to a command that plays nothing, seconds"
    )
    prompt_seconds: float = Field(
        300.0, gt=0, description="What prompts add to the time limit of a command that plays them, seconds"
    )
    hangup_grace_seconds: float = Field(
        1.0,
        gt=0,
        description="How long after a result of -1 a hang-up is waited for before it is an error, seconds",
    )
    filler_after_seconds: float = Field(
        0.4, ge=0, description="Synthesis that takes longer is bridged by the filler prompt, seconds"
    )
    synthesis_seconds: float = Field(
        6.0, gt=0, description="Time limit for the synthesis of an utterance, filler included, seconds"
    )
    closing_seconds: float = Field(
        2.0,
        ge=0,
        description="A # so soon after an answer that was complete without it belongs to it, seconds",
    )
    key_news_seconds: float = Field(
        1.0,
        gt=0,
        description="How long, after keys, the manager's news of all of them are waited for, seconds",
    )
    listen_retry_seconds: float = Field(
        5.0,
        ge=0,
        description="Pause of a call between two attempts to reach a recogniser that is away, seconds",
    )
    listen_late_seconds: float = Field(
        0.9,
        gt=0,
        lt=1,
        description="A recogniser that takes an order later than this is away; Asterisk waits for 1 second",
    )
    listen_end_seconds: float = Field(
        1.0, gt=0, description="A connection to the recogniser that takes longer to end is helped on, seconds"
    )
    listen_slice_seconds: float = Field(
        3.0,
        gt=0.5,
        description="How often in a long speech it is asked whether the recogniser is still there, seconds",
    )
    recognition_seconds: float = Field(
        5.0, gt=0, description="What recognition may take after the longest speech, seconds"
    )
