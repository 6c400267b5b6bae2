"""Live events: every page gets its own, in order, and those that it missed when it comes back.

A frame is `{"type", "seq", "epoch", "at", "data"}`. `seq` rises with every event of this process, whoever it
is for, so that pages see gaps; `epoch` names the process. Besides what is published there are three types:

- `hello`, first on every connection: where the sequence stands;
- `beat`, again and again: the server is there. A page that has heard none for some beats has lost it;
- `resync`: read `/workspace` again, then go on from this `seq`. It comes when the missed events are no longer
  kept, when the server is another process, and to a page that was too slow for its events.

A page comes back with the last `seq` and `epoch` that it has seen.
"""

from __future__ import annotations

import asyncio
import json
import secrets
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import structlog
from pydantic import BaseModel

from ivr.access.model import Right, User
from ivr.access.sessions import Holder
from ivr.dialogue.ports import Clock
from ivr.web.api.events import Audience
from ivr.web.settings import EventSettings

log = structlog.get_logger(__name__)

HELLO, BEAT, RESYNC = "hello", "beat", "resync"


@dataclass(frozen=True, slots=True)
class _Event:
    seq: int
    frame: str
    audience: Audience


class Feed:
    """The events that wait for one page.

    Attributes:
        ended: Why the page is to be cut, once it is.
    """

    def __init__(self, holder: Holder, limit: int) -> None:
        self.holder = holder
        self.ended: FeedEnd | None = None
        self._limit = limit
        self._frames: deque[str] = deque()
        self._ready = asyncio.Event()

    @property
    def user(self) -> User:
        """Whose page it is."""
        return self.holder.user

    def put(self, frame: str) -> bool:
        """Have a frame wait; False: too many wait already, and this one does not."""
        if len(self._frames) >= self._limit:
            return False
        self._frames.append(frame)
        self._ready.set()
        return True

    def put_instead(self, frame: str) -> None:
        """Have this frame wait, and no other."""
        self._frames.clear()
        self.put(frame)

    def end(self, why: FeedEnd) -> None:
        """Have the page cut when it has taken what waits."""
        self.ended = self.ended or why
        self._ready.set()

    async def take(self) -> str | None:
        """The next frame; None when the page is to be cut."""
        while not self._frames:
            if self.ended is not None:
                return None
            self._ready.clear()
            await self._ready.wait()
        return self._frames.popleft()


@dataclass(frozen=True, slots=True)
class FeedEnd:
    """Why a page is cut: a close code of RFC 6455, section 7.4.2, private use, and its name."""

    code: int
    name: str


SESSION_ENDED = FeedEnd(4401, "session-ended")
REPLACED = FeedEnd(4409, "too-many-pages")
STOPPING = FeedEnd(1001, "stopping")


class Hub:
    """Implements `EventHub`. Nothing in it waits; the pages' own tasks take from their feeds."""

    def __init__(self, settings: EventSettings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._epoch = secrets.token_hex(4)
        self._seq = 0
        self._kept: deque[_Event] = deque(maxlen=settings.kept)
        self._feeds: defaultdict[str, list[Feed]] = defaultdict(list)
        self._closed = False

    @property
    def pages(self) -> int:
        """How many are open."""
        return sum(map(len, self._feeds.values()))

    @property
    def feeds(self) -> list[Feed]:
        """Those of all open pages."""
        return [feed for feeds in self._feeds.values() for feed in feeds]

    def publish(self, type: str, data: BaseModel, audience: Audience) -> None:
        """Tell the pages of the audience, and keep the event for those that come back."""
        self._seq += 1
        event = _Event(self._seq, self._frame(type, data.model_dump_json()), audience)
        self._kept.append(event)
        for feed in self._of(audience):
            self._give(feed, event.frame)

    def beat(self) -> None:
        """Tell all pages that the server is there."""
        frame = self._frame(BEAT)
        for feed in self.feeds:
            feed.put(frame)

    def open(self, holder: Holder, after: int | None, epoch: str) -> Feed:
        """Begin a page's feed: greeting, then what it has missed or `resync`.

        Args:
            holder: The session of the page.
            after: The last `seq` that it has seen; None: it has just read everything.
            epoch: The `epoch` that came with it.
        """
        feed = Feed(holder, self._settings.queue)
        feed.put(self._frame(HELLO))
        if after is not None:
            self._catch_up(feed, after, epoch)
        if self._closed:
            feed.end(STOPPING)
        mine = self._feeds[feed.user.login]
        mine.append(feed)
        if len(mine) > self._settings.sockets_per_user:
            mine[0].end(REPLACED)
        return feed

    def close_feed(self, feed: Feed) -> None:
        """The page is gone."""
        login = feed.user.login
        mine = self._feeds[login]
        if feed in mine:
            mine.remove(feed)
        if not mine:
            del self._feeds[login]

    def end_session(self, session_id: str) -> None:
        """Cut the pages of a session."""
        for feed in self.feeds:
            if feed.holder.session.id == session_id:
                feed.end(SESSION_ENDED)

    def close(self) -> None:
        """Cut all pages; new ones are cut at once."""
        self._closed = True
        for feed in self.feeds:
            feed.end(STOPPING)

    def _catch_up(self, feed: Feed, after: int, epoch: str) -> None:
        oldest = self._kept[0].seq if self._kept else self._seq + 1
        if epoch != self._epoch or not oldest - 1 <= after <= self._seq:
            feed.put_instead(self._frame(RESYNC))
            return
        missed = [each for each in self._kept if each.seq > after and is_for(each.audience, feed.user)]
        if not all(feed.put(event.frame) for event in missed):
            feed.put_instead(self._frame(RESYNC))

    def _give(self, feed: Feed, frame: str) -> None:
        if not feed.put(frame):
            log.warning("events.slow-page", session_id=feed.holder.session.id)
            feed.put_instead(self._frame(RESYNC))

    def _of(self, audience: Audience) -> Iterator[Feed]:
        feeds: Iterable[Feed] = self.feeds
        if audience.login is not None:
            feeds = self._feeds.get(audience.login, ())
        return (feed for feed in feeds if is_for(audience, feed.user))

    def _frame(self, type_: str, data: str = "{}") -> str:
        at = self._clock.now().isoformat(timespec="milliseconds")
        head = json.dumps({"type": type_, "seq": self._seq, "epoch": self._epoch, "at": at})
        return f'{head[:-1]}, "data": {data}}}'


def is_for(audience: Audience, user: User) -> bool:
    """Whether a user is told; an audience with login and right is that user, as long as he has the right."""
    if audience.login is not None and audience.login != user.login:
        return False
    return audience.right is None or user.may(Right(audience.right))
