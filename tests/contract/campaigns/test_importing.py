"""Targets from files as other programs write them, from lists and from the debts."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from openpyxl import Workbook

from ivr.campaigns.book import CampaignBook
from ivr.campaigns.importing.accounts import DebtFilter, months_before
from ivr.campaigns.importing.importing import Importing
from ivr.campaigns.importing.reasons import ImportReport, Reason
from ivr.campaigns.model import Target
from ivr.campaigns.needed import FieldKind, NeededField, Owner
from ivr.campaigns.rules.zones import RUSSIA
from ivr.campaigns.settings import CampaignsSettings, ImportSettings
from ivr.customers.files import BadLine, Heading, Line, read_lines
from ivr.customers.importing import import_file
from ivr.customers.model import AccountKind, Segment
from ivr.customers.settings import AccountNumberSettings, CustomersSettings
from ivr.errors import Fault
from ivr.store import Database
from tests.contract.campaigns.samples import new
from tests.unit.customers.samples import MOSCOW

AMOUNT = NeededField(name="amount", of=Owner.TARGET, kind=FieldKind.AMOUNT, title="Сумма долга, руб.")
NAME = NeededField(name="name", of=Owner.TARGET, kind=FieldKind.NAME, title="Имя и отчество")
VISIT = NeededField(name="visit", of=Owner.TARGET, kind=FieldKind.MOMENT, title="Приём", optional=True)
PAY_BY = NeededField(name="pay_by", of=Owner.CAMPAIGN, kind=FieldKind.DATE, title="Оплатить до")
DEBT = (NAME, AMOUNT, PAY_BY)
HEADING = "Лицевой счёт;ФИО;Телефон;Сумма долга"
ANNA = "320145678;Берестова Анна Юрьевна;8 (916) 123-45-67;1 200,50"
SETTINGS = CampaignsSettings(zones={"Калининград": "Europe/Kaliningrad"})
ACCOUNTS = "number;kind;segment;name;settlement;street;house;flat;phones;balance;balance_as_of;debt_since"
BILLING = (
    "320145678;person;private;Берестова Анна Юрьевна;Дебрянск;Пушкина;1;19;+79161234567;-738,58;;11.10.2026",
    "320145679;person;private;Зимин Пётр Ильич;Калининград;ул. Мира;2;;+79161234568;-5000;;24.09.2026",
    "320145680;company;corporate;ООО Ромашка;Дебрянск;пр-т Мира;3;;+74832000003;-90000;24.10.2026;23.06.2026",
    "320145681;person;private;Лесков Иван Ильич;Дебрянск;ул. Пушкина;4;;;-900;24.10.2026;",
    "320145682;person;private;Орлова Инна Ильинична;Дебрянск;ул. Пушкина;5;;+79161234569;100;24.10.2026;",
)


class Desk:
    """Takes lists over into one campaign, and tells whom it has."""

    def __init__(self, book: CampaignBook, database: Database, folder: Path) -> None:
        self.book = book
        self.database = database
        self.folder = folder
        self.settings = SETTINGS
        self.campaign = 0

    @property
    def importing(self) -> Importing:
        return Importing(self.book, self.database, self.settings, AccountNumberSettings(), MOSCOW)

    async def take(
        self,
        *lines: str,
        heading: str = HEADING,
        needs: Sequence[NeededField] = DEBT,
        encoding: str = "utf-8",
    ) -> ImportReport:
        file = self.folder / "debts.csv"
        file.write_bytes("\r\n".join([heading, *lines]).encode(encoding))
        return await self.importing.file(self.campaign, file, needs)

    async def take_sheet(self, *rows: Sequence[Any], needs: Sequence[NeededField] = DEBT) -> ImportReport:
        book = Workbook()
        for row in rows:
            book.active.append(list(row))  # type: ignore[union-attr]
        file = self.folder / "debts.xlsx"
        book.save(file)
        return await self.importing.file(self.campaign, file, needs)

    async def targets(self) -> list[Target]:
        return list((await self.book.targets(self.campaign, limit=1_000)).items)

    async def only(self) -> Target:
        (target,) = await self.targets()
        return target


@pytest.fixture
async def desk(book: CampaignBook, database: Database, tmp_path: Path) -> Desk:
    made = Desk(book, database, tmp_path)
    made.campaign = (await book.create(new())).campaign_id
    return made


@pytest.fixture
async def billing(database: Database, tmp_path: Path) -> None:
    file = tmp_path / "billing.csv"
    file.write_text("\n".join([ACCOUNTS, *BILLING]), encoding="utf-8")
    done = await import_file(database, file, CustomersSettings(), lambda bad: pytest.fail(bad.reason))
    assert done.added == len(BILLING)


def counts(report: ImportReport) -> tuple[int, int, int, int, int]:
    assert report.read == report.new + report.known + report.repeated + report.refused
    return report.read, report.new, report.known, report.repeated, report.refused


def reasons(report: ImportReport) -> list[tuple[int, str, Reason]]:
    return [(each.line, each.field, each.reason) for each in report.complaints]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1251"])
@pytest.mark.parametrize("delimiter", [";", "\t"])
async def test_a_line_becomes_a_target(desk: Desk, encoding: str, delimiter: str) -> None:
    heading, line = (text.replace(";", delimiter) for text in (HEADING, ANNA))
    assert counts(await desk.take(line, heading=heading, encoding=encoding)) == (1, 1, 0, 0, 0)
    target = await desk.only()
    assert (target.person, target.account) == ("account:320145678", "320145678")
    assert target.numbers == ("+79161234567",)
    assert set(target.zones) == set(RUSSIA)
    assert target.fields == {"name": "Анна Юрьевна", "amount": "1200.50"}


async def test_a_repeat_changes_nothing(desk: Desk) -> None:
    await desk.take(ANNA)
    before = await desk.targets()
    assert counts(await desk.take(ANNA.replace("1 200,50", "9"))) == (1, 0, 1, 0, 0)
    assert await desk.targets() == before


async def test_broken_lines_cost_nothing_but_themselves(desk: Desk) -> None:
    lines = [f"{320000000 + each};Анна Юрьевна;+7916{each:07d};{each + 1}" for each in range(1_000)]
    broken = ["1;2", '"', "12;Анна;+79161234567;5", ";;;", "320999999;Анна Юрьевна;мама;5"]
    for place in range(50):
        lines[place * 20] = broken[place % 5]
    report = await desk.take(*lines)
    assert counts(report) == (1_000, 950, 0, 0, 50)
    assert len(report.complaints) == 50
    assert reasons(report)[:5] == [
        (2, "", Reason.UNREADABLE),
        (22, "", Reason.UNREADABLE),
        (42, "лицевой счёт", Reason.ACCOUNT),
        (62, "телефон", Reason.NO_NUMBER),
        (82, "телефон", Reason.NUMBER),
    ]
    assert len(await desk.targets()) == 950


@pytest.mark.parametrize(
    ("cells", "column", "reason"),
    [
        (("320145678", "Анна", "", "5"), "телефон", Reason.NO_NUMBER),
        (("320145678", "Анна", "7,91612E+10", "5"), "телефон", Reason.NUMBER_SPOILT),
        (("320145678", "", "+79161234567", "5"), "фио", Reason.MISSING),
        (("320145678", "Анна", "+79161234567", ""), "сумма долга", Reason.MISSING),
        (("320145678", "Анна", "+79161234567", "много"), "сумма долга", Reason.NOT_NUMBER),
        (("320145678", "Анна", "+79161234567", "-5"), "сумма долга", Reason.NEGATIVE),
        (("320145678", "Анна", "+79161234567", "#ЗНАЧ!"), "сумма долга", Reason.CELL_ERROR),
        (("32014", "Анна", "+79161234567", "5"), "лицевой счёт", Reason.ACCOUNT),
        (("320145678", "А" * 501, "+79161234567", "5"), "фио", Reason.LONG),
    ],
)
async def test_each_fault_is_told_with_line_column_reason_and_remedy(
    desk: Desk, cells: Sequence[str], column: str, reason: Reason
) -> None:
    report = await desk.take(ANNA, ";".join(cells))
    assert counts(report) == (2, 1, 0, 0, 1)
    assert reasons(report) == [(3, column, reason)]
    (told,) = report.complaints
    table = report.as_csv()
    assert told.what in table
    assert told.fix in table
    assert "+79161234567" not in table


async def test_a_person_twice_in_a_file_is_taken_once(desk: Desk) -> None:
    report = await desk.take(ANNA, ANNA.replace("1 200,50", "7"))
    assert counts(report) == (2, 1, 0, 1, 0)
    assert reasons(report) == [(3, "", Reason.REPEATED)]
    assert (await desk.only()).fields["amount"] == "1200.50"


async def test_without_an_account_the_number_is_the_person(desk: Desk) -> None:
    lines = ["Анна;8 916 123 45 67, 8 4832 00-00-01", "Инна;+7 (916) 1234567"]
    report = await desk.take(*lines, heading="Имя;Телефон", needs=[NAME])
    assert counts(report) == (2, 1, 0, 1, 0)
    target = await desk.only()
    assert (target.person, target.account) == ("number:+79161234567", "")


async def test_a_bad_number_among_good_ones_is_told_and_left_out(desk: Desk) -> None:
    report = await desk.take(ANNA.replace("8 (916) 123-45-67", "мама, 8 916 123 45 67"))
    assert counts(report) == (1, 1, 0, 0, 0)
    (told,) = report.complaints
    assert (told.reason, told.left_out) == (Reason.NUMBER, False)
    assert (await desk.only()).numbers == ("+79161234567",)


@pytest.mark.parametrize(
    ("place", "zone", "zones"),
    [
        ("г. Калининград", "", ("Europe/Kaliningrad",)),
        ("Калининград", "МСК+2", ("Etc/GMT-5",)),
        ("", "Asia/Omsk", ("Asia/Omsk",)),
        ("", "UTC+7", ("Etc/GMT-7",)),
        ("", "МСК", ("Etc/GMT-3",)),
        ("Неведомый", "", ("Europe/Moscow",)),
    ],
)
async def test_the_zone_is_written_or_the_place_s_or_the_number_s(
    desk: Desk, place: str, zone: str, zones: tuple[str, ...]
) -> None:
    heading = "Телефон;Город;Часовой пояс"
    await desk.take(f"+74951234567;{place};{zone}", heading=heading, needs=[])
    assert (await desk.only()).zones == zones


async def test_a_zone_that_there_is_not_costs_the_line(desk: Desk) -> None:
    report = await desk.take("+74951234567;МСК+20", heading="Телефон;Зона", needs=[])
    assert reasons(report) == [(2, "зона", Reason.ZONE)]


async def test_a_known_account_tells_what_the_file_leaves_out(desk: Desk, billing: None) -> None:
    report = await desk.take("320145679", "320145681", heading="л/с")
    assert reasons(report) == [(3, "number", Reason.NO_NUMBER)]
    target = await desk.only()
    assert (target.numbers, target.zones) == (("+79161234568",), ("Europe/Kaliningrad",))
    assert target.fields == {"name": "Пётр Ильич", "amount": "5000.00"}


async def test_moments_are_the_company_s_and_come_back_as_they_were(desk: Desk) -> None:
    heading, needs = "Телефон;Приём", [VISIT]
    await desk.take("+74951234567;30.11.2026 09:00", heading=heading, needs=needs)
    written = (await desk.only()).fields["visit"]
    assert VISIT.value(written) == datetime(2026, 11, 30, 9, tzinfo=MOSCOW)
    report = await desk.take("+74951234568;завтра", heading=heading, needs=needs)
    assert reasons(report) == [(2, "приём", Reason.NOT_MOMENT)]


@pytest.mark.parametrize(
    ("encoding", "named"),
    [("utf-16", "UTF-16"), ("cp866", "CP866"), ("koi8_r", "KOI8-R"), ("mac_cyrillic", "Mac Cyrillic")],
)
async def test_another_encoding_is_named_and_nothing_is_taken(desk: Desk, encoding: str, named: str) -> None:
    latin = "account;name;number;amount"
    for heading in (HEADING, latin):
        with pytest.raises(Fault, match=named):
            await desk.take(*[ANNA] * 3, heading=heading, encoding=encoding)
    assert await desk.targets() == []


async def test_missing_and_doubled_columns_are_named(desk: Desk) -> None:
    with pytest.raises(Fault, match="Сумма долга, руб"):
        await desk.take("Анна;+79161234567", heading="Имя;Телефон")
    with pytest.raises(Fault, match="«телефон» или «лицевой счёт»"):
        await desk.take("Анна;5", heading="Имя;Сумма")
    with pytest.raises(Fault, match="the same"):
        await desk.take("Анна;+79161234567;+79161234568", heading="Имя;Телефон;Мобильный", needs=[NAME])


async def test_columns_that_nobody_knows_are_told(desk: Desk) -> None:
    report = await desk.take(ANNA + ";синий", heading=HEADING + ";Цвет")
    assert report.ignored == ("цвет",)
    assert "цвет" not in (await desk.only()).fields


async def test_no_more_lines_than_allowed_and_no_endless_report(desk: Desk) -> None:
    desk.settings = CampaignsSettings(imports=ImportSettings(most_lines=2, most_refused_told=1))
    report = await desk.take("x", "y")
    assert (report.refused, len(report.complaints)) == (2, 1)
    with pytest.raises(Fault, match="more than 2 lines"):
        await desk.take(ANNA, ANNA, ANNA)


async def test_a_workbook(desk: Desk) -> None:
    report = await desk.take_sheet(
        (),
        ("Лицевой счёт", "ФИО", "Телефон", "Сумма долга", "Дата"),
        (320145678, "Берестова Анна Юрьевна", 79161234567.0, 1200.5, date(2026, 11, 1)),
        (None, None, None, None, None),
        ("320145679", "Зимин Пётр Ильич", "8 916 123-45-68", "#N/A", None),
        ("320145680", "Зимин Пётр Ильич", "8 916 123-45-69"),
    )
    assert counts(report) == (3, 1, 0, 0, 2)
    assert reasons(report) == [(5, "сумма долга", Reason.CELL_ERROR), (6, "сумма долга", Reason.MISSING)]
    target = await desk.only()
    assert (target.numbers, target.fields["amount"]) == (("+79161234567",), "1200.5")


async def test_a_workbook_that_misstates_its_size_is_read_whole(desk: Desk) -> None:
    await desk.take_sheet(
        ("Лицевой счёт", "Имя", "Телефон", "Сумма"), ("320145678", "Анна", "89161234567", 5)
    )
    right = desk.folder / "debts.xlsx"
    wrong = desk.folder / "wrong.xlsx"
    with ZipFile(right) as source, ZipFile(wrong, "w") as changed:
        for name in source.namelist():
            changed.writestr(name, source.read(name).replace(b'ref="A1:D2"', b'ref="A1"'))
    assert wrong.read_bytes() != right.read_bytes()
    assert counts(await desk.importing.file(desk.campaign, wrong, DEBT)) == (1, 0, 1, 0, 0)


async def test_a_workbook_that_would_fill_the_memory_is_refused(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ivr.campaigns.importing.workbooks._MOST_UNPACKED", 1_000)
    with pytest.raises(Fault, match="too large"):
        await desk.take_sheet(("Телефон",), ("89161234567",))


async def test_an_import_may_be_broken_off_while_the_file_is_read(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    reading, go_on = threading.Event(), threading.Event()

    def slowly(path: Path, heading: Heading) -> Iterator[Line | BadLine]:
        reading.set()
        go_on.wait(10)
        yield from read_lines(path, heading)

    monkeypatch.setattr("ivr.campaigns.importing.importing.read_lines", slowly)
    task = asyncio.create_task(desk.take(ANNA))
    await asyncio.to_thread(reading.wait, 10)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    go_on.set()


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"\xd0\xcf\x11\xe0" + b"\0" * 500, "XLS file"),
        (b"PK\x03\x04" + b"\0" * 500, "can't be read"),
        (b"", "empty"),
        (b"\0\1\2\3" * 100, "no text file"),
    ],
)
async def test_what_is_no_table_is_refused(desk: Desk, content: bytes, told: str) -> None:
    file = desk.folder / "debts.xlsx"
    file.write_bytes(content)
    with pytest.raises(Fault, match=told):
        await desk.importing.file(desk.campaign, file, DEBT)


async def test_rows_of_the_api(desk: Desk) -> None:
    rows: list[dict[str, object]] = [
        {"number": "+79161234567", "name": "Анна Юрьевна", "amount": Decimal("5.10")},
        {"number": "+79161234568", "name": None, "amount": 7},
        {"number": "+79161234569", "name": "Инна", "amount": 7, "settlement": "Калининград"},
    ]
    report = await desk.importing.rows(desk.campaign, rows, DEBT)
    assert counts(report) == (3, 2, 0, 0, 1)
    assert reasons(report) == [(2, "name", Reason.MISSING)]
    assert counts(await desk.importing.rows(desk.campaign, rows, DEBT)) == (3, 0, 2, 0, 1)
    assert counts(await desk.importing.rows(desk.campaign, [], DEBT)) == (0, 0, 0, 0, 0)


@pytest.mark.parametrize(
    ("wanted", "numbers"),
    [
        (DebtFilter(least=Decimal(500)), [678, 679, 680]),
        (DebtFilter(least=Decimal("738.59")), [679, 680]),
        (DebtFilter(least=Decimal(500), most=Decimal(5000)), [678, 679]),
        (DebtFilter(least=Decimal(500), segment=Segment.CORPORATE), [680]),
        (DebtFilter(least=Decimal(500), kind=AccountKind.PERSON), [678, 679]),
        (DebtFilter(least=Decimal(500), streets=("проспект Мира",)), [679, 680]),
        (DebtFilter(least=Decimal(500), streets=("Мира",), settlements=("г. Дебрянск",)), [680]),
        (DebtFilter(least=Decimal(500), settlements=("Дебрянск",)), [678, 680]),
        (DebtFilter(least=Decimal(500), streets=("Ленина",)), []),
        (DebtFilter(least=Decimal(500), since=date(2026, 9, 24)), [679, 680]),
        (DebtFilter(least=Decimal(500), since=date(2026, 9, 23)), [680]),
    ],
)
async def test_debts_of_the_database(
    desk: Desk,
    billing: None,
    wanted: DebtFilter,
    numbers: Sequence[int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("ivr.campaigns.importing.importing._CHUNK", 2)
    report = await desk.importing.debts(desk.campaign, wanted, DEBT)
    assert report.new == len(numbers)
    accounts = [target.account for target in await desk.targets()]
    assert accounts == [f"320145{number}" for number in numbers]


async def test_debtors_without_a_number_are_told(desk: Desk, billing: None) -> None:
    report = await desk.importing.debts(desk.campaign, DebtFilter(least=Decimal(500)), DEBT)
    assert counts(report) == (4, 3, 0, 0, 1)
    assert [each.reason for each in report.complaints] == [Reason.NO_NUMBER]
    (anna,) = [each for each in await desk.targets() if each.account == "320145678"]
    assert anna.fields == {"name": "Анна Юрьевна", "amount": "738.58"}
    assert anna.zones == ("Europe/Moscow",)


def test_a_debt_of_nothing_is_no_filter() -> None:
    with pytest.raises(ValueError, match="above 0"):
        DebtFilter(least=Decimal(0))


@pytest.mark.parametrize(
    ("day", "months", "before"),
    [
        (date(2026, 11, 24), 2, date(2026, 9, 24)),
        (date(2026, 4, 30), 2, date(2026, 2, 28)),
        (date(2026, 1, 31), 12, date(2025, 1, 31)),
    ],
)
def test_months_back_in_the_calendar(day: date, months: int, before: date) -> None:
    assert months_before(day, months) == before
