"""Live events: what the pages are told as it happens."""

from __future__ import annotations

from typing import Protocol

from pydantic import BaseModel


class Audience(BaseModel):
    """Who is told: one user, all who have a right, or (neither given) everybody."""

    login: str | None = None
    right: str | None = None


class EventHub(Protocol):
    """Takes events and brings them to the pages, in order; never waits."""

    def publish(self, type: str, data: BaseModel, audience: Audience) -> None:
        """Tell the pages of the audience."""
