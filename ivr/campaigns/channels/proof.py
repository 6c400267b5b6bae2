"""The proof of notification: one person's history, or a whole campaign's, as a page to be printed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import AsyncGenerator, Callable
from dataclasses import asdict
from datetime import datetime, tzinfo
from functools import cache, partial
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from ruamel.yaml import YAML

from ivr.campaigns.channels import history
from ivr.campaigns.channels.history import Call, Event, History, Recorded, Sent
from ivr.campaigns.channels.model import MessageState
from ivr.campaigns.model import Disposition
from ivr.campaigns.report.words import title
from ivr.dialogue.ports import Clock
from ivr.store import Database

_PEOPLE = 100
"""So many are read at once."""


class Proofs:
    """Makes the pages; each asks for nothing else and can be kept as a file."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        *,
        zone: tzinfo,
        company: str,
        outcome_title: Callable[[str], str],
        heard: Callable[[str], bool],
    ) -> None:
        """Put it together.

        Args:
            database: Of campaigns, messages and recordings.
            clock: Time.
            zone: The company's.
            company: Its name, as it stands on the page.
            outcome_title: What an outcome of a talk is called.
            heard: Whether the right person has certainly heard the message of a talk that ended so.
        """
        self._database = database
        self._clock = clock
        self._page = _Page(zone, outcome_title, heard)
        self._zone = zone
        self._company = company

    async def of_person(self, person: str, by: str, campaign_id: int | None = None) -> bytes:
        """One person over all campaigns, or in one; None of either: a page that says so.

        Args:
            person: As in `Target.person`.
            by: Who asks for it; stands on the page.
            campaign_id: The campaign, or None.
        """
        found = await self._history(person, campaign_id)
        campaigns = sorted({each.campaign.title for each in found.events}) if campaign_id else []
        about = ", ".join(campaigns) or _words()["campaigns_all"]
        return "".join((self._head("title", about, by), self._page.person(found), self._page.foot())).encode()

    async def of_campaign(
        self, campaign_id: int, campaign_title: str, by: str
    ) -> AsyncGenerator[bytes, None]:
        """All people of a campaign, piece by piece: it may be long."""
        yield self._head("title_all", campaign_title, by).encode()
        after = 0
        while people := await self._database.read(
            partial(history.people_of, campaign_id=campaign_id, after=after, limit=_PEOPLE)
        ):
            for after, person in people:  # noqa: B007  # the last one is where the next part begins
                yield self._page.person(await self._history(person, campaign_id)).encode()
        yield self._page.foot().encode()

    async def _history(self, person: str, campaign_id: int | None) -> History:
        return await self._database.read(partial(history.of_person, person=person, campaign_id=campaign_id))

    def _head(self, which: str, campaign: str, by: str) -> str:
        words = _words()
        made = words["made"].format(at=_moment(self._clock.now(), self._zone), by=by)
        return self._page.head(words[which], self._company, campaign, made)


class _Page:
    """Words and template together."""

    def __init__(
        self, zone: tzinfo, outcome_title: Callable[[str], str], heard: Callable[[str], bool]
    ) -> None:
        self._zone = zone
        self._heard = heard
        self._outcome_title = outcome_title
        template = _environment().get_template("proof.html.j2")
        self._pieces: Any = template.make_module({"words": _words()})

    def head(self, *told: str) -> str:
        return str(self._pieces.head(*told)).lstrip()

    def foot(self) -> str:
        return str(self._pieces.foot())

    def person(self, found: History) -> str:
        names = dict.fromkeys(str(each.fields.get("name") or "") for each in found.targets)
        accounts = dict.fromkeys(each.account for each in found.targets)
        numbers = dict.fromkeys(number for each in found.targets for number in each.numbers)
        one = {
            "names": ", ".join(filter(None, names)),
            "account": ", ".join(filter(None, accounts)),
            "numbers": ", ".join(numbers),
            "summary": self._summary(found),
            "events": [self._event(each) for each in found.events],
            "checksum": _words()["checksum"].format(sum=checksum(found)),
        }
        return str(self._pieces.person(one))

    def _summary(self, found: History) -> str:
        words = _words()["summary"]
        calls = sum(isinstance(each, Call) for each in found.events)
        count = words["events"].format(calls=calls, messages=len(found.events) - calls)
        first = next((each for each in found.events if self._reached(each)), None)
        if first is None:
            return f"{words['unreached']} {count}"
        how = "call" if isinstance(first, Call) else first.message.channel.value
        told = words["reached"].format(how=_words()["how"][how], at=self._at(_reached_at(first)))
        return f"{told} {count}"

    def _reached(self, event: Event) -> bool:
        """A call whose message was heard by the right person, or a message that certainly arrived."""
        if isinstance(event, Sent):
            return event.message.state is MessageState.DELIVERED
        person = event.attempt.disposition is Disposition.PERSON
        return person and self._heard(event.attempt.outcome)

    def _event(self, event: Event) -> dict[str, Any]:
        shown = self._call(event) if isinstance(event, Call) else self._sent(event)
        return {"at": self._at(event.at), **shown}

    def _call(self, call: Call) -> dict[str, Any]:
        words, attempt = _words(), call.attempt
        ended = attempt.disposition or ""
        steps = [
            (words["written"], attempt.written_at),
            (words["dialled"], attempt.dialled_at),
            (words["answered"], attempt.answered_at),
            (words["ended"], attempt.ended_at),
        ]
        course = [f"{name}: {self._at(at)}" for name, at in steps if at is not None]
        if attempt.answered_at and attempt.ended_at:
            seconds = (attempt.ended_at - attempt.answered_at).total_seconds()
            course.append(words["talk"].format(seconds=f"{seconds:.0f}"))
        if attempt.outcome:
            course.append(f"{words['outcome']}: {self._outcome_title(attempt.outcome)}")
        recorded = [line for each in call.recordings for line in _recording(each)]
        return {
            "what": words["call"],
            "about": call.campaign.title,
            "where": attempt.number,
            "result": title("dispositions", ended) if ended else "",
            "text": "",
            "course": course,
            "evidence": [attempt.attempt_id, *(recorded or [words["no_recording"]])],
        }

    def _sent(self, sent: Sent) -> dict[str, Any]:
        words, message = _words(), sent.message
        why = words["why"].get(message.why, message.why)
        state = words["states"][message.state.value]
        course = [words["parts"].format(count=message.parts)] if message.parts > 1 else []
        course += self._handed_over(sent)
        return {
            "what": words["channels"][message.channel.value],
            "about": f"{words['moments'].get(message.moment, message.moment)}; {sent.campaign.title}",
            "where": message.address,
            "result": f"{state}: {why}" if why else state,
            "text": "\n".join(
                filter(None, (message.subject if message.channel != "sms" else "", message.text))
            ),
            "course": course,
            "evidence": [message.key, *self._told(sent)],
        }

    def _handed_over(self, sent: Sent) -> list[str]:
        """When; where the gateway's answer was lost, only since when it was tried."""
        words, message = _words(), sent.message
        unanswered = [part.begun_at for part in sent.parts if not part.gateway_id]
        if message.state is MessageState.UNKNOWN and unanswered:
            return [f"{words['begun']}: {self._at(min(unanswered))}"]
        return [f"{words['sent']}: {self._at(message.sent_at)}"] if message.sent_at is not None else []

    def _told(self, sent: Sent) -> list[str]:
        words = _words()
        given = [words["gateway_id"].format(id=part.gateway_id) for part in sent.parts if part.gateway_id]
        told = []
        for each in sent.receipts:
            state = " ".join(filter(None, (words["part_states"][each.state], each.code)))
            at = self._at(each.told_at) if each.told_at else ""
            taken = words["receipt_taken"].format(at=self._at(each.taken_at))
            told.append(f"{words['receipt'].format(part=each.part, state=state, at=at).strip()} {taken}")
        return [*given, *told]

    def _at(self, moment: datetime) -> str:
        return _moment(moment, self._zone)


def checksum(found: History) -> str:
    """SHA-256 of all that the page tells of a person, so that a print can be compared with the database."""
    told = [found.person, [asdict(each) for each in found.events]]
    plain = json.dumps(told, ensure_ascii=False, sort_keys=True, default=str)
    return hashlib.sha256(plain.encode()).hexdigest()


def _reached_at(event: Event) -> datetime:
    if isinstance(event, Call):
        return event.attempt.answered_at or event.at
    told = [each.told_at or each.taken_at for each in event.receipts if each.state == "delivered"]
    return max(told, default=event.at)


def _recording(recorded: Recorded) -> list[str]:
    words = _words()
    lines = [
        words["recording"].format(
            id=recorded.recording_id, seconds=f"{recorded.seconds:.0f}", sha256=recorded.sha256
        )
    ]
    if recorded.entry:
        lines.append(words["entry"].format(entry=recorded.entry, hash=recorded.entry_hash))
    return lines


def _moment(moment: datetime, zone: tzinfo) -> str:
    local = moment.astimezone(zone)
    offset = f"{local:%z}"
    return f"{local:%d.%m.%Y %H:%M:%S} UTC{offset[:3]}:{offset[3:]}"


@cache
def _words() -> dict[str, Any]:
    text = Path(__file__).with_name("proof.yaml").read_text(encoding="utf-8")
    return dict(YAML(typ="safe", pure=True).load(text))


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
