"""What scenarios may do with the knowledge base."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from ivr.dialogue.ports import Action, CallFacts, Clock, Kind, Result, Shape, Value
from ivr.knowledge.articles import Article, Topic
from ivr.knowledge.base import KnowledgeBase
from ivr.knowledge.offices import Now, Office, OfficeState, at, in_town
from ivr.knowledge.recognition import Candidate, Classification
from ivr.knowledge.telling import told
from ivr.speech.understanding.confirmation import UNCLEAR, yes_no

Record = Mapping[str, Value]
ANSWER_WORDS = 3
"""A yes or a no has no more words than this."""


class MissesKept(Protocol):
    """Where questions without an answer are noted; `Misses` is."""

    async def note(self, facts: CallFacts, text: str, topic: str | None, asked_at: datetime) -> bool:
        """Keep it once a call; whether it was new."""


_TEXT, _NUMBER, _BOOL = Shape(Kind.TEXT), Shape(Kind.NUMBER), Shape(Kind.BOOL)

TOPIC = Shape(
    Kind.RECORD,
    {
        "topic": _TEXT,
        "title": _TEXT,
        "about": _TEXT,
        "article": _TEXT,
        "resolve": _TEXT,
        "personal": _BOOL,
        "confidence": _NUMBER,
    },
)
"""A topic; `about` follows «Вы спрашиваете про», `article` is the id of its article or empty, `resolve` is
`robot`, `inform` or `operator`, `confidence` goes from 0 to 100."""

ARTICLE = Shape(
    Kind.RECORD, {"id": _TEXT, "topic": _TEXT, "title": _TEXT, "spoken": _TEXT, "personal": _BOOL}
)
"""An article; `spoken` is the answer of the call's profile."""

OFFICE = Shape(Kind.RECORD, {"id": _TEXT, "name": _TEXT, "address": _TEXT})
"""An office; name and address are ready to be spoken."""

OFFICES = Shape(
    Kind.RECORD,
    {
        "town": _TEXT,
        "in_town": _TEXT,
        "count": _NUMBER,
        "offices": Shape(Kind.LIST, item=OFFICE),
        "spoken": Shape(Kind.LIST, item=_TEXT),
        "until": Shape(Kind.TIME),
        "opens": Shape(Kind.TIME),
        "opens_today": _BOOL,
    },
)
"""The offices of a town that serve the caller, or all of them where none does; `spoken` has of each what is
told: address and hours of the week.

`until` is when the last one that is open closes or has its break, `opens` when the first one that is closed
opens; each is none where it does not apply.
"""


def actions(base: KnowledgeBase, misses: MissesKept, clock: Clock) -> list[Action]:
    """The actions `knowledge.…`."""
    does = _Actions(base, misses, clock)
    two = Shape(Kind.RECORD, {"first": TOPIC, "second": TOPIC})
    return [
        Action(
            name="knowledge.recognise",
            inputs={"text": _TEXT},
            outcomes={"sure": TOPIC, "two": two, "none": None},
            run=does.recognise,
        ),
        Action(
            name="knowledge.article",
            inputs={"topic": _TEXT},
            outcomes={"found": ARTICLE, "none": None},
            run=does.article,
        ),
        Action(
            name="knowledge.search",
            inputs={"text": _TEXT},
            outcomes={"found": ARTICLE, "none": None},
            run=does.search,
        ),
        Action(
            name="knowledge.offices",
            inputs={"town": _TEXT},
            outcomes={"open": OFFICES, "closed": OFFICES, "unpublished": OFFICES, "unknown": None},
            run=does.offices,
        ),
        Action(
            name="knowledge.towns",
            inputs={},
            outcomes={"known": Shape(Kind.LIST, item=_TEXT), "none": None},
            run=does.towns,
        ),
        Action(
            name="knowledge.missed",
            inputs={"text": _TEXT, "topic": _TEXT},
            outcomes={"noted": None},
            run=does.missed,
            commits=True,
        ),
    ]


@dataclass(frozen=True, slots=True)
class _Actions:
    base: KnowledgeBase
    misses: MissesKept
    clock: Clock

    async def recognise(self, facts: CallFacts, text: str) -> Result:
        if _is_mere_answer(text):
            return Result("none")
        found = await asyncio.to_thread(self.base.classify, text, facts.segment)
        if found.topic is None:
            return Result("none")
        best = self._topic(Candidate(found.topic, found.confidence), facts)
        rival = None if self._is_sure(found) else _second(found)
        if rival is None:
            return Result("sure", best)
        return Result("two", {"first": best, "second": self._topic(rival, facts)})

    async def article(self, facts: CallFacts, topic: str) -> Result:
        article = self.base.article(topic, facts.segment)
        return Result("none") if article is None else Result("found", _article(article, facts.profile))

    async def search(self, facts: CallFacts, text: str) -> Result:
        hits = await asyncio.to_thread(self.base.search, text, facts.segment, 1)
        return Result("found", _article(hits[0].article, facts.profile)) if hits else Result("none")

    async def offices(self, facts: CallFacts, town: str) -> Result:
        in_the_town = in_town(self.base.offices(facts.profile), town)
        if not in_the_town:
            return Result("unknown")
        serving = [office for office in in_the_town if _serves(office, facts)]
        moment = self.clock.now()
        states = [at(office.week(facts.segment), moment) for office in serving]
        return Result(_state(states), _offices(serving or in_the_town, states, facts.segment, moment))

    async def towns(self, facts: CallFacts) -> Result:
        towns = list(dict.fromkeys(office.town for office in self.base.offices(facts.profile)))
        return Result("known", towns) if towns else Result("none")

    async def missed(self, facts: CallFacts, text: str, topic: str | None) -> Result:
        await self.misses.note(facts, text, topic or None, self.clock.now())
        return Result("noted")

    def _is_sure(self, found: Classification) -> bool:
        urgent = found.topic is not None and self.base.topics[found.topic].urgent
        return urgent or found.confidence >= self.base.settings.recognition.sure

    def _topic(self, candidate: Candidate, facts: CallFacts) -> Record:
        topic: Topic = self.base.topics[candidate.topic]
        article = self.base.article(topic.id, facts.segment)
        return {
            "topic": topic.id,
            "title": topic.title,
            "about": topic.about,
            "article": article.id if article else "",
            "resolve": topic.resolve.value,
            "personal": topic.personal,
            "confidence": round(100 * candidate.confidence),
        }


def _is_mere_answer(text: str) -> bool:
    """Whether it is a yes or a no and nothing more: «нет» is not about an outage."""
    return len(text.split()) <= ANSWER_WORDS and yes_no(text) != UNCLEAR


def _second(found: Classification) -> Candidate | None:
    """The likeliest other topic."""
    others = (candidate for candidate in found.candidates if candidate.topic != found.topic)
    return next(others, None)


def _article(article: Article, profile: str) -> Record:
    return {
        "id": article.id,
        "topic": article.topic,
        "title": article.title,
        "spoken": article.answer(profile).spoken,
        "personal": article.personal,
    }


def _serves(office: Office, facts: CallFacts) -> bool:
    """Whether it receives callers of this segment; one without published hours may."""
    return office.hours is None or office.week(facts.segment) is not None


def _state(states: Sequence[Now]) -> str:
    """That of the offices together: open when one is."""
    known = {now.state for now in states}
    for state in (OfficeState.OPEN, OfficeState.UNPUBLISHED):
        if state in known:
            return state.value
    return OfficeState.CLOSED.value


def _offices(offices: Sequence[Office], states: Sequence[Now], segment: str, moment: datetime) -> Record:
    closing = [now.until for now in states if now.until is not None]
    opening = [now.opens for now in states if now.opens is not None]
    opens = min(opening, default=None)
    return {
        "town": offices[0].town,
        "in_town": offices[0].in_town,
        "count": len(offices),
        "offices": [
            {"id": office.id, "name": office.name, "address": office.address_spoken} for office in offices
        ],
        "spoken": [told(office, segment) for office in offices],
        "until": max(closing, default=None),
        "opens": opens,
        "opens_today": opens is not None and opens.date() == moment.date(),
    }
