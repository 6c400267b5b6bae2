"""when, set, for_each, visits, forms."""

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from ivr.dialogue.ports import EndingKind, Result, Value
from ivr.dialogue.simulator import SimulatedClock
from tests.unit.dialogue.support import action, converse, facts, robot, scenario_set, visited

MOSCOW = ZoneInfo("Europe/Moscow")
CALENDARS = """
calendars:
  office:
    hours: {mon-fri: "08:00-20:00", sat: "09:00-15:00"}
    dates: {2026-11-04: null, 2026-11-03: "08:00-19:00"}
"""
OPEN = """
states:
  a:
    when:
      - {if: '=call.segment == "corporate"', then: corporate}
      - {if: =open(office), then: {say: Открыто., then: open}}
    else: closed
  open: {end: open}
  closed: {end: closed}
  corporate: {end: corporate}
"""


@pytest.mark.parametrize(
    ("at", "outcome"),
    [
        ((2026, 11, 24, 8, 0), "open"),
        ((2026, 11, 24, 19, 59), "open"),
        ((2026, 11, 24, 20, 0), "closed"),
        ((2026, 11, 28, 8, 30), "closed"),
        ((2026, 11, 28, 9, 30), "open"),
        ((2026, 11, 29, 12, 0), "closed"),
        ((2026, 11, 4, 12, 0), "closed"),
        ((2026, 11, 3, 19, 30), "closed"),
    ],
)
async def test_conditions_on_a_calendar(tmp_path: Path, at: tuple[int, ...], outcome: str) -> None:
    year, month, day, hour, minute = at
    clock = SimulatedClock(datetime(year, month, day, hour, minute, tzinfo=MOSCOW))
    happened = await converse(scenario_set(tmp_path, main=OPEN, calendars=CALENDARS), clock=clock)
    assert happened.ending.outcome == outcome


async def test_conditions_on_the_segment(tmp_path: Path) -> None:
    scenarios = scenario_set(tmp_path, main=OPEN, calendars=CALENDARS)
    happened = await converse(scenarios, about=facts(segment="corporate"))
    assert visited(happened.steps) == ["a:if 1", "corporate:corporate"]


async def test_set_one_after_another(tmp_path: Path) -> None:
    main = "states: {a: {set: {x: 2, y: =x * 3, z: текст}, then: {set: {y: =y + 1}, then: b}}, b: {end: c}}"
    happened = await converse(scenario_set(tmp_path, main=main))
    assert happened.ending.data == {"x": 2, "y": 7, "z": "текст"}


LOOP = """
states:
  a: {do: x.load, save: meters, on: {loaded: each}}
  each:
    for_each: {meter: =meters, zone: =meter.zones}
    start: value
    then: {say: Все., then: done}
    error: broken
  value:
    visits: {most: 2, then: broken}
    ask: {prompt: "{meter.name} {zone}", expect: {kind: reading, meter: =meter}}
    save: value
    then: check
    otherwise: next
  check:
    when: [{if: =value == 0, then: value}]
    else: {say: "{value|number}", then: next}
  done: {end: done}
  broken: {end: broken}
"""
METERS: list[Value] = [
    {"name": "первый", "digits": 3, "zones": ["день", "ночь"]},
    {"name": "пустой", "digits": 3, "zones": []},
    {"name": "второй", "digits": 3, "zones": ["сутки"]},
]


async def test_the_product_of_lists_that_depend_on_each_other(tmp_path: Path) -> None:
    happened = await converse(
        scenario_set(tmp_path, main=LOOP),
        "111",
        "222",
        "333",
        actions=[action("x.load", Result("loaded", METERS))],
    )
    assert robot(happened) == ["первый день", "111", "первый ночь", "222", "второй сутки", "333", "Все."]
    assert happened.ending.outcome == "done"


async def test_no_items_lead_on_at_once(tmp_path: Path) -> None:
    happened = await converse(
        scenario_set(tmp_path, main=LOOP), actions=[action("x.load", Result("loaded", []))]
    )
    assert robot(happened) == ["Все."]


async def test_visits_are_counted_within_an_item(tmp_path: Path) -> None:
    scenarios = scenario_set(tmp_path, main=LOOP)
    loaded = action("x.load", Result("loaded", METERS))
    patient = await converse(scenarios, "000", "111", "000", "222", "000", "333", actions=[loaded])
    assert patient.ending.outcome == "done"
    spent = await converse(scenarios, "000", "111", "000", "000", actions=[loaded])
    assert spent.ending.outcome == "broken"
    assert visited(spent.steps)[-2] == "value:visits"


@pytest.mark.parametrize("lists", [None, "text", [{"name": "x", "digits": 3}], [{"zones": None}]])
async def test_what_is_no_list_leads_to_the_error_exit(tmp_path: Path, lists: object) -> None:
    loaded = action("x.load", Result("loaded", lists))  # type: ignore[arg-type]
    happened = await converse(scenario_set(tmp_path, main=LOOP), actions=[loaded])
    assert happened.ending.outcome == "broken"


async def test_a_loop_that_is_left_in_its_middle_begins_anew(tmp_path: Path) -> None:
    main = """
    states:
      a: {do: x.load, save: items, on: {loaded: each}}
      each: {for_each: {item: =items}, start: ask, then: done}
      ask: {confirm: "{item}", yes: next, no: outside, otherwise: done}
      outside: {visits: {most: 1, then: done}, say: Сначала., then: each}
      done: {end: done}
    """
    loaded = action("x.load", Result("loaded", ["раз", "два"]))
    happened = await converse(scenario_set(tmp_path, main=main), "1", "2", "1", "1", actions=[loaded])
    assert robot(happened) == ["раз", "два", "Сначала.", "раз", "два"]
    assert happened.ending.outcome == "done"


async def test_circles_in_which_the_caller_is_not_heard_end(tmp_path: Path) -> None:
    main = "states: {a: {set: {x: 1}, then: b}, b: {set: {x: 2}, then: a}}"
    happened = await converse(scenario_set(tmp_path, main=main))
    assert happened.ending.kind is EndingKind.FAILED
    assert len(happened.steps) == 1000


async def test_the_bound_counts_from_the_last_answer(tmp_path: Path) -> None:
    main = "states: {a: {confirm: Ещё?, yes: b, no: c}, b: {set: {x: 1}, then: a}, c: {end: done}}"
    happened = await converse(scenario_set(tmp_path, main=main), *["1"] * 600, "2")
    assert happened.ending.outcome == "done"


FORM = """
outcomes: {done: true, gave_up: false}
states:
  a:
    form:
      slots:
        value:
          prompt: Показание?
          expect: number
          no_match: [Цифрами.]
          check:
            do: x.check
            with: {value: =value}
            on:
              fine: accept
              low: {say: Мало., then: again}
              high: {say: "Много: {result|number}.", then: accept}
              error: stop
          read_back: "{value|number}?"
          rounds: 3
        day: {prompt: День?, expect: {kind: number, most: 31}}
      confirm: "{value|number} и {day|number}?"
      correct: Показание — один, день — два.
    then: done
    otherwise: stop
  done: {end: done}
  stop: {end: gave_up}
"""
FINE, LOW, HIGH = Result("fine"), Result("low"), Result("high", 7)


async def test_a_form_asks_checks_reads_back_and_confirms(tmp_path: Path) -> None:
    happened = await converse(
        scenario_set(tmp_path, main=FORM), "12#", "1", "5#", "1", actions=[action("x.check", FINE)]
    )
    assert robot(happened) == ["Показание?", "12", "День?", "12 и 5"]
    assert visited(happened.steps) == [
        "a:ok",
        "a.value:ok",
        "a.value.check:fine",
        "a.value.read_back:yes",
        "a.next:day",
        "a.day:ok",
        "a.next:ok",
        "a.confirm:yes",
        "done:done",
    ]
    assert happened.ending.data == {"value": 12, "day": 5}
    assert happened.ending.kind is EndingKind.COMPLETED


async def test_a_check_may_ask_again_or_accept_with_a_word(tmp_path: Path) -> None:
    check = action("x.check", LOW, HIGH)
    happened = await converse(scenario_set(tmp_path, main=FORM), "1#", "99#", "1", "5#", "1", actions=[check])
    assert robot(happened) == ["Показание?", "Мало.", "Показание?", "Много: 7", "99", "День?", "99 и 5"]


async def test_what_is_read_back_wrong_is_asked_again(tmp_path: Path) -> None:
    happened = await converse(
        scenario_set(tmp_path, main=FORM), "1#", "2", "2#", "1", "5#", "1", actions=[action("x.check", FINE)]
    )
    assert happened.ending.data == {"value": 2, "day": 5}


async def test_only_the_wrong_slot_is_corrected(tmp_path: Path) -> None:
    turns = ["1#", "1", "5#", "2", "1", "7#", "1", "1"]
    happened = await converse(scenario_set(tmp_path, main=FORM), *turns, actions=[action("x.check", FINE)])
    assert robot(happened)[-4:] == ["Показание — один, день — два.", "Показание?", "7", "7 и 5"]
    assert happened.ending.data == {"value": 7, "day": 5}


async def test_the_rounds_of_a_slot_are_bounded(tmp_path: Path) -> None:
    happened = await converse(
        scenario_set(tmp_path, main=FORM), "1#", "1#", "1#", "1#", actions=[action("x.check", LOW)]
    )
    assert happened.ending.outcome == "gave_up"
    assert robot(happened).count("Показание?") == 3


async def test_a_check_that_fails_takes_its_error_exit(tmp_path: Path) -> None:
    check = action("x.check", FINE, RuntimeError())
    happened = await converse(scenario_set(tmp_path, main=FORM), "1#", "2", "1#", actions=[check])
    assert happened.ending.outcome == "gave_up"


async def test_a_form_begins_empty_each_time(tmp_path: Path) -> None:
    main = """
    states:
      a: {set: {day: 3, value: 4}, then: f}
      f:
        form:
          slots: {value: {prompt: Показание?, expect: number}, day: {prompt: День?, expect: number}}
        then: {say: Готово., then: b}
      b: {end: done}
    """
    happened = await converse(scenario_set(tmp_path, main=main), "1#", "2#")
    assert robot(happened) == ["Показание?", "День?", "Готово."]
    assert happened.ending.data == {"value": 1, "day": 2}
