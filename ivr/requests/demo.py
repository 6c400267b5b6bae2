"""Requests of the invented company."""

from __future__ import annotations

from datetime import datetime, timedelta

from ivr.requests.model import Request, RequestKind, RequestStatus
from ivr.requests.register import Register


def demo_requests(now: datetime) -> tuple[Request, Request, Request]:
    """Two requests of account 320145678, one answered and one not, and an overdue one of 320145679.

    Args:
        now: Aware; the requests were registered some days before.
    """

    def request(
        number: str,
        account: str,
        kind: RequestKind,
        topic: str,
        days_ago: int,
        answered_after: int | None = None,
    ) -> Request:
        registered_at = now.replace(microsecond=0) - timedelta(days=days_ago)
        answered_at = None if answered_after is None else registered_at + timedelta(days=answered_after)
        return Request(
            number=number,
            account_number=account,
            kind=kind,
            topic=topic,
            registered_at=registered_at,
            due_at=registered_at + timedelta(days=30),
            status=RequestStatus.ANSWERED if answered_at else RequestStatus.IN_PROGRESS,
            answer_channel="email",
            answered_at=answered_at,
        )

    return (
        request("10457", "320145678", RequestKind.APPLICATION, "bill.recalculate", 20, 12),
        request("10498", "320145678", RequestKind.QUESTION, "tariff.current", 4),
        request("10311", "320145679", RequestKind.COMPLAINT, "quality.voltage", 37),
    )


async def write_demo_requests(register: Register, now: datetime) -> None:
    """Enter them; a repeat moves them to the new moment."""
    await register.take(demo_requests(now))
