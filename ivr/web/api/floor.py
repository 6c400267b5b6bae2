"""The operators and the queues: as calls of the API, and as live events."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from pydantic import BaseModel

from ivr.access.model import Right
from ivr.desk.floor import Floor
from ivr.desk.model import Agent, QueueState
from ivr.desk.settings import AgentsSettings
from ivr.web.api.events import Audience, EventHub
from ivr.web.api.floor_models import AgentTold, QueuesTold
from ivr.web.api.me import titles
from ivr.web.api.route import Asked, Route


class FloorTold(BaseModel):
    """The operators who are signed in, by login; their calls only for those who lead the desk."""

    agents: list[AgentTold]


class FloorRoutes:
    """`/floor` and `/queues`."""

    def __init__(self, floor: Floor, settings: AgentsSettings, queue_titles: Mapping[str, str]) -> None:
        """Args: `queue_titles`: Asterisk's name of a queue → its name for people."""
        self._floor = floor
        self._reasons = titles(settings)
        self._queue_titles = queue_titles

    def routes(self) -> list[Route]:
        """Both."""
        of = partial(Route, method="GET", right=Right.WORK)
        return [
            of(path="/floor", title="Tell who is signed in", run=self.tell, answer=FloorTold),
            of(path="/queues", title="Tell how the queues are", run=self.tell_queues, answer=QueuesTold),
        ]

    async def tell(self, asked: Asked) -> FloorTold:
        """`GET /floor`."""
        calls = asked.user.may(Right.DESK)
        agents = [AgentTold.of(agent, self._reasons, calls=calls) for agent in self._floor.agents()]
        return FloorTold(agents=agents)

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
