from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import func, select

from ivr.customers.demo import write_demo
from ivr.customers.files import BadLine
from ivr.customers.importing import Imported, import_file
from ivr.customers.model import AccountKind, Address, Meter, Segment, Zone
from ivr.customers.own import OwnTables
from ivr.customers.settings import CustomersSettings
from ivr.customers.tables import accounts
from ivr.errors import Fault
from ivr.store import Database

ACCOUNTS = "number;kind;segment;name;settlement;street;house;flat;phones;balance;balance_as_of"
GOOD = (
    "320145678;person;private;Берестова А. Ю.;Дебрянск;ул. Пушкина;1;19;"
    "8 (4832) 00-00-01, +74832000002;-738,58;24.10.2026"
)
METERS = "account;serial;digits;zone;zone_title;last_value;last_date;usual_monthly"


class Desk:
    """Writes a file and imports it."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.database = database
        self.folder = folder
        self.bad: list[BadLine] = []

    async def take(self, heading: str, *lines: str, encoding: str = "utf-8") -> Imported:
        file = self.folder / "billing.csv"
        file.write_text("\n".join([heading, *lines]) + "\n", encoding=encoding)
        return await self.take_file(file)

    async def take_file(self, file: Path) -> Imported:
        self.bad.clear()
        return await import_file(self.database, file, CustomersSettings(), self.bad.append)


def counts(imported: Imported) -> tuple[int, int, int, int]:
    return imported.added, imported.changed, imported.unchanged, imported.bad


@pytest.fixture
def desk(database: Database, tmp_path: Path) -> Desk:
    return Desk(database, tmp_path)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1251"])
async def test_a_line_becomes_an_account(desk: Desk, encoding: str) -> None:
    assert counts(await desk.take(ACCOUNTS, GOOD, encoding=encoding)) == (1, 0, 0, 0)
    await desk.take(
        METERS,
        "320145678;04512873;5;day;день;11950;2026-10-24;200",
        "320145678;04512873;5;night;ночь;;;",
    )
    (found,) = (await OwnTables(desk.database).by_number("320145678")).accounts
    assert (found.kind, found.segment) == (AccountKind.PERSON, Segment.PRIVATE)
    assert found.name == "Берестова А. Ю."
    assert found.address == Address("Дебрянск", "Пушкина", "1", "улица", "19")
    assert found.phones == ("+74832000001", "+74832000002")
    assert (found.balance, found.balance_as_of) == (Decimal("-738.58"), date(2026, 10, 24))
    day = Zone(code="day", title="день", last_value=11_950, last_date=date(2026, 10, 24), usual_monthly=200)
    night = Zone(code="night", title="ночь")
    (meter,) = found.meters
    assert meter == Meter(id=meter.id, serial="04512873", digits=5, zones=(day, night))


async def test_a_repeat_changes_nothing_and_a_difference_is_a_change(desk: Desk) -> None:
    meter = "320145678;04512873;5;single;;11950;2026-10-24;200"
    await desk.take(ACCOUNTS, GOOD)
    await desk.take(METERS, meter)
    before = await OwnTables(desk.database).by_number("320145678")
    assert counts(await desk.take(ACCOUNTS, GOOD)) == (0, 0, 1, 0)
    assert counts(await desk.take(METERS, meter)) == (0, 0, 1, 0)
    assert await OwnTables(desk.database).by_number("320145678") == before
    assert counts(await desk.take(ACCOUNTS, GOOD.replace("0002", "0003"))) == (0, 1, 0, 0)
    assert counts(await desk.take(ACCOUNTS, GOOD.replace("-738,58", "0"))) == (0, 1, 0, 0)
    assert counts(await desk.take(METERS, meter.replace("11950", "12345"))) == (0, 1, 0, 0)
    (after,) = (await OwnTables(desk.database).by_number("320145678")).accounts
    assert after.meters[0].id == before.accounts[0].meters[0].id
    assert after.meters[0].zones[0].last_value == 12_345
    assert after.balance == 0


async def test_every_bad_line_is_told_and_the_good_ones_go_in(desk: Desk) -> None:
    def line(number: str, **changes: str) -> str:
        cells = dict(zip(ACCOUNTS.split(";"), GOOD.split(";"), strict=True))
        return ";".join({**cells, "number": number, **changes}.values())

    done = await desk.take(
        ACCOUNTS,
        line("320145678"),
        line("32014567"),
        line("320145680", kind="alien", balance="much"),
        line("320145681", balance_as_of="31.02.2026"),
        line("320145682", phones="12"),
        line("320145683", balance="1.234"),
        line("320145678"),
        "320145684;person",
        line("320145685", name=""),
        line("320145686", phones="", balance="", balance_as_of="", flat=""),
    )
    assert counts(done) == (2, 0, 0, 8)
    assert [(bad.line, bad.column) for bad in desk.bad] == [
        (3, "number"),
        (4, "kind"),
        (4, "balance"),
        (5, "balance_as_of"),
        (6, "phones"),
        (7, "balance"),
        (8, "number"),
        (9, ""),
        (10, "name"),
    ]
    assert all(bad.reason for bad in desk.bad)


async def test_meters_that_do_not_fit_are_told(desk: Desk) -> None:
    await desk.take(ACCOUNTS, GOOD)
    done = await desk.take(
        METERS,
        "999999999;1;5;single;;;;",
        "320145678;2;3;single;;;;",
        "320145678;3;5;single;;100000;;",
        "320145678;4;5;a;;1;;",
        "320145678;4;6;b;;1;;",
        "320145678;4;5;b;;1;;",
        "320145678;4;5;c;;1;;",
        "320145678;4;5;d;;1;;",
        "320145678;4;5;a;;2;;",
    )
    assert counts(done) == (3, 0, 0, 6)
    assert [(bad.line, bad.column) for bad in desk.bad] == [
        (2, "account"),
        (3, "digits"),
        (4, ""),
        (6, "digits"),
        (9, "zone"),
        (10, "zone"),
    ]


@pytest.mark.parametrize(
    "heading", ["a;b;c", "number;kind", ACCOUNTS + ";name", "account number kind segment"]
)
async def test_a_file_with_another_heading_is_a_fault(desk: Desk, heading: str) -> None:
    with pytest.raises(Fault) as caught:
        await desk.take(heading, GOOD)
    assert "billing.csv" in str(caught.value)
    assert caught.value.fix


async def test_columns_nobody_knows_are_told(desk: Desk) -> None:
    assert (await desk.take(ACCOUNTS + ";colour", GOOD + ";red")).ignored == ("colour",)


async def test_accounts_are_found_by_phone_address_and_id(desk: Desk) -> None:
    neighbour = GOOD.replace("320145678", "320145679").replace(";19;", ";20;")
    await desk.take(ACCOUNTS, GOOD, neighbour)
    billing = OwnTables(desk.database)

    def numbers(found: Sequence[object]) -> list[str]:
        return [str(getattr(each, "number", "")) for each in found]

    assert numbers((await billing.by_phone("+74832000001")).accounts) == ["320145678", "320145679"]
    written_otherwise = Address("дебрянск", "ПУШКИНА", "1", flat="20")
    found = (await billing.by_address(written_otherwise)).accounts
    assert numbers(found) == ["320145679"]
    assert numbers((await billing.by_id(found[0].id)).accounts) == ["320145679"]
    for nobody in (
        await billing.by_id("0"),
        await billing.by_id("x"),
        await billing.by_number("1"),
        await billing.by_phone(""),
        await billing.by_address(replace(written_otherwise, flat="21")),
    ):
        assert nobody.accounts == ()


async def test_accounts_are_found_by_the_beginning_of_a_name_in_any_spelling(desk: Desk) -> None:
    def called(number: str, name: str) -> str:
        return GOOD.replace("320145678", number).replace("Берестова А. Ю.", name)

    await desk.take(
        ACCOUNTS,
        called("320145671", "Королёва Анна Юрьевна"),
        called("320145672", "Королева Мария Петровна"),
        called("320145673", "Королькова Анна Ю."),
        called("320145674", "ООО «Король_%»"),
    )
    billing = OwnTables(desk.database)

    async def numbers(name: str, most: int = 9) -> list[str]:
        return [account.number[-1] for account in (await billing.by_name(name, most)).accounts]

    assert await numbers("КОРОЛЁВА") == await numbers("королева") == ["1", "2"]
    assert await numbers("королев мар") == await numbers("Королева М. П.") == ["2"]
    assert await numbers("кор") == ["1", "2", "4", "3"]
    assert await numbers("кор", most=2) == ["1", "2"]
    assert await numbers("ООО Король_") == ["4"]
    for nothing in ("ко", "", "ООО", "к ю", "кор _", "анна", "---"):
        assert await numbers(nothing) == []


async def test_a_house_is_found_with_all_its_flats_in_any_spelling(desk: Desk) -> None:
    flats = [GOOD.replace("320145678", f"32014567{i}").replace(";19;", f";{i};") for i in (7, 8)]
    flats.append(GOOD.replace("320145678", "320145670").replace(";19;", ";пом. Ю;"))
    other = GOOD.replace("320145678", "320145679").replace(";1;19;", ";1к1;19;")
    await desk.take(ACCOUNTS, *flats, other)
    billing = OwnTables(desk.database)

    async def numbers(house: str) -> list[str]:
        found = await billing.by_address(Address("г. Дебрянск", "пушкина", house))
        return [account.number for account in found.accounts]

    assert sorted(await numbers("д. 1")) == ["320145670", "320145677", "320145678"]
    assert await numbers("1 корпус 1") == ["320145679"]
    assert await numbers("11") == []
    assert await billing.streets(10) == ("Пушкина",)
    assert await billing.streets(0) == ()


async def test_the_invented_company(desk: Desk, tmp_path: Path) -> None:
    files = write_demo(tmp_path / "demo", 200, date(2026, 11, 1))
    again = write_demo(tmp_path / "again", 200, date(2026, 11, 1))
    assert [file.read_bytes() for file in files] == [file.read_bytes() for file in again]
    for file in files:
        assert (await desk.take_file(file)).bad == 0
    query = select(func.count()).select_from(accounts)
    assert await desk.database.read(lambda c: c.execute(query).scalar()) == 200
    billing = OwnTables(desk.database)
    (first,) = (await billing.by_number("320145678")).accounts
    assert (first.address.street_type, first.address.street) == ("улица", "Пушкина")
    assert [zone.last_value for meter in first.meters for zone in meter.zones] == [11_950]
    (second,) = (await billing.by_number("320145679")).accounts
    assert [len(meter.zones) for meter in second.meters] == [2, 2]
    assert len((await billing.by_phone("+74832000003")).accounts) == 2
