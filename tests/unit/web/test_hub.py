"""The hub without sockets: whatever is published and whenever a page is away, it gets its own, once."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from ivr.access.model import Role, User
from ivr.access.sessions import Holder, Session
from ivr.web.api.events import Audience
from ivr.web.hub import Feed, Hub, is_for
from ivr.web.settings import EventSettings
from tests.unit.customers.samples import ClockByHand

AT = datetime(2026, 11, 24, tzinfo=UTC)
LOGINS = ("ivanova", "petrova")


class Number(BaseModel):
    value: int


def holder(login: str) -> Holder:
    session = Session(id=f"s-{login}", login=login, address="", began_at=AT, seen_at=AT, ends_at=AT)
    return Holder(session=session, user=User(login=login, name="Имя", role=Role.OPERATOR), must_change=False)


async def waiting(feed: Feed) -> list[dict[str, Any]]:
    """All frames that wait, as JSON."""
    frames: list[dict[str, Any]] = []
    while True:
        try:
            async with asyncio.timeout(0):
                frame = await feed.take()
        except TimeoutError:
            return frames
        assert frame is not None
        frames.append(json.loads(frame))


def values(frames: list[dict[str, Any]]) -> list[int]:
    return [frame["data"]["value"] for frame in frames if frame["type"] == "number"]


@given(
    st.lists(st.tuples(st.sampled_from([*LOGINS, None]), st.booleans()), max_size=60),
    st.integers(0, 20),
)
def test_a_page_that_comes_and_goes_misses_nothing_unnoticed(
    story: list[tuple[str | None, bool]], kept: int
) -> None:
    async def play() -> None:
        hub = Hub(EventSettings(kept=kept, queue=1_000), ClockByHand())
        seen: list[int] = []
        after: int | None = None
        epoch = ""
        feed: Feed | None = hub.open(holder("ivanova"), None, "")
        wanted: list[int] = []
        for number, (login, toggles) in enumerate(story):
            if toggles:
                if feed is not None:
                    frames = await waiting(feed)
                    seen += values(frames)
                    after, epoch = (frames[-1]["seq"], frames[-1]["epoch"]) if frames else (after, epoch)
                    hub.close_feed(feed)
                    feed = None
                else:
                    feed = hub.open(holder("ivanova"), after, epoch)
            hub.publish("number", Number(value=number), Audience(login=login))
            if login in {None, "ivanova"}:
                wanted.append(number)
        last = feed or hub.open(holder("ivanova"), after, epoch)
        frames = await waiting(last)
        resynced = any(frame["type"] == "resync" for frame in frames)
        seen += values(frames)
        assert seen == sorted(set(seen)), "in order, none twice"
        assert set(seen) <= set(wanted)
        if kept >= len(story):
            assert not resynced
            assert seen == wanted

    asyncio.run(play())


@given(st.integers(1, 30), st.integers(1, 10))
def test_a_full_queue_becomes_one_resync_that_tells_where_to_go_on(count: int, limit: int) -> None:
    async def play() -> None:
        hub = Hub(EventSettings(queue=limit), ClockByHand())
        feed = hub.open(holder("ivanova"), None, "")
        await waiting(feed)
        for number in range(count):
            hub.publish("number", Number(value=number), Audience())
        frames = await waiting(feed)
        if count <= limit:
            assert values(frames) == list(range(count))
            return
        assert frames[0]["type"] == "resync"
        assert values(frames) == list(range(frames[0]["seq"], count)), "all after the resync, none before"

    asyncio.run(play())


def test_an_audience_with_login_and_right_is_that_user_as_long_as_he_may() -> None:
    operator = User(login="ivanova", name="А", role=Role.OPERATOR)
    supervisor = User(login="ivanova", name="А", role=Role.SUPERVISOR)
    both = Audience(login="ivanova", right="desk")
    assert not is_for(both, operator)
    assert is_for(both, supervisor)
    assert not is_for(Audience(login="petrova"), supervisor)
    assert is_for(Audience(), operator)


async def test_a_page_that_is_cut_takes_what_waits_first() -> None:
    hub = Hub(EventSettings(), ClockByHand())
    feed = hub.open(holder("ivanova"), None, "")
    hub.publish("number", Number(value=1), Audience())
    hub.end_session("s-ivanova")
    assert [json.loads(await feed.take() or "")["type"] for _ in range(2)] == ["hello", "number"]
    assert await feed.take() is None
