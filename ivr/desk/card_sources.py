"""Where the parts of a card come from: asked all at once, so that a slow one delays nobody."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, Protocol, TypeVar

import structlog

from ivr.calls import queries
from ivr.calls.identifications import Identification
from ivr.calls.queries import Earlier
from ivr.calls.story import Story
from ivr.customers.billing import Billing
from ivr.customers.model import Account
from ivr.desk.settings_cards import CardsSettings
from ivr.desk.task_rows import Task
from ivr.dialogue.ports import Step
from ivr.readings.rules import Previous
from ivr.readings.service import Readings
from ivr.requests.callback_model import Callback
from ivr.requests.coming import ComingVisit
from ivr.requests.model import Request
from ivr.store import Database

log = structlog.get_logger(__name__)
T = TypeVar("T")

Latest = Mapping[tuple[str, str], Previous]
"""The newest reading by meter and zone."""


class ClientRequests(Protocol):
    """Requests (`ivr.requests.search.Lists`)."""

    async def of_client(self, accounts: Collection[str], phone: str, limit: int = 5) -> Sequence[Request]:
        """The latest of a client."""


class ClientCallbacks(Protocol):
    """Promises to call (`ivr.requests.callbacks.Callbacks`)."""

    async def of_client(self, phone: str, account_numbers: Sequence[str] = ()) -> Sequence[Callback]:
        """Those that are owed to a client."""


class ClientVisits(Protocol):
    """Visits to offices and homes (`ivr.requests.coming.ComingVisits`)."""

    async def of_client(self, accounts: Collection[str], phone: str) -> Sequence[ComingVisit]:
        """Those that a client has before him."""


class ClientTasks(Protocol):
    """What is owed to clients (`ivr.desk.tasks.Tasks`)."""

    async def of_client(self, phone: str, account_numbers: Sequence[str] = ()) -> Sequence[Task]:
        """The open ones of a client."""


@dataclass(slots=True)
class Gathered:
    """What has been told so far; `missing` names the parts that failed or have not answered."""

    accounts: Sequence[Account] = ()
    readings: Latest = field(default_factory=dict)
    steps: Sequence[Step] = ()
    requests: Sequence[Request] = ()
    callbacks: Sequence[Callback] = ()
    tasks: Sequence[Task] = ()
    visits: Sequence[ComingVisit] = ()
    earlier: Sequence[Earlier] = ()
    missing: set[str] = field(default_factory=set)


class Gathering:
    """The questions for one card under way; what comes late is told."""

    def __init__(self, give_up_seconds: float, late: Callable[[], None], before: Gathered | None) -> None:
        """Begin with nothing asked.

        Args:
            give_up_seconds: What has not answered by then is missing.
            late: Called for each answer that comes after the card has been shown without it.
            before: What had been told earlier; it stands until it is told anew.
        """
        self._give_up_seconds = give_up_seconds
        self._late = late
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._shown = False
        self._first = before is None
        self.gathered = Gathered() if before is None else replace(before, missing=set(before.missing))

    def ask(self, part: str, question: Coroutine[Any, Any, object]) -> None:
        """Begin a question; its answer becomes the attribute `part` of what is gathered."""
        if self._first:
            self.gathered.missing.add(part)
        self._tasks[part] = asyncio.create_task(self._answer(part, question), name=f"card-{part}")

    async def wait(self, seconds: float) -> Gathered:
        """What there is, at the latest after so long."""
        open_ = [task for task in self._tasks.values() if not task.done()]
        if open_:
            await asyncio.wait(open_, timeout=seconds)
        self._shown = True
        return self.gathered

    async def answered(self, part: str, seconds: float) -> None:
        """Wait for one part, but not for long."""
        await asyncio.wait([self._tasks[part]], timeout=seconds)

    async def close(self) -> None:
        """Ask no more."""
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    async def _answer(self, part: str, question: Coroutine[Any, Any, object]) -> None:
        try:
            async with asyncio.timeout(self._give_up_seconds):
                setattr(self.gathered, part, await question)
        except Exception as error:
            log.warning("card.part-missing", part=part, error=type(error).__name__)
            return
        self.gathered.missing.discard(part)
        if self._shown:
            self._late()


class CardSources:
    """Asks the rooms."""

    def __init__(
        self,
        *,
        database: Database,
        billing: Billing,
        readings: Readings,
        requests: ClientRequests,
        callbacks: ClientCallbacks,
        tasks: ClientTasks,
        visits: ClientVisits,
        settings: CardsSettings,
        told: Callable[[], Awaitable[None]],
    ) -> None:
        """Args: `told` waits until the ledger's rows are in the database."""
        self._database = database
        self._billing = billing
        self._readings = readings
        self._requests = requests
        self._callbacks = callbacks
        self._tasks = tasks
        self._visits = visits
        self._settings = settings
        self._told = told

    def begin(
        self,
        story: Story,
        steps: Sequence[Identification],
        late: Callable[[], None],
        before: Gathered | None = None,
    ) -> Gathering:
        """Ask for all parts of a call's card.

        Args:
            story: The call.
            steps: Accounts that came to the call by its identifications.
            late: See `Gathering`.
            before: See `Gathering`.
        """
        gathering = Gathering(self._settings.give_up_seconds, late, before)
        number = story.caller_number or ""
        client = partial(self._client, gathering, steps)
        gathering.ask("accounts", self._accounts(story, steps))
        gathering.ask("readings", self._latest(gathering))
        gathering.ask("steps", self._steps(story.call_id))
        gathering.ask("requests", _then(client, lambda accounts: self._requests.of_client(accounts, number)))
        gathering.ask(
            "callbacks", _then(client, lambda accounts: self._callbacks.of_client(number, accounts))
        )
        gathering.ask("tasks", _then(client, lambda accounts: self._tasks.of_client(number, accounts)))
        gathering.ask("visits", _then(client, lambda accounts: self._visits.of_client(accounts, number)))
        gathering.ask("earlier", _then(client, lambda accounts: self._earlier(story, accounts)))
        return gathering

    async def _accounts(self, story: Story, steps: Sequence[Identification]) -> list[Account]:
        """Those that he was identified for, that were put to the call, and those of his number."""
        questions = [self._billing.by_number(number) for number in {step.account_number for step in steps}]
        if carried := carried_account(story):
            questions.append(self._billing.by_id(carried))
        if story.caller_number:
            questions.append(self._billing.by_phone(story.caller_number))
        answers = await asyncio.gather(*questions)
        found = {account.id: account for answer in answers for account in answer.accounts}
        return list(found.values())[: self._settings.most_accounts]

    async def _latest(self, gathering: Gathering) -> Latest:
        await gathering.answered("accounts", self._settings.give_up_seconds)
        return {
            (meter.id, zone.code): newest
            for account in gathering.gathered.accounts
            for meter in account.meters
            for zone in meter.zones
            if (newest := await self._readings.latest(meter, zone)) is not None
        }

    async def _steps(self, call_id: str) -> list[Step]:
        await self._told()
        return await self._database.read(partial(queries.steps, call_id=call_id))

    async def _client(self, gathering: Gathering, steps: Sequence[Identification]) -> list[str]:
        """Numbers of the client's accounts, as far as billing tells them soon."""
        await gathering.answered("accounts", self._settings.ring_wait_seconds)
        known = {account.number for account in gathering.gathered.accounts}
        return sorted(known | {step.account_number for step in steps})

    async def _earlier(self, story: Story, accounts: Sequence[str]) -> list[Earlier]:
        job = partial(
            queries.earlier,
            number=story.caller_number or "",
            accounts=accounts,
            but=story.call_id,
            limit=self._settings.most_previous,
        )
        return await self._database.read(job)


def carried_account(story: Story) -> str | None:
    """Billing's id of the account for which the robot identified the caller, or None."""
    account = (story.carried or {}).get("account")
    return str(account["id"]) if isinstance(account, Mapping) and account.get("id") else None


def carried_number(story: Story) -> str | None:
    """Number of the account for which the robot identified the caller, or None."""
    account = (story.carried or {}).get("account")
    return str(account["number"]) if isinstance(account, Mapping) and account.get("number") else None


async def _then(first: Callable[[], Awaitable[list[str]]], second: Callable[[list[str]], Awaitable[T]]) -> T:
    return await second(await first())
