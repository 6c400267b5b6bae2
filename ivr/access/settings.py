"""Settings of access: passwords, attempts, sessions, audit."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class _Settings(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class PasswordSettings(_Settings):
    """Argon2id (RFC 9106); the defaults take about 120 ms of one core of 2026 and 64 MiB."""

    least_length: int = Field(default=10, ge=8, le=64, description="Shortest password, characters.")
    memory_kib: int = Field(default=65_536, ge=19_456, description="Memory of one calculation, KiB.")
    passes: int = Field(default=2, ge=1, le=20, description="Passes over the memory.")
    threads: int = Field(
        default=1,
        ge=1,
        le=16,
        description="Passwords of strangers checked at once, each on a thread of low priority; as many again "
        "of those who have signed in from the same address before.",
    )
    waiting: int = Field(
        default=20, ge=0, description="Sign-ins that may wait for a thread; more are told to come again."
    )


class AttemptSettings(_Settings):
    """Wrong passwords. Each failure beyond the free ones doubles the delay before the next attempt."""

    free: int = Field(default=3, ge=0, description="Failures of one login without a delay.")
    free_of_address: int = Field(
        default=100, ge=0, description="Failures from one address without a delay; offices share addresses."
    )
    first_delay_seconds: float = Field(default=1.0, gt=0, description="The first delay, seconds.")
    lock_seconds: float = Field(
        default=900.0, gt=0, description="The longest delay, at which a login counts as locked, seconds."
    )
    longest_of_address_seconds: float = Field(
        default=10.0,
        gt=0,
        description="The longest delay of an address, seconds; short, for it holds up all who share it.",
    )
    forget_seconds: float = Field(
        default=3_600.0, gt=0, description="Failures are forgotten so long after the last one, seconds."
    )


class SessionSettings(_Settings):
    """How long a sign-in holds."""

    idle_minutes: float = Field(
        default=60.0,
        gt=0,
        description="A session ends so long after its last request; an open page counts as one, minutes.",
    )
    absolute_hours: float = Field(
        default=12.0, gt=0, description="A session ends so long after the sign-in whatever happens, hours."
    )
    trusted_seconds: float = Field(
        default=2.0,
        ge=0,
        description="How long a session is taken for valid before the database is asked again, seconds.",
    )


class AuditSettings(_Settings):
    """Who looked at what."""

    keep_days: int = Field(default=1_095, ge=1, description="How long entries are kept, days.")
    sweep_hours: float = Field(default=24.0, gt=0, description="How often old entries are deleted, hours.")


class AccessSettings(_Settings):
    """Users, their passwords and sessions."""

    passwords: PasswordSettings = Field(default=PasswordSettings(), description="Passwords.")
    attempts: AttemptSettings = Field(default=AttemptSettings(), description="Wrong passwords.")
    sessions: SessionSettings = Field(default=SessionSettings(), description="Sessions.")
    audit: AuditSettings = Field(default=AuditSettings(), description="The audit.")
