"""The gauges of the work tell what the rooms know, by names of the configuration only."""

from __future__ import annotations

from prometheus_client.parser import text_string_to_metric_families

from ivr.app.gauges import WorkGauges
from ivr.dialogue.ports import EndingKind
from tests.unit.kpi.stories import Tale, answered, gave_up
from tests.unit.monitoring.exposed import exposition, work

LABELS = {"stage", "queue", "state", "standard", "kpi", "bound", "name", "trunk"}


def told() -> dict[tuple[str, frozenset[str]], float]:
    waiting = Tale("c9").robot(20, EndingKind.QUEUED).queued(20)
    text = exposition(WorkGauges(work(answered("c1"), gave_up("c2"), waiting.story)))
    return {
        (sample.name, frozenset(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_this_moment_and_today() -> None:
    gauges = told()
    expected = {
        ("ivr_calls_now", "queue"): 1,
        ("ivr_calls_now", "talk"): 0,
        ("ivr_queue_callers", "clients"): 2,
        ("ivr_queue_longest_wait_seconds", "clients"): 75,
        ("ivr_operators", "talking"): 1,
        ("ivr_operators", "ready"): 0,
        ("ivr_alarm", "queue"): 1,
        ("ivr_alarm", "disk"): 0,
        ("ivr_trunk_up", "one"): 1,
        ("ivr_trunk_up", "two"): 0,
    }
    assert {key: gauges[key[0], frozenset(key[1:])] for key in expected} == expected
    assert ("ivr_trunk_up", frozenset({"three"})) not in gauges
    assert gauges["ivr_longest_wait_seconds", frozenset()] == 3580  # of the hour since the call came


def test_kpis_of_today_with_their_targets() -> None:
    gauges = told()
    lost = frozenset({"bryansk", "lost-calls"})
    assert gauges["ivr_kpi_today_calls", lost] == 3
    assert gauges["ivr_kpi_today", lost] == 1 / 3
    assert gauges["ivr_kpi_target", lost | {"at_most"}] == 0.15
    assert ("ivr_kpi_today", frozenset({"bryansk", "csat"})) not in gauges, "no data is no sample"


def test_labels_are_bounded() -> None:
    text = exposition(WorkGauges(work(answered("c1"))))
    families = text_string_to_metric_families(text)
    labels = {label for family in families for sample in family.samples for label in sample.labels}
    assert labels == LABELS
    assert "anna" not in text
    assert "Анна" not in text
