"""Makes a card of what was gathered: pure, and quick."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from ivr.calls import durations
from ivr.calls.identifications import How, Identification
from ivr.calls.legs import Leg, LegRole
from ivr.calls.queries import Earlier
from ivr.calls.story import CallKind, Story
from ivr.customers.model import Account, Level, Meter, Zone
from ivr.desk.card import (
    Card,
    CardAccount,
    CardCallback,
    CardCaller,
    CardEarlier,
    CardIdentification,
    CardMeter,
    CardRequest,
    CardRobot,
    CardTask,
    CardVisit,
    CardWords,
    CardZone,
    Titled,
)
from ivr.desk.card_sources import Gathered, carried_account
from ivr.desk.card_texts import CardTexts
from ivr.desk.masking import masked_account, masked_name, shown_account
from ivr.desk.norms import kind_of, norm_of
from ivr.dialogue.ports import EndingKind, Step, TurnResult
from ivr.kpi.profiles import Profile
from ivr.requests.coming import ComingVisit


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicTold:
    """A topic of `kb/`: its title, and whether its answer needs the client's own data."""

    title: str
    personal: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """What things and people are called.

    Attributes:
        company: Name of the company for people.
        lines: Titles of lines.
        queues: Titles of Asterisk's queues.
        results: Titles of the results of a talk.
        topic: Tells a topic by its id, or None.
        office: Title of an office; its id where it is not known.
        person: Name of an operator by his login; the login itself where nobody is known.
    """

    company: str
    lines: Mapping[str, str]
    queues: Mapping[str, str]
    results: Mapping[str, str]
    topic: Callable[[str], TopicTold | None]
    office: Callable[[str], str]
    person: Callable[[str], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What a card is made of.

    Attributes:
        steps: Identifications of the call.
        note: What another operator of the call has noted, or None.
        viewer: Login of who looks.
        disclose: Whether personal data may be shown in full where the caller is identified.
    """

    story: Story
    gathered: Gathered
    steps: Sequence[Identification]
    note: str | None
    viewer: str
    disclose: bool = True

    def shows(self, account: Account) -> bool:
        """Whether the account is shown in full."""
        return self.disclose and is_identified(self.story, self.steps, account)


class CardFace:
    """Makes cards."""

    def __init__(self, names: Names, texts: CardTexts, profiles: Mapping[str, Profile]) -> None:
        self._names = names
        self._texts = texts
        self._profiles = profiles

    def card(self, known: Known, now: datetime) -> Card:
        """The card of a call as `known.viewer` sees it now."""
        story = known.story
        accounts = self._accounts(known)
        mine = _leg_of(story, known.viewer)
        topic = self._topic(story.topic)
        return Card(
            call_id=story.call_id,
            kind="consult" if mine is not None and mine.role is LegRole.CONSULT else story.kind.value,
            line=self._line(story),
            segment=story.segment,
            queue=story.waits_in or (mine.queue if mine else None) or story.queue,
            queue_title=self._queue_title(story, mine),
            caller=self._caller(known),
            identification=self._identification(known),
            accounts=accounts,
            robot=self._robot(story, known.gathered.steps),
            previous=tuple(self._earlier(each) for each in known.gathered.earlier),
            callbacks=tuple(
                CardCallback(id=each.id, due_from=each.due_from, topic=each.topic, status=each.status.value)
                for each in known.gathered.callbacks
            ),
            tasks=tuple(
                CardTask(id=each.id, asked=each.question, due_at=each.due_at, status=each.status.value)
                for each in known.gathered.tasks
            ),
            requests=self._requests(known, now),
            visits=tuple(self._visit(each) for each in known.gathered.visits),
            greeting=self._greeting(story, mine, known.viewer, now),
            recording="paused" if story.recording_paused else "on",
            norm=norm_of(
                self._profiles.get(story.profile or ""),
                kind_of(story.topic, topic is not None and topic.personal, story.segment),
            ),
            since=story.came_at,
            waited_seconds=_waited(story, now),
            brought_by=self._brought_by(story, mine),
            note=known.note,
            missing=tuple(
                self._texts.missing.get(_MISSING.get(part, part), part)
                for part in sorted(known.gathered.missing)
            ),
        )

    def _accounts(self, known: Known) -> tuple[CardAccount, ...]:
        return tuple(
            replace(shown_account(account), meters=_meters(account, known.gathered))
            if known.shows(account)
            else masked_account(account)
            for account in known.gathered.accounts
        )

    def _caller(self, known: Known) -> CardCaller:
        accounts = known.gathered.accounts
        number = known.story.caller_number
        identified = [each for each in accounts if known.shows(each)]
        by_number = [each for each in accounts if number in each.phones]
        name = identified[0].name if identified else masked_name(by_number[0].name) if by_number else None
        return CardCaller(
            number=number,
            name=name,
            known=bool(by_number),
            accessible=(known.story.carried or {}).get("accessible") is True,
        )

    def _identification(self, known: Known) -> CardIdentification:
        story = known.story
        done = [step for step in known.steps if step.how.identifies]
        if done:
            last = done[-1]
            by = self._names.person(last.agent) if last.agent else None
            return CardIdentification(level=Level.IDENTIFIED, how=last.how.value, at=last.at, by=by)
        if carried_account(story):
            return CardIdentification(level=Level.IDENTIFIED, how=How.ROBOT.value, at=story.handed_at)
        recognised = any(story.caller_number in account.phones for account in known.gathered.accounts)
        return CardIdentification(level=Level.RECOGNISED if recognised else Level.UNKNOWN)

    def _robot(self, story: Story, steps: Sequence[Step]) -> CardRobot:
        topic = self._topic(story.topic)
        said = (story.carried or {}).get("said")
        transcript = tuple(
            CardWords(who="caller", text=step.heard, at=step.started_at) for step in steps if step.heard
        )
        asked = [step for step in steps if step.verb in {"ask", "choose", "confirm"}]
        return CardRobot(
            topic=Titled(id=story.topic, title=topic.title if topic else story.topic)
            if story.topic
            else None,
            said=(str(said),) if said else (),
            transcript=transcript,
            outcome=None if story.ending is EndingKind.QUEUED else story.outcome,
            silent=bool(asked) and all(step.outcome in _UNHEARD for step in asked),
        )

    def _earlier(self, call: Earlier) -> CardEarlier:
        topic = self._topic(call.topic)
        result = self._names.results.get(call.result or "") or self._texts.outcomes.get(call.disposition)
        return CardEarlier(
            call_id=call.call_id,
            at=call.came_at,
            topic=topic.title if topic else call.topic,
            operator=self._names.person(call.agent) if call.agent else None,
            result=result,
        )

    def _requests(self, known: Known, now: datetime) -> tuple[CardRequest, ...]:
        return tuple(
            CardRequest(
                number=each.number,
                kind=each.kind.value,
                topic=each.topic,
                topic_title=topic.title if (topic := self._topic(each.topic)) else each.topic,
                status=each.status.value,
                due_at=each.due_at,
                overdue=each.is_overdue(now),
            )
            for each in known.gathered.requests
        )

    def _visit(self, visit: ComingVisit) -> CardVisit:
        topic = self._topic(visit.topic)
        return CardVisit(
            number=visit.number,
            office=self._names.office(visit.office) if visit.office else None,
            starts_at=visit.starts_at,
            window=visit.window,
            topic=topic.title if topic else visit.topic or None,
        )

    def _topic(self, topic: str | None) -> TopicTold | None:
        return self._names.topic(topic) if topic else None

    def _line(self, story: Story) -> dict[str, str] | None:
        if not story.line:
            return None
        return {"name": story.line, "title": self._names.lines.get(story.line, story.line)}

    def _queue_title(self, story: Story, mine: Leg | None) -> str | None:
        queue = story.waits_in or (mine.queue if mine else None) or story.queue
        return self._names.queues.get(queue, queue) if queue else None

    def _greeting(self, story: Story, mine: Leg | None, viewer: str, now: datetime) -> str:
        pattern = self._pattern(story, mine)
        name = self._names.person(viewer).split()[0]
        return self._texts.greet(pattern, now, self._names.company, name)

    def _pattern(self, story: Story, mine: Leg | None) -> str:
        if mine is not None and mine.role is LegRole.CONSULT:
            return self._texts.consulted
        if story.kind is CallKind.INBOUND:
            return self._texts.greeting
        first = story.kind is CallKind.CAMPAIGN and story.scenario_ended_at is None
        return self._texts.campaign if first else self._texts.calling

    def _brought_by(self, story: Story, mine: Leg | None) -> str | None:
        """Name of the colleague whose leg came before a consultation or transfer."""
        if mine is None or mine.role not in {LegRole.CONSULT, LegRole.TRANSFER}:
            return None
        others = [
            leg for leg in story.legs.values() if leg.agent and leg.agent != mine.agent and leg.answered_at
        ]
        last = max(others, key=lambda leg: leg.answered_at or story.came_at, default=None)
        return self._names.person(last.agent) if last is not None and last.agent else None


_UNHEARD = frozenset({TurnResult.NO_INPUT, TurnResult.DEAF})
"""How a question ends that nothing was answered to."""
_MISSING = {"steps": "robot"}


def is_identified(story: Story, steps: Sequence[Identification], account: Account) -> bool:
    """Whether the caller is identified for the account, by the robot or by an operator."""
    if carried_account(story) == account.id:
        return True
    return any(step.account_number == account.number and step.how.identifies for step in steps)


def _leg_of(story: Story, login: str) -> Leg | None:
    """The newest leg of an operator in a call."""
    mine = [leg for leg in story.legs.values() if leg.agent == login]
    return max(mine, key=lambda leg: leg.rang_at or story.came_at, default=None)


def _waited(story: Story, now: datetime) -> float:
    waits = durations.waits(story)
    return sum(((wait.until or now) - wait.since).total_seconds() for wait in waits)


def _meters(account: Account, gathered: Gathered) -> tuple[CardMeter, ...]:
    return tuple(
        CardMeter(
            id=meter.id,
            serial=meter.serial,
            zones=tuple(_zone(meter, zone, gathered) for zone in meter.zones),
        )
        for meter in account.meters
    )


def _zone(meter: Meter, zone: Zone, gathered: Gathered) -> CardZone:
    newest = gathered.readings.get((meter.id, zone.code))
    return CardZone(
        id=zone.code,
        name=zone.title,
        last=newest.value if newest else zone.last_value,
        last_at=newest.day if newest else zone.last_date,
        digits=meter.digits,
    )
