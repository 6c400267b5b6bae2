"""Files in parts: any range is the bytes of the whole; who takes nothing is cut off."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
import structlog
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from ivr.access.model import Right
from ivr.store import Database
from ivr.web import streaming
from ivr.web.api.route import Asked, Ranged, Route
from ivr.web.streaming import NotSatisfiable, Span, span_of
from tests.contract.web.site import IMPATIENT, running

HUGE = 400_000_000


@given(st.integers(1, 10_000), st.data())
def test_a_range_is_within_the_file_and_as_asked(size: int, data: st.DataObject) -> None:
    first = data.draw(st.integers(0, size - 1))
    last = data.draw(st.integers(first, 2 * size))
    assert span_of(f"bytes={first}-{last}", size) == Span(first, min(size, last + 1))
    assert span_of(f"bytes={first}-", size) == Span(first, size)
    tail = data.draw(st.integers(1, 2 * size))
    assert span_of(f"bytes=-{tail}", size) == Span(max(0, size - tail), size)
    with pytest.raises(NotSatisfiable):
        span_of(f"bytes={size + data.draw(st.integers(0, 99))}-", size)


@given(st.text() | st.from_regex(r"bytes=[0-9,\-]*", fullmatch=True), st.integers(0, 100))
def test_whatever_is_asked_the_answer_is_within_the_file(header: str, size: int) -> None:
    try:
        span = span_of(header, size)
    except NotSatisfiable:
        return
    assert span is None or 0 <= span.start < span.end <= size


async def test_who_takes_nothing_is_cut_off_without_a_warning(
    database: Database, pages: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = asyncio.Event()
    read: list[int] = []
    cut = streaming._cut

    def seen(request: web.Request) -> None:
        cut(request)
        left.set()

    monkeypatch.setattr(streaming, "_cut", seen)

    async def part(start: int, length: int) -> bytes:
        read.append(start)
        return bytes(length)

    async def tell(_asked: Asked) -> Ranged:
        return Ranged(media_type="audio/ogg", size=HUGE, tag="t", read=part)

    route = Route(method="GET", path="/sound", title="Sound", right=Right.WORK, run=tell)
    settings = IMPATIENT.model_copy(
        update={"limits": IMPATIENT.limits.model_copy(update={"idle_seconds": 0.3, "answer_seconds": 10.0})}
    )
    async with running(database, pages, settings=settings, routes=[route]) as site:
        browser = await site.signed_in("ivanova")
        with structlog.testing.capture_logs() as logs:
            async with browser.http.get(f"{browser.url}/api/sound", headers=browser.headers) as answer:
                assert answer.status == 200
                assert answer.content_length == HUGE
                transport = answer.connection and answer.connection.transport
                assert transport is not None
                transport.pause_reading()
                await asyncio.wait_for(left.wait(), 10)
                before = len(read)
                transport.resume_reading()
                with pytest.raises(Exception, match=r"payload|Connection|reset"):
                    await answer.read()
        assert len(read) == before
        assert before < HUGE // 65_536
        assert [each for each in logs if each["event"] == "api.broken-off"] == []
