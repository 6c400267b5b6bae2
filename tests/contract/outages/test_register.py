"""The register answers by address, once it is entered, until it expires or is closed."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from ivr.customers.files import BadLine
from ivr.customers.model import Address
from ivr.customers.service import Customers, NotIdentified
from ivr.customers.settings import CustomersSettings
from ivr.customers.sheets import Imported, in_zone
from ivr.dialogue.ports import CallFacts, Result
from ivr.errors import Fault
from ivr.outages.actions import actions
from ivr.outages.demo import write_demo_outages
from ivr.outages.entries import OutageEntry
from ivr.outages.importing import import_outages
from ivr.outages.service import Outages
from ivr.outages.settings import OutagesSettings
from ivr.outages.spoken import spoken_values
from ivr.store import Database
from tests.unit.customers.samples import MOSCOW, BillingInMemory, ClockByHand, account, facts
from tests.unit.customers.test_disclosure import assert_fits

HOUR = 3_600.0
HOME = Address("Дебрянск", "Пушкина", "1", "улица", "19")  # of the sample account; it is 10:00 on the 24th
HERE = {"settlement": "г. Дебрянск", "street": "ул. Пушкина", "houses": "1-15"}


def entry(name: str = "a", **changes: Any) -> OutageEntry:
    given: dict[str, Any] = {
        "id": name,
        "kind": "emergency",
        "reason": "обрыв провода",
        "begins_at": "2026-11-24T09:00",
        "expected_end": "2026-11-24T14:00",
        "places": [HERE],
        **changes,
    }
    return OutageEntry.model_validate(given, context=in_zone(MOSCOW))


def planned(name: str = "p", **changes: Any) -> OutageEntry:
    times = {"begins_at": "2026-11-25T10:00", "expected_end": "2026-11-25T15:00"}
    return entry(name, **{"kind": "planned", "reason": "замена опор", **times, **changes})


class Desk:
    """The register, its actions, and files to import."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.database = database
        self.folder = folder
        self.clock = ClockByHand()
        self.outages = Outages(database, OutagesSettings(), self.clock)
        self.billing = BillingInMemory((account(),))
        self.customers = Customers(self.billing, CustomersSettings(home_settlement="Дебрянск"))
        self.bad: list[BadLine] = []

    async def enter(self, *entries: OutageEntry) -> list[str]:
        return [(await self.outages.enter(each, "test", "me")).outcome.value for each in entries]

    async def do(self, name: str, of: CallFacts | None = None, **inputs: Any) -> Result:
        (action,) = (
            each
            for each in actions(self.outages, self.customers, self.clock)
            if each.name == f"outages.{name}"
        )
        assert inputs.keys() == action.inputs.keys()
        result = await action.run(of or facts(), **inputs)
        shape = action.outcomes[result.outcome]
        if shape is not None:
            assert_fits(result.data, shape)
        return result

    async def at_home(self) -> Result:
        await self.customers.of_caller("c1", "+74832000001")
        return await self.do("at_account", account={"id": "678"})

    async def take(self, text: str, name: str = "outages.csv", encoding: str = "utf-8") -> Imported:
        file = self.folder / name
        file.write_text(text, encoding=encoding)
        return await import_outages(self.outages, file, "file", "me", MOSCOW, self.bad.append)

    async def reasons(self) -> list[str]:
        return [each.reason for each in await self.outages.listed()]


@pytest.fixture
def desk(database: Database, tmp_path: Path) -> Desk:
    return Desk(database, tmp_path)


async def test_a_recognised_number_hears_of_the_outage_without_an_address(desk: Desk) -> None:
    await desk.enter(entry())
    result = await desk.at_home()
    assert result.outcome == "now"
    data = result.data
    assert isinstance(data, dict)
    assert (data["planned"], data["reason"], data["known_until"]) == (False, "обрыв провода", True)
    assert data["until"] == datetime(2026, 11, 24, 14, tzinfo=MOSCOW)
    assert data["until_today"] is True
    assert "Пушкина" not in repr(data)


async def test_an_outage_past_its_expected_end_is_clarified_until_it_expires(desk: Desk) -> None:
    await desk.enter(entry())
    desk.clock.pass_by(5 * HOUR)
    late = await desk.at_home()
    assert isinstance(late.data, dict)
    assert (late.data["known_until"], late.data["until"], late.data["late"]) == (False, None, True)
    desk.clock.pass_by(5 * HOUR)
    assert (await desk.at_home()).outcome == "none"


async def test_planned_works_are_told_ahead_and_then_as_going_on(desk: Desk) -> None:
    await desk.enter(planned(works="ремонт", organisation="Сети", responsible="мастер Зимин", phone="+7483"))
    ahead = await desk.at_home()
    assert ahead.outcome == "planned"
    assert isinstance(ahead.data, dict)
    assert (ahead.data["begins_tomorrow"], ahead.data["begins_today"]) == (True, False)
    seven = ("organisation", "works", "reason", "responsible", "phone")
    assert [ahead.data[name] for name in seven] == ["Сети", "ремонт", "замена опор", "мастер Зимин", "+7483"]
    desk.clock.pass_by(24 * HOUR)
    running = await desk.at_home()
    assert running.outcome == "now"
    assert isinstance(running.data, dict)
    assert running.data["planned"] is True


@pytest.mark.parametrize(
    ("texts", "told"),
    [
        ({"reason": "авария", "works": "замена"}, "авария"),
        ({"reason": "", "works": "замена"}, "замена"),
        ({"reason": ""}, "причина уточняется"),
    ],
)
async def test_a_reason_is_always_told(desk: Desk, texts: dict[str, str], told: str) -> None:
    await desk.enter(entry(**texts))
    result = await desk.at_home()
    assert isinstance(result.data, dict)
    assert result.data["reason"] == told


async def test_works_beyond_the_horizon_are_not_told_yet(desk: Desk) -> None:
    await desk.enter(planned(begins_at="2026-12-24", expected_end="2026-12-25"))
    assert (await desk.at_home()).outcome == "none"


async def test_a_fault_is_told_before_works_and_the_longest_before_others(desk: Desk) -> None:
    await desk.enter(
        planned(begins_at="2026-11-24T08:00", expected_end="2026-11-24T20:00"),
        entry("short", reason="короткая", expected_end="2026-11-24T11:00"),
        entry("long", reason="долгая", expected_end="2026-11-24T18:00"),
    )
    result = await desk.at_home()
    assert isinstance(result.data, dict)
    assert result.data["reason"] == "долгая"
    desk.clock.pass_by(2 * HOUR)  # the short one is late now, so nobody knows how long it lasts
    result = await desk.at_home()
    assert isinstance(result.data, dict)
    assert (result.data["reason"], result.data["late"]) == ("короткая", True)


async def test_an_end_that_nobody_knows_comes_after_all_others(desk: Desk) -> None:
    await desk.enter(
        entry("open", reason="неизвестно сколько", expected_end=None),
        entry("long", expected_end="2026-11-24T18:00"),
    )
    result = await desk.at_home()
    assert isinstance(result.data, dict)
    assert (result.data["reason"], result.data["late"]) == ("неизвестно сколько", False)


COVERED = [
    (HERE, HOME, True),
    (HERE, replace(HOME, settlement="ДЕБРЯНСК", street="пушкина", house="д. 15 корп. 1"), True),
    (HERE, replace(HOME, house="16"), False),
    (HERE, replace(HOME, house=""), False),
    (HERE, replace(HOME, street_type="проспект"), False),
    (HERE, replace(HOME, street="Садовая"), False),
    (HERE, replace(HOME, settlement="Ковров"), False),
    ({"settlement": "Дебрянск"}, replace(HOME, street="Любая", house=""), True),
    ({"settlement": "Дебрянск", "street": "им. Королёва"}, replace(HOME, street="Королева", house=""), True),
]


async def test_addresses_that_are_covered(desk: Desk) -> None:
    for place, address, covered in COVERED:
        await desk.enter(entry(places=[{"settlement": "Дебрянск", "street": "Ничья"}, place]))
        situation = await desk.outages.at(address)
        assert (situation.now is not None) is covered, (place, address)


ASKED = [
    ("", "улица Пушкина", "3", "now"),
    (None, "Пушкина", "3", "now"),
    ("Ковров", "Пушкина", "3", "none"),
    ("Дебрянск", "пр-т Пушкина", "3", "none"),
    ("Дебрянск", "Пушкина", None, "none"),
]


async def test_a_caller_without_an_account_names_the_address(desk: Desk) -> None:
    await desk.enter(entry())
    for settlement, street, house, outcome in ASKED:
        asked = await desk.do("at_address", settlement=settlement, street=street, house=house)
        assert asked.outcome == outcome, (settlement, street, house)


async def test_an_account_that_nobody_found_in_the_call_is_not_told_of(desk: Desk) -> None:
    with pytest.raises(LookupError):
        await desk.do("at_account", account={"id": "678"})


async def test_disclosure_may_keep_strangers_from_hearing_of_an_account_s_street(desk: Desk) -> None:
    await desk.enter(entry())
    await desk.customers.find("c1", "320145678")
    assert (await desk.do("at_account", account={"id": "678"})).outcome == "now"
    desk.customers.settings = CustomersSettings(disclosure={})
    with pytest.raises(NotIdentified):
        await desk.do("at_account", account={"id": "678"})
    await desk.customers.of_caller("c1", "+74832000001")
    assert (await desk.do("at_account", account={"id": "678"})).outcome == "now"


async def test_a_repeat_changes_nothing_and_a_change_replaces(desk: Desk) -> None:
    assert await desk.enter(entry(), entry(), entry(reason="иначе")) == ["added", "unchanged", "changed"]
    elsewhere = [{"settlement": "Ковров"}]
    assert await desk.enter(entry(reason="иначе", places=elsewhere)) == ["changed"]
    assert (await desk.at_home()).outcome == "none"
    assert await desk.reasons() == ["иначе"]


async def test_entered_at_once_by_many_it_is_there_once(desk: Desk) -> None:
    done = await asyncio.gather(*(desk.outages.enter(entry(), "test", "me") for _ in range(8)))
    assert sorted(each.outcome.value for each in done) == ["added"] + ["unchanged"] * 7
    assert len({each.id for each in done}) == 1


async def test_what_was_closed_is_not_told_and_stays_closed(desk: Desk) -> None:
    written = await desk.outages.enter(entry(), "test", "me")
    assert await desk.outages.close(written.id) is True
    assert await desk.outages.close(written.id) is False
    assert await desk.outages.close(999) is False
    assert (await desk.at_home()).outcome == "none"
    assert await desk.enter(entry(), entry(reason="иначе")) == ["unchanged", "changed"]
    assert await desk.reasons() == []
    assert [each.reason for each in await desk.outages.listed(over=True)] == ["иначе"]


async def test_the_same_id_of_two_sources_is_two_outages(desk: Desk) -> None:
    await desk.outages.enter(entry(), "one", "me")
    await desk.outages.enter(entry(), "other", "me")
    assert len(await desk.outages.listed()) == 2


CSV = """id;kind;settlement;street;houses;reason;begins_at;expected_end;cause
7;emergency;Дебрянск;ул. Пушкина;1-15;авария;24.11.2026 09:00;24.11.2026 14:00;x
7;emergency;Дебрянск;ул. Лесная;2, 4к1;авария;24.11.2026 09:00;24.11.2026 14:00;x
8;planned;Ковров;;;работы;25.11.2026 09:00;;x
"""


@pytest.mark.parametrize("encoding", ["utf-8", "cp1251"])
async def test_a_file_with_a_line_a_place(desk: Desk, encoding: str) -> None:
    first = await desk.take(CSV, encoding=encoding)
    assert (first.added, first.changed, first.unchanged, first.bad, first.ignored) == (2, 0, 0, 0, ("cause",))
    assert (await desk.at_home()).outcome == "now"
    assert (await desk.outages.at(replace(HOME, street="Лесная", house="4 корпус 1"))).now is not None
    again = await desk.take(CSV, encoding=encoding)
    assert (again.added, again.changed, again.unchanged) == (0, 0, 2)


async def test_a_bad_line_leaves_its_outage_out_and_no_other(desk: Desk) -> None:
    spoilt = CSV.replace("2, 4к1", "9-2")
    contradicting = "9;planned;Ковров;;;a;25.11.2026 09:00;;x\n9;planned;Омск;;;b;25.11.2026 09:00;;x\n"
    done = await desk.take(spoilt + contradicting + "10;planned\n")
    assert (done.added, done.bad) == (1, 4)
    assert {(each.line, each.column) for each in desk.bad} == {(3, "houses"), (2, "id"), (6, "id"), (7, "")}
    assert await desk.reasons() == ["работы"]


async def test_a_file_of_json(desk: Desk) -> None:
    good = {"id": "7", "kind": "emergency", "begins_at": "2026-11-24T09:00", "places": [HERE]}
    nameless = {key: value for key, value in good.items() if key != "id"}
    document = {"outages": [good, {**good, "places": []}, nameless, 5]}
    done = await desk.take(json.dumps(document), "outages.json")
    assert (done.added, done.bad) == (1, 3)
    assert [(each.line, each.column) for each in desk.bad] == [(2, "places"), (3, "id"), (4, "")]
    assert (await desk.at_home()).outcome == "now"


FOREIGN = [
    ("x.json", "{"),
    ("x.json", "[]"),
    ("x.json", '{"outages": {}}'),
    ("x.json", "[" * 100_000),
    ("x.csv", ""),
    ("x.csv", "id;kind\n1;planned\n"),
    ("x.csv", "id;id;kind;settlement;begins_at\n"),
]


async def test_files_that_are_none_of_ours(desk: Desk) -> None:
    for name, text in FOREIGN:
        with pytest.raises(Fault):
            await desk.take(text, name)
    with pytest.raises(Fault):
        await import_outages(desk.outages, desk.folder / "gone.json", "file", "me", MOSCOW, desk.bad.append)
    assert await desk.outages.listed(over=True) == []


async def test_the_invented_outages(desk: Desk) -> None:
    now = desk.clock.now()
    await write_demo_outages(desk.outages, now)
    await write_demo_outages(desk.outages, now)
    fault = await desk.do("at_address", settlement="", street="пер. Кузнечный", house="1")
    works = await desk.do("at_address", settlement="", street="ул. Садовая", house="1А")
    assert (fault.outcome, works.outcome) == ("now", "planned")
    spoken = await desk.database.read(lambda connection: spoken_values(connection, now, OutagesSettings()))
    assert {"замена опор", "причина уточняется"} <= set(spoken)
    assert not [each for each in spoken if "Лаптев" in each]
