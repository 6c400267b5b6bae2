"""Settings of customers: account numbers, what a caller may hear, where billing is."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from ivr.customers.model import Level


class _Settings(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class CheckDigit(StrEnum):
    """Rule of an account number's last digit."""

    NONE = "none"
    LUHN = "luhn"
    MOD11 = "mod11"


class AccountNumberSettings(_Settings):
    """How account numbers look."""

    lengths: tuple[int, ...] = Field(default=(9,), min_length=1, description="Numbers of digits that occur.")
    check: CheckDigit = Field(
        default=CheckDigit.NONE,
        description="Check digit: none, luhn (ISO/IEC 7812) or mod11 (weights 2 to 7 from the right).",
    )


class AccountField(StrEnum):
    """A field of an account that may be disclosed."""

    NUMBER = "number"
    TAIL = "tail"
    KIND = "kind"
    SEGMENT = "segment"
    NAME = "name"
    SETTLEMENT = "settlement"
    STREET_TYPE = "street_type"
    STREET = "street"
    HOUSE = "house"
    FLAT = "flat"
    BALANCE = "balance"
    METERS = "meters"


_STREET = frozenset({AccountField.STREET_TYPE, AccountField.STREET})
_DISCLOSURE = {
    Level.UNKNOWN: _STREET,
    Level.RECOGNISED: _STREET | {AccountField.SETTLEMENT, AccountField.TAIL},
    Level.IDENTIFIED: frozenset(AccountField),
}


class BillingApiSettings(_Settings):
    """Billing's HTTP API (docs/billing-api.md)."""

    url: str = Field(description="Base URL, such as https://billing.example/ivr/v1.", pattern="^https?://")
    token: SecretStr | None = Field(default=None, description="Bearer token.")
    attempt_seconds: float = Field(default=0.8, gt=0, description="Time limit of one request.")
    attempts: int = Field(default=2, ge=1, le=5, description="Requests per question; all are reads.")
    failures_to_pause: int = Field(
        default=5, ge=1, description="Failures in a row after which requests pause."
    )
    pause_seconds: float = Field(default=15.0, gt=0, description="Pause before billing is tried again.")
    fresh_seconds: float = Field(default=60.0, ge=0, description="Age up to which an answer is used again.")
    stale_seconds: float = Field(
        default=86_400.0, ge=0, description="Age up to which an answer is used while billing is down."
    )
    cache_entries: int = Field(default=5_000, ge=0, description="Most answers kept in memory.")
    connections: int = Field(default=20, ge=1, description="Most requests at once.")


class CustomersSettings(_Settings):
    """Accounts, identification and billing."""

    account_number: AccountNumberSettings = Field(
        default=AccountNumberSettings(), description="How account numbers look."
    )
    disclosure: Mapping[Level, frozenset[AccountField]] = Field(
        default=_DISCLOSURE, description="What a caller of each level may hear of an account."
    )
    meter_title: str = Field(
        default="счётчик номер {tail}",
        description="How a meter is called; {tail} and {serial} are filled in.",
    )
    tail_digits: int = Field(default=4, ge=2, le=6, description="Digits of a tail of a number.")
    home_settlement: str = Field(
        default="", max_length=100, description="Settlement of an address for which a caller names none."
    )
    streets_limit: int = Field(
        default=2_000, ge=0, description="Most names of streets that are listened for; 0 asks for none."
    )
    streets_fresh_seconds: float = Field(
        default=3_600.0, ge=0, description="Age up to which the list of streets is used again."
    )
    names_limit: int = Field(
        default=20, ge=1, le=100, description="Most accounts that a search by name shows an operator."
    )
    calls_limit: int = Field(default=10_000, ge=1, description="Most calls whose callers are remembered.")
    billing: BillingApiSettings | None = Field(
        default=None,
        description="Billing's HTTP API; without it our own tables, filled from files, are used.",
    )

    def fields(self, level: Level) -> frozenset[AccountField]:
        """What a caller of this level may hear; nothing when the settings are silent."""
        return self.disclosure.get(level, frozenset())
