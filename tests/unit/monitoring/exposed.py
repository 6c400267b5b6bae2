"""All that the two processes expose for Prometheus, each metric at least once."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from ivr.app.gauges import Work, WorkGauges, figures_of_today
from ivr.app.listening_metrics import ListeningMetrics
from ivr.calls.story import Story
from ivr.desk.model import Agent, AgentState, QueueState
from ivr.dialogue.ports import EndingKind, HeardTurn, TurnResult
from ivr.kpi.alarms import Alarm, Name, State
from ivr.kpi.definitions import load_definitions
from ivr.kpi.live import LiveCounters
from ivr.kpi.metrics import Metrics
from ivr.kpi.profiles import load_profile
from tests.unit.kpi.stories import RULES, Tale, answered

PROJECT = Path(__file__).parents[3]
NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
FIGURES = figures_of_today(
    load_definitions(PROJECT / "metrics/definitions.yaml"),
    [load_profile(PROJECT / "metrics/standards/bryansk.yaml")],
    {},
)


class StandingClock:
    def now(self) -> datetime:
        return NOW

    def monotonic(self) -> float:
        return 0.0

    async def sleep(self, seconds: float) -> None:
        raise AssertionError("nobody waits")


def work(*stories: Story) -> Work:
    """A little of everything."""
    counters = LiveCounters(RULES, StandingClock())
    for story in stories:
        counters.story_changed(story)
    queue = QueueState(
        queue="clients",
        waiting=2,
        longest_since=NOW - timedelta(seconds=75),
        ready=0,
        serving=1,
        widened=False,
        estimate_seconds=None,
    )
    agent = Agent(
        login="anna",
        name="Анна",
        extension="201",
        phone=None,
        skills=("clients",),
        state=AgentState.TALKING,
        reason=None,
        since=NOW,
    )
    alarm = Alarm(id="1", name=Name.QUEUE, about="clients", state=State.RAISED, raised_at=NOW)
    return Work(
        counters=counters,
        queues=lambda: [queue],
        agents=lambda: [agent],
        alarms=lambda: [alarm],
        trunks=lambda: {"one": True, "two": False, "three": None},
        figures=FIGURES,
        profiles_of=lambda standard: (standard,),
        clock=StandingClock(),
    )


def samples() -> dict[str, set[str]]:
    """Name of each sample → names of its labels."""
    waiting = Tale("c2").robot(20, EndingKind.QUEUED).queued(20)
    engine = _metrics()
    engine.registry.register(WorkGauges(work(answered("c1"), waiting.story)))
    text = engine.exposition() + _listening().exposition()
    found: dict[str, set[str]] = {}
    for family in text_string_to_metric_families(text.decode()):
        for sample in family.samples:
            found.setdefault(sample.name, set()).update(sample.labels)
    return found | {name: set() for name in _watched()}


def exposition(collector: WorkGauges) -> str:
    """Of one collector alone."""
    registry = CollectorRegistry()
    registry.register(collector)
    return generate_latest(registry).decode()


def _metrics() -> Metrics:
    metrics = Metrics()
    metrics.call_opened("main")
    metrics.call_closed("main", "served", "none")
    metrics.step_noted("flow@1", "state", "ok")
    metrics.turn_heard(
        HeardTurn(flow="flow", state="s", kind="free", result=TurnResult.DEAF, latency_seconds=1)
    )
    metrics.ami_up("events", True)
    metrics.ami_reconnected("events")
    metrics.prompt_cached()
    metrics.reading("accepted")
    metrics.recording_failed("storage")
    metrics.leg_measured("trunk", 100, 1, 0.1)
    return metrics


def _listening() -> ListeningMetrics:
    metrics = ListeningMetrics()
    metrics.session_refused("full")
    metrics.turn_opened("slot")
    metrics.turn_ended("result", 0.1)
    return metrics


def _watched() -> list[str]:
    """Gauges that the engine adds where it is put together."""
    code = "\n".join(file.read_text(encoding="utf-8") for file in (PROJECT / "ivr/app").glob("*.py"))
    return [f"ivr_{name}" for name in re.findall(r'\bwatch\(\s*"(\w+)",\s*"', code)]
