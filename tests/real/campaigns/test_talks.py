"""The talk of a campaign about debt, by voice and by key, over real calls: what becomes of each wish."""

from __future__ import annotations

import asyncio
import csv
import json
import socket
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import partial
from pathlib import Path

import pytest
from aiohttp import web
from sqlalchemy import select

from ivr.bench.sipp import Keys as Pressed
from ivr.bench.sipp import Speak
from ivr.calls import queries
from ivr.calls.story import Disposition, Story
from ivr.campaigns.entries import NewTarget
from ivr.campaigns.model import Attempt, AttemptState, Target, TargetState
from ivr.campaigns.rules.refusals import Refusal, Refusals
from ivr.campaigns.rules.scopes import DEBT
from ivr.clock import SystemClock
from ivr.requests.tables import request_changes, requests
from ivr.store import Database
from tests.real import exchange as levels
from tests.real.campaigns.running import Dialling, dialling
from tests.real.campaigns.subscribers import Temper
from tests.real.campaigns.talkers import HANG_UP, Step, Talkers, talkers
from tests.real.exchange import voice
from tests.real.instances import free_port
from tests.real.sipp import operator
from tests.real.sipp.talker import Utterance

pytestmark = pytest.mark.real

TODAY = date.today()
IN_THREE_DAYS = TODAY + timedelta(days=3)
DISPUTES = "счётчик показывает меньше"

NAME, CONVENIENT, MESSAGE, MENU = "Я говорю с", "удобно сейчас", "задолженность", "Если всё понятно"
WHEN, WHO, DAY, RIGHT_DAY = "Когда Вам", "когда можно", "На какой день", "Верно"
SMS, WHY = "Прислать", "с чем Вы"

SPOKEN = {
    "да": levels.YES,
    "нет": levels.NO,
    "завтра": levels.TOMORROW,
    "число": levels.ON_THE_DAY,
    "понятно": levels.CLEAR,
    "не согласен": levels.DISAGREE,
    "уже оплатил": levels.PAID,
    "не звоните": levels.REFUSE,
    "оплачу": levels.PAY,
    "возражение": levels.WHY,
    "вечером": levels.EVENING,
    "оператор": levels.OPERATOR,
}
PRESSED = ("1", "2", "3", "4", "5", "9", f"{IN_THREE_DAYS:%d%m}")


@dataclass(frozen=True, slots=True)
class Subscriber:
    """One, what he does, and what must have come of it.

    Attributes:
        steps: What the robot says → what he does.
        outcome: Of the talk.
        state: Of the target.
        left: What the attempt has kept.
    """

    steps: tuple[tuple[str, str], ...]
    outcome: str
    state: TargetState = TargetState.DONE
    left: Mapping[str, object] = field(default_factory=dict)


BY_KEYS, BY_VOICE = ((NAME, "1"), (CONVENIENT, "1")), ((NAME, "да"), (CONVENIENT, "да"))
PROMISED = {"promised_on": IN_THREE_DAYS.isoformat()}
SUBSCRIBERS = {
    "understood by key, after a repetition, and the SMS": Subscriber(
        (*BY_KEYS, (MENU, "2"), (MENU, "1"), (SMS, "1")), "confirmed", left={"asked_sms": True}
    ),
    "understood by voice, without an SMS": Subscriber(
        (*BY_VOICE, (MENU, "понятно"), (SMS, "нет")), "confirmed"
    ),
    "promises tomorrow by voice": Subscriber(
        (*BY_VOICE, (MENU, "оплачу"), (DAY, "завтра"), (RIGHT_DAY, "да"), (SMS, "нет")),
        "promised",
        left={"promised_on": (TODAY + timedelta(days=1)).isoformat()},
    ),
    "promises a day of the month by voice": Subscriber(
        (*BY_VOICE, (MENU, "3"), (DAY, "число"), (RIGHT_DAY, "да"), (SMS, HANG_UP)), "promised", left=PROMISED
    ),
    "promises by keys": Subscriber(
        (*BY_KEYS, (MENU, "3"), (DAY, PRESSED[-1]), (RIGHT_DAY, "1"), (SMS, "2")), "promised", left=PROMISED
    ),
    "has paid": Subscriber((*BY_VOICE, (MENU, "уже оплатил")), "paid-told", left={"paid": True}),
    "disputes by voice": Subscriber((*BY_VOICE, (MENU, "не согласен"), (WHY, "возражение")), "disputed"),
    "disputes and hangs up when asked why": Subscriber((*BY_KEYS, (MENU, "5"), (WHY, HANG_UP)), "told"),
    "refuses by voice at the menu": Subscriber(
        (*BY_VOICE, (MENU, "не звоните")), "refused", TargetState.REFUSED
    ),
    "refuses by key": Subscriber((*BY_KEYS, (MENU, "9")), "refused", TargetState.REFUSED),
    "refuses at once": Subscriber(((NAME, "не звоните"),), "refused", TargetState.REFUSED),
    "another person, tomorrow": Subscriber(
        ((NAME, "нет"), (WHO, "завтра")), "call-later", TargetState.WAITING
    ),
    "a stranger": Subscriber(((NAME, "2"), (WHO, "4")), "stranger", TargetState.FAILED, {"stranger": True}),
    "in the evening": Subscriber(
        ((NAME, "да"), (CONVENIENT, "нет"), (WHEN, "вечером")), "call-later", TargetState.WAITING
    ),
    "an operator": Subscriber((*BY_VOICE, (MENU, "оператор")), "operator"),
    "hangs up in the notice": Subscriber((("записывается", HANG_UP),), "hangup", TargetState.FAILED),
    "hangs up at the name": Subscriber(((NAME, HANG_UP),), "hangup", TargetState.FAILED),
    "hangs up in the message": Subscriber((*BY_KEYS, (MESSAGE, HANG_UP)), "hangup", TargetState.FAILED),
    "hangs up at the menu": Subscriber((*BY_KEYS, (MENU, HANG_UP)), "told"),
    "says nothing": Subscriber((), "silent", TargetState.FAILED),
}
NUMBERS = {name: f"+7910555{place:04}" for place, name in enumerate(SUBSCRIBERS)}
REFUSED = [name for name in SUBSCRIBERS if "refuses" in name or name == "a stranger"]


@dataclass
class Came:
    """What came of all the calls."""

    attempts: dict[str, Attempt]
    targets: dict[str, Target]
    again: dict[str, Target]
    refusals: dict[str, list[Refusal]]
    stories: dict[str, Story]
    disputes: dict[str, tuple[str, list[str]]]
    sms: list[dict[str, str]]
    calls: Counter[str]
    ended_by: dict[str, str]
    report: dict[str, dict[str, str]]


@asynccontextmanager
async def _gateway(port: int) -> AsyncIterator[list[dict[str, str]]]:
    """An SMS gateway, and what was posted to it."""
    posted: list[dict[str, str]] = []

    async def post(request: web.Request) -> web.Response:
        posted.append(await request.json())
        return web.json_response({"id": str(len(posted))})

    app = web.Application()
    app.router.add_post("/sms", post)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    try:
        yield posted
    finally:
        await runner.cleanup()


def _repertoire(folder: Path) -> dict[str, Utterance]:
    spoken = {name: [Speak(voice(folder, level, 0.7))] for name, level in SPOKEN.items()}
    return {**spoken, **{keys: [Pressed(keys)] for keys in PRESSED}}


async def _converse(dials: Dialling, people: Talkers, campaign_id: int) -> dict[str, Attempt]:
    """All calls side by side, to their ends."""
    ids: dict[str, str] = {}

    def lines(number: str) -> list[tuple[str, str]]:
        return transcript(dials, ids[number]) if number in ids else []

    async def know() -> None:
        while True:
            ids.update({each.number: each.attempt_id for each in await dials.attempts(campaign_id)})
            await asyncio.sleep(0.3)

    knowing = asyncio.create_task(know())
    steps = {name: [Step(*step) for step in each.steps] for name, each in SUBSCRIBERS.items()}
    talks = [
        asyncio.create_task(people.converse(NUMBERS[name], each, partial(lines, NUMBERS[name])))
        for name, each in steps.items()
    ]
    try:
        async with asyncio.timeout(150):
            while True:
                attempts = await dials.attempts(campaign_id)
                ended = [each for each in attempts if each.state is AttemptState.ENDED]
                if len(ended) == len(SUBSCRIBERS):
                    return {each.number: each for each in ended}
                await asyncio.sleep(0.3)
    finally:
        for task in (knowing, *talks):
            task.cancel()


def transcript(dials: Dialling, attempt_id: str) -> list[tuple[str, str]]:
    """What was said so far: who and what."""
    folder = dials.company.stack.settings.scenarios.transcripts
    assert folder is not None
    file = folder / f"{attempt_id}.jsonl"
    whole = file.read_text(encoding="utf-8").rpartition("\n")[0] if file.exists() else ""
    return [(line["who"], line["text"]) for line in map(json.loads, whole.splitlines())]


async def _settled(dials: Dialling, campaign_id: int) -> list[Target]:
    """The targets, once it is known of each what follows."""
    async with asyncio.timeout(20):
        while True:
            targets = await dials.targets(campaign_id)
            if all(each.state is not TargetState.CALLING for each in targets):
                return targets
            await asyncio.sleep(0.2)


def _came(folder: Path) -> Came:
    port = free_port(socket.SOCK_STREAM)
    body = {"to": "{number}", "text": "{text}"}
    gateway = {"name": "centre", "url": f"http://127.0.0.1:{port}/sms", "body": body, "sender": "Energo"}
    with dialling(folder / "company", channels={"sms_http": gateway}) as dials:
        return asyncio.run(_talked(dials, folder, port))


async def _talked(dials: Dialling, folder: Path, port: int) -> Came:
    async with (
        _gateway(port) as sms,
        talkers(dials.place, folder / "talkers", voice(folder, levels.YES), _repertoire(folder)) as people,
        operator(dials.company.operator(), dials.company.operator_folder()),
    ):
        return await _of(dials, people, sms)


async def _of(dials: Dialling, people: Talkers, sms: list[dict[str, str]]) -> Came:
    debtors = dials.debtors([Temper.PERSON] * len(NUMBERS), first=0)
    targets = [
        replace(target, person=f"number:{number}", numbers=(number,))
        for target, number in zip(debtors, NUMBERS.values(), strict=True)
    ]
    first = await dials.campaign("долги", targets)
    attempts = await _converse(dials, people, first)
    settled = {each.numbers[0]: each for each in await _settled(dials, first)}
    again = await _refused_at_once(dials, targets)
    report = _report(dials, "долги")
    refusals, stories, disputes = await _written(dials, attempts)
    calls, ended_by = Counter(people.calls()), people.ended_by()
    return Came(attempts, settled, again, refusals, stories, disputes, sms, calls, ended_by, report)


async def _refused_at_once(dials: Dialling, targets: list[NewTarget]) -> dict[str, Target]:
    """A second campaign for those who refused: how its targets stand after the rules have seen them."""
    numbers = [NUMBERS[name] for name in REFUSED]
    second = await dials.campaign("долги-2", [each for each in targets if each.numbers[0] in numbers])
    await dials.done(second, 30)
    return {each.numbers[0]: each for each in await dials.targets(second)}


def _report(dials: Dialling, name: str) -> dict[str, dict[str, str]]:
    """Rows of the report by number, as the supervisor has them."""
    file = dials.company.folder / "report.csv"
    done = dials.company.ivr("campaign", "report", name, "--to", str(file))
    assert done.returncode == 0, done.stderr
    rows = csv.DictReader(file.read_text(encoding="utf-8-sig").splitlines(), delimiter=";")
    return {row["Телефон"].strip("'"): row for row in rows}


async def _written(
    dials: Dialling, attempts: Mapping[str, Attempt]
) -> tuple[dict[str, list[Refusal]], dict[str, Story], dict[str, tuple[str, list[str]]]]:
    settings = dials.company.stack.settings
    database = await Database.open(settings.store.model_copy(update={"busy_seconds": 30}))
    try:
        listed = await Refusals(database, SystemClock(settings.company.zone)).listed()
        by_number: dict[str, list[Refusal]] = {}
        for number, attempt in attempts.items():
            by_number[number] = [each for each in listed if each.reference == attempt.attempt_id]
        stories = {}
        for number, attempt in attempts.items():
            found = await database.read(partial(queries.one, call_id=attempt.attempt_id))
            assert found is not None
            stories[number] = found[0]
        query = select(requests.c.number, requests.c.phone, requests.c.id)
        rows = await database.read(lambda connection: connection.execute(query).all())
        notes = await database.read(
            lambda connection: connection.execute(
                select(request_changes.c.request_id, request_changes.c.note)
            ).all()
        )
    finally:
        await database.close()
    disputes = {
        phone: (number, [note for of, note in notes if of == id_ and note]) for number, phone, id_ in rows
    }
    return by_number, stories, disputes


@pytest.fixture(scope="module")
def came(tmp_path_factory: pytest.TempPathFactory) -> Came:
    return _came(tmp_path_factory.mktemp("talks"))


@pytest.mark.parametrize("name", SUBSCRIBERS)
def test_each_talk_ends_with_its_row(came: Came, name: str) -> None:
    wanted, number = SUBSCRIBERS[name], NUMBERS[name]
    attempt, target = came.attempts[number], came.targets[number]
    assert (attempt.outcome, target.state) == (wanted.outcome, wanted.state)
    assert wanted.left.items() <= attempt.result.items()
    assert came.calls[number] == 1
    hung_up = "subscriber" if any(does == HANG_UP for _, does in wanted.steps) else "robot"
    assert came.ended_by[number] == hung_up


def test_who_refused_is_never_called_again(came: Came) -> None:
    for name in REFUSED:
        number = NUMBERS[name]
        told = {(each.person, each.number) for each in came.refusals[number]}
        assert told == set(_refused(name, number)), name
        assert came.again[number].state is TargetState.REFUSED
        assert came.calls[number] == 1


def _refused(name: str, number: str) -> list[tuple[str, str]]:
    """Person and number of each refusal: before it is known who speaks, the number alone."""
    person = f"number:{number}"
    if name == "a stranger":
        return [(person, number)]
    return [("", number)] if name == "refuses at once" else [("", number), (person, "")]


def test_who_has_paid_is_not_called_about_debt(came: Came) -> None:
    [quiet] = came.refusals[NUMBERS["has paid"]]
    assert quiet.scope == DEBT
    assert quiet.until is not None


def test_a_dispute_is_a_request_before_its_words(came: Came) -> None:
    by_voice, without = (NUMBERS["disputes by voice"], NUMBERS["disputes and hangs up when asked why"])
    assert came.disputes.keys() == {by_voice, without}
    assert came.disputes[by_voice][1] == [DISPUTES]
    assert came.disputes[without][1] == []
    for number, (request, _) in came.disputes.items():
        assert came.attempts[number].result["request_number"] == request


def test_the_sms_that_was_asked_for_is_sent_once(came: Came) -> None:
    [sms] = came.sms
    assert f"+{sms['to'].lstrip('+')}" == NUMBERS["understood by key, after a repetition, and the SMS"]
    assert "к оплате" in sms["text"]


def test_an_operator_has_the_person_with_what_is_known(came: Came) -> None:
    story = came.stories[NUMBERS["an operator"]]
    assert (story.disposition, story.queue) == (Disposition.ANSWERED, "clients.billing")
    assert story.carried is not None
    assert story.carried["about"] == "Долги"


def test_the_report_says_the_same(came: Came) -> None:
    assert came.report.keys() == set(NUMBERS.values())
    for name, wanted in SUBSCRIBERS.items():
        row = came.report[NUMBERS[name]]
        assert row["Чем закончился вызов"] == "ответил человек", name
        assert row["Код звонка"] == came.attempts[NUMBERS[name]].attempt_id
        day = wanted.left.get("promised_on")
        promised = f"Обещал оплатить: {date.fromisoformat(str(day)):%d.%m.%Y}" if day else ""
        assert promised in row["Данные разговора"], name
