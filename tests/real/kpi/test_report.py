"""A crowd of real calls, counted by SIPp and by the report: the same to the call, waits within 0.2 s."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import socket
import statistics
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from ivr.bench.sipp import Endpoint, Phone
from tests.real.company import MAIN, Company
from tests.real.instances import PROJECT, free_port
from tests.real.kpi.sipp_sides import Ear, Group, Seen, answer, picked_up, place_group, seen_by_callers

pytestmark = pytest.mark.real

FULL = os.environ.get("LOAD") == "full"
STRAIGHT = "300"
RINGS = (0.6, 1.8, 3.2, 6.4)
"""How long each telephone rings, seconds. No caller's patience ends when one of them is picked up."""
PATIENCE = (1.2, 2.5, 4.6, 30.0)
TALK = 1.5
IN_ROBOT = 2.0
WITHIN = 0.2

FLOW = """id: straight
title: Сразу в очередь
version: 1
start: people
outcomes: {}
on_error: people

states:
  people:
    queue: clients
"""


class CountedCompany(Company):
    """A company with a line that leads straight to the queue, and some telephones that answer it."""

    def __init__(self, folder: Path) -> None:
        self.phones = [Endpoint("127.0.0.1", free_port(socket.SOCK_DGRAM)) for _ in RINGS]
        scenarios = folder / "scenarios"
        shutil.copytree(PROJECT / "scenarios", scenarios)
        (scenarios / "straight.yaml").write_text(FLOW, encoding="utf-8")
        members = ", ".join(f'"sip:operator@{phone}"' for phone in self.phones)
        lines = ", ".join(
            f'{{name: {scenario}, title: {scenario}, numbers: ["{number}"], scenario: {scenario}, '
            "profile: bryansk, queue: clients}"
            for number, scenario in ((MAIN, "reception"), (STRAIGHT, "straight"))
        )
        super().__init__(
            folder,
            f"scenarios.folder={scenarios}",
            f"asterisk.queues={{clients: {{members: [{members}]}}}}",
            f"lines=[{lines}]",
        )


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CountedCompany]:
    company = CountedCompany(tmp_path_factory.mktemp("counted"))
    company.prepare()
    asyncio.run(company.stack.up())
    try:
        yield company
    finally:
        asyncio.run(company.stack.down())


FIRST_CALLS = (
    Group(dials=STRAIGHT, patience=2.5, first=8000, calls=4, per_second=2.0),
    Group(dials=MAIN, patience=IN_ROBOT, first=9000, calls=2, per_second=1.0),
)
"""After a start Asterisk and the engine read what they use for the first time; these are only counted."""
APART = 0.3
"""Between the beginnings of groups, seconds: each calls at a steady pace, not all at the same instant."""


def groups() -> list[Group]:
    """Most go straight to the queue; some hang up while the robot greets them."""
    size, per_second = (62, 1.0) if FULL else (8, 0.8)
    kinds = [(STRAIGHT, patience) for patience in PATIENCE] + [(MAIN, IN_ROBOT)]
    return [
        Group(dials=dials, patience=patience, first=1000 * place, calls=size, per_second=per_second)
        for place, (dials, patience) in enumerate(kinds)
    ]


async def test_the_report_counts_as_sipp_does(company: CountedCompany, tmp_path: Path) -> None:
    crowd = groups()
    async with AsyncExitStack() as shift:
        for number, (address, ring) in enumerate(zip(company.phones, RINGS, strict=True)):
            phone = Phone(address=address, ring_seconds=ring, talk_seconds=TALK)
            process = await answer(phone, empty(tmp_path / f"phone-{number}"))
            shift.push_async_callback(process.stop)
        heard = await call(FIRST_CALLS, company, tmp_path / "first")
        heard |= await call(crowd, company, tmp_path / "crowd")
    seen = told_by_both_ends(tmp_path, heard)
    notes = {number: asdict(call) for number, call in seen.items()}
    (tmp_path / "seen.json").write_text(json.dumps(notes, indent=1), encoding="utf-8")
    everybody = [*FIRST_CALLS, *crowd]
    assert len(seen) == sum(group.calls for group in everybody)
    queued = {number for group in everybody if group.dials == STRAIGHT for number in group.numbers}
    await judge(company, seen, queued)


async def call(crowd: Sequence[Group], company: CountedCompany, folder: Path) -> dict[str, Ear]:
    """Place the calls of all groups at a time, to their end; returns what the callers heard."""
    placed = []
    for place, group in enumerate(crowd):
        placed.append(await place_group(group, company.sip, empty(folder / f"callers-{place}")))
        await asyncio.sleep(APART)
    tallies = [await calling.sipp.wait() for calling in placed]
    assert [(tally.successful, tally.failed) for tally in tallies] == [(group.calls, 0) for group in crowd]
    return {number: ear for calling in placed for number, ear in calling.ears.items()}


def empty(folder: Path) -> Path:
    folder.mkdir(parents=True)
    return folder


def told_by_both_ends(folder: Path, heard: Mapping[str, Ear]) -> dict[str, Seen]:
    """Every call, by the caller's number."""
    calls: dict[str, Seen] = {}
    for callers in folder.glob("*/callers-*"):
        calls |= seen_by_callers(callers)
    for phone in folder.glob("phone-*"):
        for caller, at in picked_up(phone).items():
            calls[caller].picked_up = at
    for number, ear in heard.items():
        calls[number].heard = ear.heard_at or calls[number].gone
    return calls


async def judge(company: Company, seen: dict[str, Seen], queued: set[str]) -> None:
    stories = {story.caller_number: story for story, _ in await company.stories(len(seen))}
    assert set(stories) == set(seen)
    kpis = report(company)
    answered = {number for number, call in seen.items() if call.picked_up}
    counts = {
        "incoming": len(seen),
        "answered": len(answered),
        "lost": len(seen) - len(answered),
        "lost-in-robot": len(seen) - len(queued),
    }
    assert {name: kpis[name]["value"] for name in counts} == counts
    assert kpis["lost-in-queue"]["value"] + kpis["lost-at-ring"]["value"] == len(queued - answered)
    assert kpis["lost-calls"]["value"] == pytest.approx(1 - len(answered) / len(seen))
    assert kpis["wait-average"]["calls"] == len(queued)
    assert {number for number, story in stories.items() if story.agent_answered_at} == answered
    told = waits_told(company)
    assert set(told) == {stories[number].call_id for number in queued}
    measured = queued - {number for group in FIRST_CALLS for number in group.numbers}
    agree({number: seen[number] for number in measured}, {n: told[stories[n].call_id] for n in measured})
    lengths = [seen[number].wait for number in queued]
    assert kpis["wait-average"]["value"] == pytest.approx(statistics.mean(lengths), abs=WITHIN)
    assert kpis["wait-maximum"]["value"] == pytest.approx(max(lengths), abs=WITHIN)


def agree(seen: Mapping[str, Seen], told: Mapping[str, float]) -> None:
    """Every wait is what the caller heard of it; on a machine that is busy with other things most are.

    The first sound comes some hundredths of a second after the entry to the queue. On a busy machine it comes
    later, which the caller can't tell from a shorter wait; then the wait is at least no longer than the call
    until the answer.
    """
    off = {number: told[number] - call.wait for number, call in seen.items()}
    beyond = {n: off[n] for n in off if not -WITHIN < off[n] < seen[n].connected_before + WITHIN}
    assert not beyond
    wrong = {number: late for number, late in off.items() if abs(late) >= WITHIN}
    assert len(wrong) <= (0 if FULL else len(off) // 4), wrong
    assert abs(statistics.median(off.values())) < WITHIN / 2


def report(company: Company) -> dict[str, Any]:
    """Today's figures by id."""
    document = asked(company, "report")
    return {kpi["id"]: kpi for kpi in document["kpis"]}


def waits_told(company: Company) -> dict[str, float]:
    """The calls behind the average wait, each with its wait in seconds."""
    document = asked(company, "calls", "wait-average", "--limit", "1000")
    return {call["call_id"]: call["value"] for call in document["calls"]}


def asked(company: Company, command: str, *more: str) -> Any:
    today = str(datetime.now(company.stack.settings.company.zone).date())
    done = company.ivr("kpi", command, *more, "--from", today, "--to", today, "--format", "json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
