"""Everything that may be said and is known before a call: it is synthesised ahead, so that no call waits."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

from sqlalchemy import Connection

from ivr.announcements.spoken import spoken_values as of_announcements
from ivr.app.scenarios import static_texts
from ivr.customers.spoken import spoken_values as of_customers
from ivr.knowledge.base import KnowledgeBase
from ivr.knowledge.edition import texts_of
from ivr.knowledge.loading import load
from ivr.outages.spoken import spoken_values as of_outages
from ivr.requests.titles import Titles
from ivr.settings import Settings
from ivr.speech.building import StaticText


def fixed_texts(settings: Settings) -> tuple[StaticText, ...]:
    """What the company's files say: scenarios, knowledge base, titles of requests; each text once."""
    loaded = load(settings.knowledge.folder)
    answers = (
        text
        for profile in _profiles(settings)
        for text in texts_of(loaded.topics, loaded.articles, loaded.offices, profile)
    )
    texts = (*answers, *Titles.load(settings.requests.titles).texts())
    return tuple(dict.fromkeys((*static_texts(settings), *((None, text) for text in texts))))


def of_the_rooms(settings: Settings, knowledge: KnowledgeBase) -> Iterator[str]:
    """The same of the rooms alone, of a knowledge base that is open already."""
    for profile in _profiles(settings):
        yield from knowledge.texts(profile)
    yield from Titles.load(settings.requests.titles).texts()


def of_database(settings: Settings, now: datetime) -> Callable[[Connection], list[str]]:
    """The work that reads what the database holds to be spoken: streets, outages, announcements."""

    def read(connection: Connection) -> list[str]:
        return [
            *of_customers(connection),
            *of_outages(connection, now, settings.outages),
            *of_announcements(connection, now),
        ]

    return read


def _profiles(settings: Settings) -> tuple[str, ...]:
    return tuple(dict.fromkeys(line.profile for line in settings.lines))
