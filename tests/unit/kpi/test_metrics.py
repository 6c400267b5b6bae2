from __future__ import annotations

import uuid

from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families

from ivr.dialogue.ports import HeardTurn, TurnResult
from ivr.kpi.metrics import OTHER, Metrics


def declared() -> Metrics:
    metrics = Metrics()
    metrics.expect(
        lines=["private"],
        flows={"meter-reading": ["identify", "value"]},
        step_outcomes=["found", "plausible"],
        outcomes=["reading-accepted"],
    )
    return metrics


def value(metrics: Metrics, name: str, **labels: str) -> float | None:
    found: float | None = metrics.registry.get_sample_value(name, labels)
    return found


def samples(metrics: Metrics) -> list[tuple[str, dict[str, str]]]:
    families = text_string_to_metric_families(metrics.exposition().decode())
    return [(sample.name, sample.labels) for family in families for sample in family.samples]


def test_calls_by_line_and_outcome() -> None:
    metrics = declared()
    metrics.call_opened("private")
    metrics.call_opened("private")
    metrics.call_closed("private", "served", "reading-accepted")
    assert value(metrics, "ivr_calls_in_progress", line="private") == 1
    assert (
        value(metrics, "ivr_calls_total", line="private", disposition="served", outcome="reading-accepted")
        == 1
    )


def test_steps_are_counted_without_the_version_of_the_flow() -> None:
    metrics = declared()
    metrics.step_noted("meter-reading@1", "value", "ok")
    metrics.step_noted("meter-reading@2", "value", "ok")
    assert value(metrics, "ivr_steps_total", flow="meter-reading", state="value", outcome="ok") == 2


def test_a_name_declared_later_counts_from_then_on() -> None:
    metrics = declared()
    metrics.step_noted("meter-reading@1", "new", "ok")
    metrics.expect(flows={"meter-reading": ["new"]})
    metrics.step_noted("meter-reading@1", "new", "ok")
    assert value(metrics, "ivr_steps_total", flow="meter-reading", state=OTHER, outcome="ok") == 1
    assert value(metrics, "ivr_steps_total", flow="meter-reading", state="new", outcome="ok") == 1


def test_turns_and_their_latency_by_flow() -> None:
    metrics = declared()
    for flow, latency in (("meter-reading@1", 0.7), ("meter-reading@2", None), ("strange@1", 0.7)):
        metrics.turn_heard(
            HeardTurn(
                flow=flow,
                state="value",
                kind="reading",
                result=TurnResult.ANSWER,
                voice=True,
                latency_seconds=latency,
            )
        )
    turns = {"state": "value", "result": "answer", "by": "voice"}
    assert value(metrics, "ivr_turns_total", flow="meter-reading", **turns) == 2
    assert value(metrics, "ivr_turn_latency_seconds_count", flow="meter-reading") == 1
    assert value(metrics, "ivr_turn_latency_seconds_count", flow=OTHER) == 1
    for le, count in (("0.6", 0), ("0.8", 1)):
        assert value(metrics, "ivr_turn_latency_seconds_bucket", flow="meter-reading", le=le) == count


def test_turnaround_has_buckets_from_one_millisecond_to_two_seconds() -> None:
    metrics = declared()
    for seconds in (0.0004, 0.004, 1.9, 5.0):
        metrics.agi_turnaround(seconds)
    counts = [
        value(metrics, "ivr_agi_turnaround_seconds_bucket", le=le) for le in ("0.001", "0.005", "2.0", "+Inf")
    ]
    assert counts == [1, 2, 3, 4]


def test_state_of_the_sessions_and_the_rest() -> None:
    metrics = declared()
    metrics.ami_up("events", True)
    metrics.ami_up("actions", False)
    metrics.ami_reconnected("events")
    metrics.channel_helped_on()
    metrics.prompt_cached()
    metrics.prompt_synthesised(0.3)
    metrics.prompt_failed()
    metrics.reading("accepted")
    metrics.recording_taken()
    metrics.recording_failed("disk-full")
    metrics.backlog(7)
    metrics.rows_lost(2)
    metrics.watch("asyncio_tasks", "Tasks.", lambda: 3.0)
    assert value(metrics, "ivr_ami_up", session="events") == 1
    assert value(metrics, "ivr_ami_up", session="actions") == 0
    assert value(metrics, "ivr_ami_reconnects_total", session="events") == 1
    assert value(metrics, "ivr_asterisk_helped_on_total") == 1
    assert value(metrics, "ivr_prompts_total", result="synthesised") == 1
    assert value(metrics, "ivr_prompt_synthesis_seconds_count") == 1
    assert value(metrics, "ivr_readings_total", outcome="accepted") == 1
    assert value(metrics, "ivr_recordings_failed_total", reason="disk-full") == 1
    assert value(metrics, "ivr_ledger_backlog_rows") == 7
    assert value(metrics, "ivr_ledger_lost_rows_total") == 2
    assert value(metrics, "ivr_asyncio_tasks") == 3


def test_neither_call_ids_nor_personal_data_become_labels() -> None:
    metrics = declared()
    for number in range(500):
        secret = f"+7483{number:07}-{uuid.uuid4()}"
        metrics.call_opened(secret)
        metrics.call_closed(secret, secret, secret)
        metrics.step_noted(secret, secret, secret)
        metrics.step_noted("meter-reading@1", secret, secret)
        metrics.ami_up(secret, True)
        metrics.ami_reconnected(secret)
        metrics.reading(secret)
        metrics.recording_failed(secret)
    before = len(samples(declared()))
    found = samples(metrics)
    assert len(found) - before < 20
    assert not [labels for _, labels in found if any("+7483" in text for text in labels.values())]
    assert value(metrics, "ivr_readings_total", outcome=OTHER) == 500
    assert value(metrics, "ivr_calls_in_progress", line=OTHER) == 0


@given(st.lists(st.tuples(st.text(), st.text(), st.text()), max_size=30))
def test_any_labels_are_counted_somewhere(visits: list[tuple[str, str, str]]) -> None:
    metrics = declared()
    for flow, state, outcome in visits:
        metrics.step_noted(flow, state, outcome)
    counted = [
        sample.value
        for family in metrics.registry.collect()
        for sample in family.samples
        if sample.name == "ivr_steps_total"
    ]
    assert sum(counted) == len(visits)


def test_unknown_labels_take_no_memory() -> None:
    metrics = declared()
    for number in range(100):
        metrics.reading(f"unknown-{number}")
    assert len(metrics._readings._children) <= 1
