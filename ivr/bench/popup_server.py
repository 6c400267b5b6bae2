"""The web server of the measurement, a process of its own: real pages, sessions and hub, invented rings.

`python -m ivr.bench.popup_server FOLDER SESSIONS` answers on stdout, a JSON document a line: first
`{"port", "secrets": {login: secret of the cookie}}`, then for each line `ring LOGIN` on stdin
`{"call_id", "login", "at_ns"}`, the time of the machine at which the event was there. `end LOGIN CALL_ID`
ends the ringing. It ends with its stdin.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
import uuid
from contextlib import AsyncExitStack, suppress
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import uvloop
from pydantic import BaseModel

from ivr.access.model import Right, Role, User
from ivr.access.service import Access
from ivr.access.settings import AccessSettings
from ivr.bench.popup_card import full_card
from ivr.calls.legs import LegEnd, LegRole
from ivr.clock import SystemClock
from ivr.logs import LogSettings, configure
from ivr.store import Database, StoreSettings, upgrade
from ivr.web.api.events import Audience
from ivr.web.api.live import RingTold, TalkTold
from ivr.web.api.route import Asked, Route
from ivr.web.api.workspace import Dictionaries, TopicTitled, WorkspaceTold
from ivr.web.hub import Hub
from ivr.web.server import WebServer
from ivr.web.settings import WebSettings
from ivr.web.site import Site, SiteParts

_ADDRESS = "127.0.0.1"
_QUEUE = "clients.billing"
_FIRST_EXTENSION = 1_000


class QueueStands(BaseModel):
    """How a queue stands, as pages have it."""

    queue: str = _QUEUE
    title: str = "Расчёты"
    waiting: int = 3
    longest_since: datetime
    ready: int = 12
    estimate_seconds: float = 40.0


class QueuesStand(BaseModel):
    """All queues."""

    queues: list[QueueStands]


class Source:
    """Stands in for the telephones: tells rings and their ends, and the queues once a second."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    def ring(self, login: str) -> dict[str, object]:
        """A telephone rings."""
        at_ns, call_id = time.time_ns(), str(uuid.uuid4())
        told = RingTold(
            call_id=call_id,
            leg_id=call_id,
            role=LegRole.QUEUE,
            queue=_QUEUE,
            order_id=None,
            card=full_card(call_id, login),
        )
        self._hub.publish("ring", told, Audience(login=login))
        return {"call_id": call_id, "login": login, "at_ns": at_ns}

    def end(self, login: str, call_id: str) -> None:
        """It rings no more."""
        ended = TalkTold(
            call_id=call_id,
            leg_id=call_id,
            role=LegRole.QUEUE,
            queue=_QUEUE,
            order_id=None,
            stage="ended",
            since=datetime.now(UTC),
            answered_at=None,
            end=LegEnd.CALLER,
        )
        self._hub.publish("talk", ended, Audience(login=login))

    async def tell_queues(self) -> None:
        """Tell how the queues stand, once a second."""
        while True:
            stands = QueuesStand(queues=[QueueStands(longest_since=datetime.now(UTC))])
            self._hub.publish("queues", stands, Audience(right=Right.WORK))
            await asyncio.sleep(1)


async def workspace(asked: Asked) -> WorkspaceTold:
    """The page of an operator who is ready, with a telephone on the desk."""
    user = asked.user
    me = {
        "login": user.login,
        "name": user.name,
        "extension": user.extension,
        "phone": {"kind": "desk", "extension": user.extension},
        "skills": list(user.skills),
        "state": "ready",
        "reason": None,
        "since": datetime.now(UTC).isoformat(),
        "call_id": None,
        "leg_id": None,
        "missed": 0,
        "reachable": True,
    }
    topics = [TopicTitled(id="payment.missing", title="Платёж не учтён", personal=True)]
    return WorkspaceTold(
        me=me,
        talk=None,
        consult=None,
        card=None,
        wrap_up=None,
        dictionaries=Dictionaries(topics=topics, results=[], pause_reasons=[], offices=[]),
        queues=[],
        callbacks=[],
        lost=[],
        tasks=[],
        bulletins=[],
        shift=None,
        missing=[],
        time_zone="Europe/Moscow",
    )


async def open_sessions(access: Access, count: int) -> dict[str, str]:
    """Operators who are signed in: login → secret of the cookie."""
    people = [
        User(
            login=f"operator{number}",
            name=f"Оператор {number}",
            role=Role.OPERATOR,
            extension=str(_FIRST_EXTENSION + number),
            skills=(_QUEUE,),
        )
        for number in range(count)
    ]
    await asyncio.gather(*(access.users.add(each, "", must_change=False) for each in people))
    secrets = await asyncio.gather(*(access.sessions.begin(each.login, _ADDRESS) for each in people))
    return {each.login: secret for each, secret in zip(people, secrets, strict=True)}


async def serve(folder: Path, count: int) -> None:
    """Serve until stdin ends."""
    async with AsyncExitStack() as running:
        database = await Database.open(StoreSettings(url=f"sqlite:///{folder / 'ivr.db'}"))
        running.push_async_callback(database.close)
        await upgrade(database)
        clock = SystemClock(ZoneInfo("Europe/Moscow"))
        access = Access(database, AccessSettings(), clock)
        running.callback(access.close)
        settings = WebSettings(host=_ADDRESS, port=0)
        hub = Hub(settings.events, clock)
        route = Route(
            method="GET",
            path="/workspace",
            title="Workspace",
            right=Right.WORK,
            run=workspace,
            answer=WorkspaceTold,
        )
        parts = SiteParts(
            access=access, access_settings=AccessSettings(), hub=hub, clock=clock, routes=[route]
        )
        server = WebServer(settings, exposition=bytes, checks={}, site=Site(settings, parts))
        secrets = await open_sessions(access, count)
        web = await running.enter_async_context(server)
        source = Source(hub)
        queues = asyncio.create_task(source.tell_queues())
        running.callback(queues.cancel)
        _answer({"port": web.port, "secrets": secrets})
        await _obey(source)


async def _obey(source: Source) -> None:
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    async for line in reader:
        match line.decode().split():
            case ["ring", login]:
                _answer(source.ring(login))
            case ["end", login, call_id]:
                source.end(login, call_id)


def _answer(document: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(document) + "\n")
    sys.stdout.flush()


def main() -> None:
    """Serve."""
    configure(LogSettings(level="WARNING"))
    folder, count = Path(sys.argv[1]), int(sys.argv[2])
    with suppress(KeyboardInterrupt), asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serve(folder, count))


if __name__ == "__main__":
    main()
