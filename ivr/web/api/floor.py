"""The operators and the queues: as calls of the API, and as live events."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from functools import partial

from pydantic import BaseModel

from ivr.access.model import Right, User
from ivr.desk.floor import Floor, NotSignedIn
from ivr.desk.model import Agent, QueueState
from ivr.desk.settings import AgentsSettings
from ivr.web.api.cards import AuditTrail
from ivr.web.api.events import Audience, EventHub
from ivr.web.api.floor_models import AgentTold, QueuesTold
from ivr.web.api.leading import Leading
from ivr.web.api.me import StateWanted, put_in_state, titles
from ivr.web.api.route import Asked, Refused, Route

_NOT_ON_THE_FLOOR = "Этот оператор сейчас не на линии."


class FloorTold(BaseModel):
    """The operators who are signed in, by login; their calls only for those who lead the desk."""

    agents: list[AgentTold]


class PersonTold(BaseModel):
    """Somebody who can take calls, whether he is here or not."""

    login: str
    name: str
    extension: str | None


class PeopleTold(BaseModel):
    """All of them, by name."""

    people: list[PersonTold]


async def workers(users: Callable[[], Awaitable[list[User]]]) -> list[User]:
    """Those of all users who can take calls."""
    return [user for user in await users() if user.active and user.may(Right.WORK)]


class FloorRoutes:
    """`/floor…` and `/queues`."""

    def __init__(
        self,
        floor: Floor,
        settings: AgentsSettings,
        queue_titles: Mapping[str, str],
        users: Callable[[], Awaitable[list[User]]],
        audit: AuditTrail,
    ) -> None:
        """Begin.

        Args:
            floor: The operators.
            settings: Of the operators.
            queue_titles: Asterisk's name of a queue → its name for people.
            users: Tells everybody who is known.
            audit: Where it is put down who moves whom.
        """
        self._floor = floor
        self._reasons = titles(settings)
        self._queue_titles = queue_titles
        self._users = users
        self._leading = Leading(audit)

    def routes(self) -> list[Route]:
        """All that there are."""
        of = partial(Route, method="GET", right=Right.WORK)
        return [
            of(path="/floor", title="Tell who is signed in", run=self.tell, answer=FloorTold),
            of(path="/queues", title="Tell how the queues are", run=self.tell_queues, answer=QueuesTold),
            Route(
                method="GET",
                path="/floor/people",
                title="Tell who can take calls, signed in or not",
                right=Right.DESK,
                run=self.tell_people,
                answer=PeopleTold,
            ),
            Route(
                method="PUT",
                path="/floor/{login}/state",
                title="Make a colleague ready, pause him, or sign him out; in a talk, after it",
                right=Right.FLOOR,
                run=self.move,
                body=StateWanted,
            ),
        ]

    async def tell(self, asked: Asked) -> FloorTold:
        """`GET /floor`."""
        calls = asked.user.may(Right.DESK)
        agents = [AgentTold.of(agent, self._reasons, calls=calls) for agent in self._floor.agents()]
        return FloorTold(agents=agents)

    async def tell_people(self, asked: Asked) -> PeopleTold:
        """`GET /floor/people`."""
        people = sorted(await workers(self._users), key=lambda user: user.name)
        await self._leading.saw(asked, "people")
        return PeopleTold(
            people=[PersonTold(login=user.login, name=user.name, extension=user.extension) for user in people]
        )

    async def move(self, asked: Asked) -> None:
        """`PUT /floor/{login}/state`; the event `agent` tells what came of it."""
        wanted: StateWanted = asked.body
        login = asked.path["login"]
        try:
            await put_in_state(self._floor, login, wanted)
        except NotSignedIn as error:
            raise Refused(409, "not-signed-in", _NOT_ON_THE_FLOOR) from error
        what = ["state", wanted.state, wanted.reason or ""]
        await self._leading.did(asked, (login, " ".join(what).strip()))

    async def tell_queues(self, asked: Asked) -> QueuesTold:
        """`GET /queues`."""
        return self.queues()

    def queues(self) -> QueuesTold:
        """How they are now."""
        return QueuesTold.of(self._floor.queues(), self._queue_titles)

    def publish(self, hub: EventHub) -> None:
        """Bring the events `agent` and `queues` to the pages from now on."""

        def agent(changed: Agent) -> None:
            told = AgentTold.of(changed, self._reasons)
            hub.publish("agent", told, Audience(login=changed.login))
            hub.publish("agent", told, Audience(right=Right.DESK))

        def queues(states: list[QueueState]) -> None:
            told = QueuesTold.of(states, self._queue_titles)
            hub.publish("queues", told, Audience(right=Right.WORK))

        self._floor.subscribe(agent)
        self._floor.subscribe_queues(queues)
