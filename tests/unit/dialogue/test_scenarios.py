"""A set of scenarios: loaded as a whole, replaced as a whole."""

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from ivr.dialogue.calendars import Calendars
from ivr.dialogue.documents import Document, parse
from ivr.dialogue.expressions import EvaluationError
from ivr.dialogue.loader import validated
from ivr.dialogue.problems import Problem, ScenarioFault, Severity
from ivr.dialogue.scenarios import Environment, Scenarios, ScenarioSet
from ivr.dialogue.schema.files import CalendarsFile
from ivr.dialogue.simulator import PLAIN_FORMATTERS
from tests.unit.dialogue.support import converse, robot, written

OLD = "states: {a: {confirm: Старое?, yes: b, no: b}, b: {say: Старое., end: x}}"
NEW = OLD.replace("Старое", "Новое")


async def test_a_running_call_keeps_the_version_it_began_with(tmp_path: Path) -> None:
    scenarios = Scenarios([written(tmp_path, main=OLD)], Environment(formatters=PLAIN_FORMATTERS))
    began_with = scenarios.current
    written(tmp_path, main=NEW)
    assert scenarios.reload() == ()
    assert robot(await converse(began_with, "1")) == ["Старое?", "Старое."]
    assert robot(await converse(scenarios.current, "1")) == ["Новое?", "Новое."]


def test_a_faulty_file_is_not_taken(tmp_path: Path) -> None:
    scenarios = Scenarios([written(tmp_path, main=OLD)], Environment(formatters=PLAIN_FORMATTERS))
    before = scenarios.current
    written(tmp_path, main=NEW.replace("yes: b", "yes: c"))
    (problem,) = scenarios.reload()
    assert problem.code == "unknown-state"
    assert scenarios.current is before


def test_lint_decides_about_a_reload_and_warnings_do_not(tmp_path: Path) -> None:
    found = [Problem("main.yaml", 1, 1, "odd", "is odd", Severity.WARNING)]
    environment = Environment(formatters=PLAIN_FORMATTERS, lint=lambda _loaded, _world: found)
    scenarios = Scenarios([written(tmp_path, main=OLD)], environment)
    assert scenarios.reload() == ()
    found.append(Problem("main.yaml", 1, 1, "bad", "is bad"))
    assert [problem.code for problem in scenarios.reload()] == ["bad"]


def test_a_fault_names_the_first_place_and_counts_the_rest(tmp_path: Path) -> None:
    written(tmp_path, main="states: {a: {say: Да, then: b, end: c}, d: {foo: 1}}")
    with pytest.raises(ScenarioFault) as fault:
        ScenarioSet.load([tmp_path], Environment(formatters=PLAIN_FORMATTERS))
    assert len(fault.value.problems) == 2
    assert str(fault.value).startswith(f"{tmp_path / 'main.yaml'}:5:")
    assert "(and 1 more)" in str(fault.value)


def test_every_fixed_text_is_known_ahead(tmp_path: Path) -> None:
    main = """
    globals: {0: {say: Соединяю., then: b}}
    on_error: {say: Сбой., then: b}
    states:
      a:
        ask: {prompt: [hello, "Счёт {call.line} верен?"], expect: digits, no_input: [Не слышу.]}
        then: {say: Спасибо., then: b}
        otherwise: b
      b: {say: Спасибо., end: x}
    """
    folder = written(tmp_path, main=main, prompts="prompts: {hello: Здравствуйте., wait: Ждите.}")
    known = ScenarioSet.load([folder], Environment(formatters=PLAIN_FORMATTERS))
    assert sorted(known.texts(), key=str) == sorted(
        [
            ("hello", "Здравствуйте."),
            ("wait", "Ждите."),
            (None, "Счёт"),
            (None, "верен?"),
            (None, "Не слышу."),
            (None, "Спасибо."),
            (None, "Соединяю."),
            (None, "Сбой."),
        ],
        key=str,
    )


MOSCOW = ZoneInfo("Europe/Moscow")


def calendars(text: str) -> CalendarsFile | list[Problem]:
    document = parse(text, "calendars.yaml")
    assert isinstance(document, Document)
    problems: list[Problem] = []
    return validated(document, CalendarsFile, problems) or problems


def test_holidays_have_hours_of_their_own() -> None:
    file = calendars("calendars: {x: {hours: {mon-sun: '08:00-24:00'}, holidays: '10:00-12:00'}, y: {}}")
    assert isinstance(file, CalendarsFile)
    known = Calendars(file.calendars, lambda day: day.day == 4)
    for day, hour, is_open in [(3, 23, True), (4, 9, False), (4, 11, True), (4, 12, False), (5, 7, False)]:
        assert known.is_open("x", datetime(2026, 11, day, hour, 30, tzinfo=MOSCOW)) is is_open
    assert not known.is_open("y", datetime(2026, 11, 3, 12, tzinfo=MOSCOW))
    with pytest.raises(EvaluationError, match="no calendar"):
        known.is_open("z", datetime(2026, 11, 3, 12, tzinfo=MOSCOW))


@pytest.mark.parametrize(
    ("at", "opens"),
    [
        ("2026-11-06T12:30", "2026-11-06T12:30"),
        ("2026-11-06T07:59", "2026-11-06T08:00"),
        ("2026-11-06T17:00", "2026-11-09T08:00"),
        ("2026-11-07T10:00", "2026-11-09T08:00"),
    ],
)
def test_a_calendar_tells_when_it_opens_next(at: str, opens: str) -> None:
    file = calendars("calendars: {x: {hours: {mon-fri: '08:00-17:00'}}, y: {}}")
    assert isinstance(file, CalendarsFile)
    known = Calendars(file.calendars)
    moment = datetime.fromisoformat(at).replace(tzinfo=MOSCOW)
    assert known.opens("x", moment) == datetime.fromisoformat(opens).replace(tzinfo=MOSCOW)
    assert known.opens("y", moment) is None
    assert Calendars(file.calendars, always_open=frozenset({"y"})).opens("y", moment) == moment


@pytest.mark.parametrize(
    ("hours", "code"),
    [
        ("{mon: '8-20'}", "hours"),
        ("{mon: '20:00-08:00'}", "hours"),
        ("{mon: '08:00-25:00'}", "hours"),
        ("{sun-mon: '08:00-20:00'}", "weekdays"),
        ("{monday: '08:00-20:00'}", "weekdays"),
    ],
)
def test_hours_that_are_none(hours: str, code: str) -> None:
    problems = calendars(f"calendars: {{x: {{hours: {hours}}}}}")
    assert isinstance(problems, list)
    assert [problem.code for problem in problems] == [code]
