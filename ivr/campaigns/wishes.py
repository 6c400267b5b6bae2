"""What persons want of campaigns, written down while the talk goes on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import phonenumbers
from phonenumbers import PhoneNumberType

from ivr.campaigns.actions import Dispute, NoSuchAttempt, When
from ivr.campaigns.book import CampaignBook
from ivr.campaigns.kinds import Kinds
from ivr.campaigns.model import Attempt, Campaign, Target
from ivr.campaigns.ports import Sender, Talks
from ivr.campaigns.rules.refusals import Refusals
from ivr.campaigns.rules.rules import Rules
from ivr.dialogue.ports import Clock
from ivr.requests.cases import Cases, NewRequest
from ivr.requests.lifecycle import Note
from ivr.requests.model import AnswerChannel, RequestKind
from ivr.store import Database

DISAGREES = "Клиент не согласен с сообщением, переданным по телефону."
"""Text of the request of who disputes a message; what he adds to it is a note."""

BY = "campaign"
"""Who has written it down: nobody signed in."""

SOURCE = "call"
ASKED = "asked"
AGAIN_AT = "again_at"
PROMISED_ON = "promised_on"
REQUEST = "request_number"

_EVENING, _MORNING = time(18), time(10)
_EVENING_UNTIL = time(17)
_LATER = timedelta(hours=2)
_STEP = timedelta(minutes=5)
_MOBILE = frozenset({PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE})
Facts = tuple[Campaign, Target, Attempt]


@dataclass(frozen=True, slots=True, kw_only=True)
class BookWishes:
    """`Wishes` over the book. A rehearsal call has no attempt in it: nothing of it is kept.

    Attributes:
        talks: Knows the attempts that are under way, rehearsals too.
        sender: None: there is no way to send messages.
        profile: Standard whose terms requests have.
    """

    book: CampaignBook
    database: Database
    talks: Talks
    kinds: Kinds
    refusals: Refusals
    rules: Rules
    cases: Cases
    clock: Clock
    sender: Sender | None = None
    profile: str = ""

    async def refuse(self, attempt_id: str, *, everywhere: bool) -> None:
        """As `Wishes.refuse`."""
        _, target, attempt = await self._facts(attempt_id)
        if await self._kept(attempt_id, {"refused": True}):
            person = target.person if everywhere else ""
            await self.refusals.refuse(
                person=person, number=attempt.number, source=SOURCE, by=BY, reference=attempt_id
            )

    async def stranger(self, attempt_id: str) -> None:
        """As `Wishes.stranger`."""
        _, target, attempt = await self._facts(attempt_id)
        if await self._kept(attempt_id, {"stranger": True}):
            await self.refusals.wrong_number(target.person, attempt.number, by=BY, reference=attempt_id)

    async def again(self, attempt_id: str, when: When) -> datetime | None:
        """As `Wishes.again`; the rules of calling are asked, this very talk counted."""
        campaign, target, attempt = await self._facts(attempt_id)
        zone = ZoneInfo(target.zones[0]) if target.zones else self.clock.now().tzinfo
        wished = wished_moment(when, self.clock.now().astimezone(zone))
        at = await self.database.read(
            lambda connection: self.rules.after_talk(connection, campaign, target, attempt.number, wished)
        )
        if at is None:
            return None
        await self._kept(attempt_id, {AGAIN_AT: at.astimezone(UTC).isoformat()})
        return at.astimezone(zone)

    async def promise(self, attempt_id: str, day: date) -> None:
        """As `Wishes.promise`."""
        await self._facts(attempt_id)
        await self._kept(attempt_id, {PROMISED_ON: day.isoformat()})

    async def paid(self, attempt_id: str) -> None:
        """As `Wishes.paid`."""
        _, target, _ = await self._facts(attempt_id)
        if await self._kept(attempt_id, {"paid": True}):
            await self.refusals.paid(target.person, by=BY, reference=attempt_id)

    async def dispute(self, attempt_id: str, said: str) -> Dispute:
        """As `Wishes.dispute`; one request for an attempt, and one note."""
        campaign, target, attempt = await self._facts(attempt_id)
        if not await self._kept(attempt_id, {}):
            return Dispute("0", None)
        request = await self.cases.register(
            NewRequest(
                key=f"campaign:{attempt_id}",
                by=BY,
                kind=RequestKind.COMPLAINT,
                text=DISAGREES,
                answer_channel=AnswerChannel.PHONE,
                topic=self.kinds[campaign.kind].topic,
                account_number=target.account,
                client_name=str(target.fields.get("name") or ""),
                phone=attempt.number,
                profile=self.profile,
                call_id=attempt_id,
            )
        )
        await self._kept(attempt_id, {REQUEST: request.number})
        if said:
            await self.cases.do(request.number, Note(by=BY, text=said, key=f"campaign-said:{attempt_id}"))
        return Dispute(request.number, request.due_at.date() if request.due_at is not None else None)

    async def message(self, attempt_id: str) -> bool:
        """As `Wishes.message`: an SMS, where the number can have one."""
        campaign, target, attempt = await self._facts(attempt_id)
        has = any(each.moment == ASKED for each in self.kinds[campaign.kind].messages)
        if self.sender is None or not has or not is_mobile(attempt.number):
            return False
        if await self._kept(attempt_id, {}):
            at_this_number = replace(target, numbers=(attempt.number,))
            await self.sender.send(campaign, at_this_number, "sms", ASKED)
        return True

    async def note(self, attempt_id: str, name: str, value: str) -> None:
        """As `Wishes.note`."""
        await self._facts(attempt_id)
        await self._kept(attempt_id, {name: value})

    async def _facts(self, attempt_id: str) -> Facts:
        facts = await self.talks.facts_of(attempt_id)
        if facts is None:
            raise NoSuchAttempt(attempt_id)
        return facts

    async def _kept(self, attempt_id: str, data: Mapping[str, Any]) -> bool:
        """Add to what the attempt has left; False: it is a rehearsal."""
        attempt = await self.book.attempt(attempt_id)
        if attempt is None:
            return False
        if data:
            await self.book.result(attempt_id, attempt.outcome, {**attempt.result, **data})
        return True


def wished_moment(when: When, now: datetime) -> datetime:
    """The moment that a person means, in the zone of `now`."""
    if when is When.LATER:
        at = now + _LATER
        return at + (-(at - datetime.min.replace(tzinfo=at.tzinfo)) % _STEP)
    tomorrow = now.date() + timedelta(days=1)
    if when is When.TOMORROW:
        return datetime.combine(tomorrow, _MORNING, now.tzinfo)
    return datetime.combine(now.date() if now.time() < _EVENING_UNTIL else tomorrow, _EVENING, now.tzinfo)


def is_mobile(number: str) -> bool:
    """Whether a number in E.164 can be that of a mobile telephone."""
    return phonenumbers.number_type(phonenumbers.parse(number)) in _MOBILE
