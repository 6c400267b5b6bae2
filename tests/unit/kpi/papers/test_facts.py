"""Why a call counts, in words."""

from __future__ import annotations

from ivr.kpi.measures import CALL_MEASURES, TALK_MEASURES
from ivr.kpi.papers.facts import fact_measures, told_facts


def test_every_measure_that_is_told_exists() -> None:
    assert set(fact_measures()) <= {*CALL_MEASURES, *TALK_MEASURES}


def test_a_lost_call() -> None:
    counted = {"lost_in_queue": 1, "wait_us": 90_000_000, "incoming": 1, "callback_broken": 1}
    assert told_facts(counted) == ["потерян в очереди", "не перезвонили", "ожидание 1:30"]


def test_a_talk() -> None:
    counted = {"personal": 1, "conversation_us": 125_400_000, "hold_us": 20_000_000}
    assert told_facts(counted) == ["с персональной информацией", "разговор 2:05", "удержание 0:20"]


def test_help_of_others_is_told_only_where_it_is_known() -> None:
    assert told_facts({"answered": 1, "summed_up": 1}) == ["ответил оператор", "с чужой помощью"]
    assert told_facts({"answered": 1, "summed_up": 1, "alone": 1, "score": 4}) == [
        "ответил оператор",
        "ответил самостоятельно",
        "оценка 4",
    ]
    assert told_facts({"answered": 1}) == ["ответил оператор"]
