"""Whoever answers and whatever he does: a talk ends, and nothing personal is heard by anybody else."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import date, datetime
from functools import cache
from itertools import product
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.campaigns.kinds import Kind, Kinds
from ivr.campaigns.model import Campaign, CampaignState, Target, TargetState
from ivr.dialogue.ports import Action, CallFacts, EndingKind, Result, Said, Silence, Value
from ivr.dialogue.scenarios import Environment, ScenarioSet
from ivr.dialogue.simulator import (
    CALLER,
    HangUp,
    Input,
    Inputs,
    SimulatedClock,
    Simulation,
    Typed,
    Utterance,
    simulate,
)
from ivr.speech.russian import formatters

SCENARIOS = Path(__file__).parents[3] / "scenarios"
MOSCOW = ZoneInfo("Europe/Moscow")
NOON, NIGHT = datetime(2026, 11, 24, 12, tzinfo=MOSCOW), datetime(2026, 11, 24, 23, tzinfo=MOSCOW)
DAY, MOMENT = date(2026, 11, 25), datetime(2026, 11, 25, 10, tzinfo=MOSCOW)
KEYS = st.sampled_from([*"0123459*#", "5678", "1111", "0112"]).map(Typed)
WORDS = st.sampled_from(
    [
        "да",
        "нет",
        "понятно",
        "не звоните больше",
        "завтра",
        "вы ошиблись номером",
        "оператор",
        "повторите",
        "что?",
    ]
).map(Said)
TURNS: st.SearchStrategy[Input] = st.one_of(KEYS, WORDS, st.just(Silence()), st.just(HangUp()))
FIELDS: dict[str, object] = {
    "name": "Иван Петрович",
    "amount": "98765,43",
    "papers": "акт сверки",
    "request": "7777777",
    "pay_by": "2026-12-10",
    "date": "2026-12-15",
    "ground": "долг за два месяца",
    "change": "новая квитанция",
    "where": "офис на Садовой",
    "organisation": "Заречные сети",
    "works": "замена опор",
    "reason": "износ линии",
    "starts": "2026-11-26T09:00",
    "duration": "четыре часа",
    "responsible": "инженер Орлов",
    "phone": "+74832000007",
    "question": "Вы довольны?",
}
SECRETS = ("девяносто восемь тысяч", "акт сверки", "семь семь семь", "долг за два месяца", "новая квитанция")
"""What the texts of personal kinds say of the person; some of it is public in other kinds."""

REQUEST: Value = {"number": "2600001", "due_on": DAY, "has_term": True}
PROMISE: Value = {"day": DAY, "from_time": MOMENT, "today": False, "soon": False}
RESULTS: dict[str, list[Result | None]] = {
    "campaigns.refuse": [Result("refused"), None],
    "campaigns.stranger": [Result("noted"), None],
    "campaigns.again": [
        Result("agreed", {"day": DAY, "from_time": MOMENT, "today": False, "tomorrow": True}),
        Result("too_late"),
        None,
    ],
    "campaigns.promise": [Result("promised"), Result("past"), Result("too_late", {"latest": DAY}), None],
    "campaigns.paid": [Result("noted"), None],
    "campaigns.dispute": [
        Result("registered", REQUEST),
        Result("registered", {"number": "2600001", "due_on": None, "has_term": False}),
        None,
    ],
    "campaigns.message": [Result("sent"), Result("unavailable"), None],
    "campaigns.note": [Result("noted"), None],
    "customers.find_account": [Result("found", {"id": "7", "number": "320145678"}), Result("unknown"), None],
    "callbacks.request": [Result("promised", PROMISE), Result("no_number"), None],
}
QUESTIONS = {
    "name": ("Я говорю с", "Если это Вы"),
    "account": ("последние четыре цифры", "Четыре последние цифры", "наберите, пожалуйста, четыре цифры"),
}
RIGHT = {"name": {"да", "[1]"}, "account": {"[5678]"}}


@cache
def company() -> ScenarioSet:
    return ScenarioSet.load([SCENARIOS], Environment(formatters=formatters(lambda: NOON.date())))


@cache
def kinds() -> Kinds:
    return Kinds.load(SCENARIOS)


def taken(kind: Kind, profile: str) -> dict[str, Value]:
    day = NOON.date()
    fields = {name: FIELDS[name] for name in kind.fields if name in FIELDS}
    campaign = Campaign(1, "x", kind.id, "Ноябрь", CampaignState.RUNNING, day, day, fields=fields)
    target = Target(7, 1, "account:1", ("+7",), (), TargetState.CALLING, NOON, "320145678", fields)
    return kinds().given(campaign, target, profile=profile, zone=MOSCOW)


Draw = Callable[[Sequence[Result | None]], Result | None]
"""Chooses how an action ends."""


async def talked(
    kind: Kind, profile: str, turns: Sequence[Input], draw: Draw, *, night: bool = False
) -> Simulation:
    clock = SimulatedClock(NIGHT if night else NOON)

    def drawn(name: str) -> Action:
        async def run(_facts: CallFacts, **_arguments: Value) -> Result:
            result = draw(RESULTS[name])
            if result is None:
                raise ConnectionError(name)
            return result

        outcomes = {result.outcome: None for result in RESULTS[name] if result is not None}
        return Action(name=name, inputs={}, outcomes=outcomes, run=run)

    return await simulate(
        company(),
        kind.flow,
        Inputs(turns),
        facts=CallFacts(
            call_id="attempt",
            line="",
            segment="any",
            profile=profile,
            caller_number="+79100000001",
            started_at=clock.now(),
        ),
        clock=clock,
        actions={name: drawn(name) for name in RESULTS},
        given=taken(kind, profile),
    )


def confirmed_at(transcript: Sequence[Utterance], asks_for: str) -> int:
    """The place of the answer by which somebody has become the right person; behind the end if nobody has."""
    for place, line in enumerate(transcript):
        answers = line.who == CALLER and line.text in RIGHT[asks_for]
        if answers and any(words in before(transcript, place) for words in QUESTIONS[asks_for]):
            return place
    return len(transcript)


def before(transcript: Sequence[Utterance], place: int) -> str:
    """What the robot has said since the caller's turn before that place."""
    since = max((at for at in range(place) if transcript[at].who == CALLER), default=-1)
    return " ".join(line.text for line in transcript[since + 1 : place])


def tells_nobody_else(kind: Kind, profile: str, happened: Simulation) -> None:
    asks_for = kinds().asks_for(kind, profile).value
    early = happened.transcript[: confirmed_at(happened.transcript, asks_for)]
    said = " ".join(line.text for line in early if line.who != CALLER)
    assert not [secret for secret in SECRETS if secret in said]
    assert asks_for == "name" or "Иван" not in said


OPENINGS: list[Input] = [Typed("1"), Typed("2"), Typed("9"), Typed("5678"), Said("что?"), Silence()]


@pytest.mark.parametrize("profile", ["bryansk", "kostroma"])
@pytest.mark.parametrize("name", [kind.id for kind in Kinds.load(SCENARIOS) if kind.personal])
def test_however_a_talk_begins_nobody_else_is_told(name: str, profile: str) -> None:
    kind = kinds()[name]
    for turns in product(OPENINGS, repeat=2):
        happened = asyncio.run(talked(kind, profile, turns, lambda ends: ends[0]))
        tells_nobody_else(kind, profile, happened)


CARDS = [
    ("debt", "kostroma", "1", "5678", "1", "0", True),
    ("debt", "kostroma", "1", "5678", "0", "", False),
    ("debt", "kostroma", "0", "", "", "", False),
    ("debt", "bryansk", "1", "1", "0", "", False),
    ("survey", "kostroma", "1", "0", "", "", False),
    ("agent-callback", "kostroma", "", "", "", "", False),
]


@pytest.mark.parametrize("case", CARDS, ids=lambda case: " ".join(map(str, case)))
def test_only_who_has_given_the_digits_is_identified_for_the_operator(
    case: tuple[str, str, str, str, str, str, bool],
) -> None:
    name, profile, *keys, identified = case
    turns = [Typed(str(key)) for key in keys if key]
    happened = asyncio.run(talked(kinds()[name], profile, turns, lambda ends: ends[0]))
    assert happened.queued is not None
    assert ("account" in happened.queued.carry) == identified
    assert happened.queued.carry["about"] == "Ноябрь"


@settings(deadline=None, max_examples=60)
@given(
    st.sampled_from([kind.id for kind in Kinds.load(SCENARIOS)]),
    st.sampled_from(["bryansk", "kostroma"]),
    st.lists(TURNS, max_size=14),
    st.booleans(),
    st.data(),
)
def test_every_talk_ends_and_tells_nobody_else(
    name: str, profile: str, turns: list[Input], night: bool, data: st.DataObject
) -> None:
    kind = kinds()[name]
    happened = asyncio.run(
        talked(kind, profile, turns, lambda ends: data.draw(st.sampled_from(ends)), night=night)
    )
    assert happened.ending.kind is not EndingKind.FAILED
    outcome, kept = kind.result_of(happened.ending)
    assert outcome in kinds().outcomes
    assert kept.keys() <= kind.results.keys()
    if kind.personal:
        tells_nobody_else(kind, profile, happened)
    if outcome == "told":
        assert any(line.text in {"[1]", "да"} for line in happened.transcript) or not kind.personal
