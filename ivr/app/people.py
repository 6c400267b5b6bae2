"""Where people answer: the desk with all that it stands on, built and started in order."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import datetime, time, timedelta
from functools import partial
from typing import NoReturn

import structlog

from ivr.access.model import User
from ivr.access.service import Access
from ivr.access.users import Users
from ivr.app.rooms import Desk
from ivr.app.supervision import open_listening
from ivr.asterisk.ami import AmiLink, LinkState
from ivr.asterisk.desk import AsteriskSwitchboard, CallChannels, DeskWatch
from ivr.asterisk.settings import AsteriskSettings
from ivr.calls import queries
from ivr.calls.deeds import Deed
from ivr.calls.identifications import Identifications
from ivr.calls.ledger import Ledger
from ivr.calls.results import TalkResult, load_results
from ivr.calls.story import Story
from ivr.calls.wrapups import WrapUp, WrapUps
from ivr.customers.billing import Billing
from ivr.desk.card_face import CardFace, Names, TopicTold
from ivr.desk.card_sources import CardSources
from ivr.desk.card_texts import CardTexts
from ivr.desk.cards import Cards
from ivr.desk.floor import Floor
from ivr.desk.orders import Dialling, Orders
from ivr.desk.ports import Phone
from ivr.desk.recording_pauses import RecordingPauses
from ivr.desk.talks import Talks
from ivr.desk.targets import Targets
from ivr.desk.tasks import Terms
from ivr.desk.told_book import ToldBook
from ivr.desk.waiting import Waiting
from ivr.desk.work import Work
from ivr.dialogue.ports import Clock
from ivr.knowledge.base import KnowledgeBase
from ivr.kpi.profiles import Profile
from ivr.readings.service import Readings
from ivr.requests.service import Requests
from ivr.requests.workdays import WorkCalendar
from ivr.settings import Settings
from ivr.store import Database, StoreUnavailable

log = structlog.get_logger(__name__)
_CONTROL_CALLS_SECONDS = 600.0


class Directory:
    """Names of users by login, kept in step with the table of users."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}

    async def open(self, users: Users) -> None:
        """Read them, and hear of changes.

        Raises:
            StoreUnavailable: They can't be read.
        """
        users.subscribe(self._note)
        for user in await users.all():
            self._note(user)

    def name(self, login: str) -> str:
        """The name, or the login itself where nobody is known."""
        return self._names.get(login, login)

    def _note(self, user: User) -> None:
        self._names[user.login] = user.name


class People:
    """The desk, between Asterisk's link and the pages; the parts are public.

    Attributes:
        access: Users and sessions.
        floor: Operators and queues.
        waiting: Callers who wait.
        work: What must not be forgotten.
        talks: Deeds of operators in calls.
        listening: Supervisors who listen to talks; closed before the link.
        cards: What operators are shown.
        wrapups: After talks.
        results: What a wrap-up chooses from.
        queue_titles: Asterisk's name of a queue → its name for people.
    """

    def __init__(
        self,
        settings: Settings,
        database: Database,
        clock: Clock,
        *,
        profiles: Mapping[str, Profile],
        ledger: Ledger,
        link: AmiLink,
        channels: CallChannels,
        at_work: Callable[[datetime], bool],
    ) -> None:
        """Build what needs no rooms yet.

        Args:
            settings: All of them.
            database: Open and current.
            clock: In the company's time zone.
            profiles: The standards.
            ledger: Tells of calls and legs.
            link: To Asterisk, not started: its events are subscribed to.
            channels: The map of channels that `CallWatch` fills.
            at_work: Whether people are at work at a moment.
        """
        self._settings = settings
        self._database = database
        self._clock = clock
        self._profiles = profiles
        self._ledger = ledger
        self._link = link
        self._open = AsyncExitStack()
        self._directory = Directory()
        self._at_work = at_work
        self.access = Access(database, settings.access, clock)
        self.queue_titles = queue_titles(settings.asterisk)
        self.results: tuple[TalkResult, ...] = load_results(settings.desk.cards.results)
        self.wrapups = WrapUps(database, clock)
        self._switchboard = AsteriskSwitchboard(
            link, channels, ledger, phone_of=self._phone_of, clock=clock, settings=settings.switchboard
        )
        self.floor = Floor(
            database=database,
            settings=settings.desk,
            switchboard=self._switchboard,
            clock=clock,
            queues=tuple(self.queue_titles),
            wrap_up_norm=self._wrap_up_norm,
            promised=lambda queue: self.work.callbacks.places(queue),
            open_legs=ledger.open_legs,
        )
        ledger.subscribe(self.floor)
        self.listening = open_listening(settings, database, clock, link=link, floor=self.floor, ledger=ledger)
        self._watch = DeskWatch(
            link,
            channels,
            ledger,
            self.floor,
            agent_of=self.floor.agent_of,
            on_gone=ledger.hung_up,
            clock=clock,
        )

    def furnish(
        self, requests: Requests, readings: Readings, billing: Billing, knowledge: KnowledgeBase
    ) -> Desk:
        """Build what stands on the rooms."""
        settings, database, clock = self._settings, self._database, self._clock
        dialling = Dialling(self._switchboard, self._ledger, clock)
        self.work = Work(
            database,
            settings.desk.work,
            clock,
            ledger=self._ledger,
            promises=requests.callbacks,
            floor=self.floor,
            dialler=dialling,
            terms=_terms(settings, self._profiles, requests.calendar),
            default_profile=settings.company.profile,
            linked=self._linked,
            queue_for=settings.asterisk.queue_for,
            places=lambda call_id: self.waiting.place_of(call_id),
        )
        self.waiting = Waiting(
            floor=self.floor,
            settings=settings.desk,
            clock=clock,
            story=self._story,
            max_wait=self._max_wait,
            at_work=self._at_work,
            acquaintances=self.work.acquaintances,
            told=ToldBook(self._ledger.note_deed, self._deeds),
            elsewhere=[
                name for name, (_, queue) in settings.asterisk.queues_of_asterisk.items() if queue.members
            ],
        )
        self._pauses = RecordingPauses(
            self._switchboard, self._ledger, clock, settings.desk.talks.recording_pause_seconds
        )
        self._ledger.subscribe(self._pauses)
        self.talks = Talks(
            switchboard=self._switchboard,
            book=self._ledger,
            operators=self.floor,
            targets=Targets(settings.desk.talks, agents=self.floor.agents, queues=self.queue_titles),
            pauses=self._pauses,
            orders=Orders(database, clock),
            dialling=dialling,
            settings=settings.desk.talks,
            clock=clock,
            profile=settings.company.profile,
            deeds=self._deeds,
            matters={
                "callback": self.work.callbacks.call,
                "lost": self.work.lost.call,
                "task": self.work.task_calls.call,
            },
            hand_over=self._hand_over,
        )
        self.identifications = Identifications(database)
        self.cards = Cards(
            ledger=self._ledger,
            database=database,
            sources=CardSources(
                database=database,
                billing=billing,
                readings=readings,
                requests=requests.lists,
                callbacks=requests.callbacks,
                tasks=self.work.tasks,
                visits=requests.coming_visits,
                settings=settings.desk.cards,
                told=self._ledger.durable,
            ),
            face=CardFace(self._names(knowledge), CardTexts.load(settings.desk.cards.texts), self._profiles),
            identifications=self.identifications,
            wrapups=self.wrapups,
            settings=settings.desk.cards,
            clock=clock,
        )
        requests.cases.plan_with(self.work.tasks)
        self._keep_cards_current(requests)
        return Desk(self.waiting, self.work.surveys)

    def _keep_cards_current(self, requests: Requests) -> None:
        """Whatever of a client is made or changed, by whomever, is seen on the cards that are open."""
        changed = self.cards.client_changed
        requests.cases.subscribe(changed)
        requests.appointments.subscribe(changed)
        requests.home_visits.subscribe(changed)
        self.work.tasks.news.subscribe(changed)
        self.work.callbacks.news.subscribe(changed)

    async def start(self) -> None:
        """Take up who is signed in and what is owed.

        Raises:
            StoreUnavailable: The database can't be read now.
        """
        self._open.callback(self.access.close)
        await self._directory.open(self.access.users)
        await self.floor.start()
        self._open.push_async_callback(self.floor.close)
        await self.listening.start()
        self._open.push_async_callback(self._pauses.close)
        self._open.push_async_callback(self.cards.close)
        await self.work.start()
        self._open.push_async_callback(self.work.close)
        self.floor.subscribe(lambda agent: self.work.callbacks.floor_changed())

    async def close(self) -> None:
        """Begin nothing new; operators stay signed in."""
        await self._open.aclose()

    async def plan_control_calls(self, requests: Requests) -> NoReturn:
        """Plan, now and then, the control calls that a crash has left unplanned."""
        while True:
            try:
                await requests.cases.plan_control_calls()
            except StoreUnavailable:
                log.warning("control-calls.database-away")
            await self._clock.sleep(_CONTROL_CALLS_SECONDS)

    def name(self, login: str) -> str:
        """The name of a user, for people."""
        return self._directory.name(login)

    async def phone_lost(self, user: User) -> None:
        """The page of a user with a telephone in the browser is about to vanish."""
        agent = self.floor.agent(user.login)
        if agent is not None and agent.phone is not None:
            await self._switchboard.expect_loss(agent.phone)

    async def profile_of(self, call_id: str) -> str:
        """The standard of a call; the company's own where the call is not known."""
        story = self._story(call_id)
        if story is None:
            found = await self._database.read(partial(queries.one, call_id=call_id))
            story = found[0] if found else None
        return (story and story.profile) or self._settings.company.profile

    def standard_titles(self) -> Mapping[str, str]:
        """Titles of the standards, by profile."""
        return {name: profile.title for name, profile in self._profiles.items()}

    def longest_wait(self, call_id: str) -> int:
        """The longest wait that the standard of a call allows; where it is silent, the company, seconds."""
        story = self._story(call_id)
        profile = (story and story.profile) or self._settings.company.profile
        return self._max_wait(profile) or self._settings.desk.waiting.max_wait_seconds

    # --- what the parts ask of each other ----------------------------------------------------------------

    async def _deeds(self, call_id: str) -> Sequence[Deed]:
        return await self._database.read(partial(queries.deeds, call_id=call_id))

    def _phone_of(self, login: str) -> Phone | None:
        agent = self.floor.agent(login)
        return agent.phone if agent else None

    def _story(self, call_id: str) -> Story | None:
        call = self._ledger.find(call_id)
        return call.story if call else None

    def _linked(self) -> bool:
        return self._link.state is LinkState.UP

    def _max_wait(self, profile: str) -> int | None:
        return self._figure(profile, "wait-maximum")

    def _wrap_up_norm(self, call_id: str) -> int | None:
        story = self._story(call_id)
        return self._figure(story.profile or "", "wrap-up-average") if story else None

    def _figure(self, profile: str, target_id: str) -> int | None:
        known = self._profiles.get(profile)
        target = known.target(target_id) if known else None
        return int(target.at_most) if target and target.at_most is not None else None

    async def _hand_over(self, call_id: str, login: str, note: str) -> None:
        """What one operator tells the next is the note of his wrap-up, which the card shows."""
        draft = await self.wrapups.of(call_id, login) or WrapUp(call_id=call_id, agent=login)
        await self.wrapups.save(replace(draft, note=note))

    def _names(self, knowledge: KnowledgeBase) -> Names:
        def topic(topic_id: str) -> TopicTold | None:
            found = knowledge.topics.get(topic_id)
            return TopicTold(title=found.title, personal=found.personal) if found else None

        def office(office_id: str) -> str:
            offices = knowledge.offices(self._settings.company.profile)
            return next((office.name for office in offices if office.id == office_id), office_id)

        return Names(
            company=self._settings.company.name,
            lines={line.name: line.title for line in self._settings.lines},
            queues=self.queue_titles,
            results={result.id: result.title for result in self.results},
            topic=topic,
            office=office,
            person=self._directory.name,
        )


def queue_titles(asterisk: AsteriskSettings) -> dict[str, str]:
    """Asterisk's queues, groups included, with their names for people."""
    titles: dict[str, str] = {}
    for name, queue in asterisk.queues.items():
        titles[name] = queue.title or name
        for group, of in queue.groups.items():
            titles[f"{name}.{group}"] = of.title or group
    return titles


def _terms(settings: Settings, profiles: Mapping[str, Profile], calendar: WorkCalendar) -> Terms:
    """When deferred answers are due: at the end of the last working day of the standard's term."""

    def end(now: datetime, days: int) -> datetime:
        last = calendar.add_working_days(now.date(), days)
        return datetime.combine(last + timedelta(days=1), time(), now.tzinfo)

    stated = {
        name: profile.call_back.working_days_at_most
        for name, profile in profiles.items()
        if profile.call_back and profile.call_back.working_days_at_most is not None
    }
    return Terms(settings.desk.work.tasks, stated, end)
