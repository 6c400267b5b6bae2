"""The engine's own figures for Prometheus.

Labels hold names from the configuration and the code only, never ids or anything of a caller: a value that
was not declared counts as `other`. Children are bound once, so that an increment costs about a microsecond.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Generic, TypeVar

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest
from prometheus_client.metrics import MetricWrapperBase

from ivr.calls.story import Disposition
from ivr.dialogue.ports import HeardTurn

OTHER = "other"

_MILLISECONDS = (1, 2, 3, 5, 7.5, 10, 15, 20, 30, 50, 75, 100, 200, 500, 1000, 2000)
TURNAROUND_BUCKETS = tuple(ms / 1000 for ms in _MILLISECONDS)
WRITE_BUCKETS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 5.0)
LATENCY_BUCKETS = (0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 1.0, 1.2, 1.5, 2.0, 3.0, 5.0)
DELAY_BUCKETS = (0.01, 0.02, 0.05, 0.075, 0.1, 0.125, 0.15, 0.2, 0.3, 0.5, 1.0)
SYNTHESIS_BUCKETS = (0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)

DISPOSITIONS = frozenset(disposition.value for disposition in Disposition)
STEP_OUTCOMES = frozenset({"ok", "no-input", "no-match", "hangup", "taken", "error", "timeout"})
READING_OUTCOMES = frozenset({"accepted", "corrected", "late", "refused", "repeated", "error"})
AMI_SESSIONS = frozenset({"events", "actions"})
LINKS = frozenset({"trunk", "workplace"})
PROMPT_RESULTS = frozenset({"cached", "synthesised", "failed"})
RECORDING_FAULTS = frozenset(
    {"disk-full", "database", "file", "storage", "no-key", "not-compressed", "unreadable", "conflict"}
)

M = TypeVar("M", bound=MetricWrapperBase)
Allowed = Callable[[tuple[str, ...]], tuple[str, ...]]


class _Bound(Generic[M]):
    """The children of one metric, bound once each."""

    def __init__(self, metric: M, fold: Allowed) -> None:
        self._metric = metric
        self._fold = fold
        self._children: dict[tuple[str, ...], M] = {}

    def __call__(self, *labels: str) -> M:
        child = self._children.get(labels)
        return child if child is not None else self._bind(labels)

    def _bind(self, labels: tuple[str, ...]) -> M:
        folded = self._fold(labels)
        child = self._children.get(folded)
        if child is None:
            child = self._children[folded] = self._metric.labels(*folded)
        if folded == labels or OTHER not in folded:
            self._children[labels] = child
        return child


def _one_of(values: frozenset[str]) -> Allowed:
    return lambda labels: tuple(label if label in values else OTHER for label in labels)


class Metrics:
    """All metrics of one engine, in a registry of its own."""

    def __init__(self) -> None:
        """Make the metrics; names of lines and flows are declared by `expect`."""
        self.registry = CollectorRegistry()
        self._lines: set[str] = set()
        self._outcomes: set[str] = {"none"}
        self._flows: dict[str, set[str]] = {}
        self._step_outcomes: set[str] = set(STEP_OUTCOMES)
        ProcessCollector(registry=self.registry)
        self._make_call_metrics()
        self._make_asterisk_metrics()
        self._make_work_metrics()
        self._make_engine_metrics()

    def _make_call_metrics(self) -> None:
        registry = self.registry
        calls = Counter(
            "ivr_calls", "Calls that have ended.", ["line", "disposition", "outcome"], registry=registry
        )
        self._calls = _Bound(calls, self._fold_call)
        running = Gauge("ivr_calls_in_progress", "Calls that go on.", ["line"], registry=registry)
        self._running = _Bound(running, lambda labels: (self._line(labels[0]),))
        steps = Counter(
            "ivr_steps", "States of scenarios visited.", ["flow", "state", "outcome"], registry=registry
        )
        self._steps = _Bound(steps, self._fold_step)
        turns = Counter(
            "ivr_turns",
            "Turns of callers, by how they went.",
            ["flow", "state", "result", "by"],
            registry=registry,
        )
        self._turns = _Bound(turns, self._fold_turn)
        latency = Histogram(
            "ivr_turn_latency_seconds",
            "From the end of a caller's speech to the next prompt.",
            ["flow"],
            buckets=LATENCY_BUCKETS,
            registry=registry,
        )
        self._latency = _Bound(latency, self._fold_flow)

    def _make_asterisk_metrics(self) -> None:
        registry = self.registry
        self._turnaround = Histogram(
            "ivr_agi_turnaround_seconds",
            "From a reply of Asterisk to our next command.",
            buckets=TURNAROUND_BUCKETS,
            registry=registry,
        )
        up = Gauge("ivr_ami_up", "Whether the AMI session is up.", ["session"], registry=registry)
        self._ami_up = _Bound(up, _one_of(AMI_SESSIONS))
        again = Counter("ivr_ami_reconnects", "Reconnects of AMI.", ["session"], registry=registry)
        self._ami_reconnects = _Bound(again, _one_of(AMI_SESSIONS))
        self._helped_on = Counter(
            "ivr_asterisk_helped_on", "Channels of Asterisk that waited in vain.", registry=registry
        )

        packets = Counter("ivr_rtp_packets", "Packets of sound that were due.", ["link"], registry=registry)
        self._packets = _Bound(packets, _one_of(LINKS))
        lost = Counter("ivr_rtp_lost_packets", "Those of them that were lost.", ["link"], registry=registry)
        self._lost_packets = _Bound(lost, _one_of(LINKS))
        delay = Histogram(
            "ivr_rtp_delay_seconds",
            "The longest way of a packet, leg by leg.",
            ["link"],
            buckets=DELAY_BUCKETS,
            registry=registry,
        )
        self._delay = _Bound(delay, _one_of(LINKS))

    def _make_work_metrics(self) -> None:
        registry = self.registry
        prompts = Counter("ivr_prompts", "Phrases asked for during calls.", ["result"], registry=registry)
        self._prompts = _Bound(prompts, _one_of(PROMPT_RESULTS))
        self._synthesis = Histogram(
            "ivr_prompt_synthesis_seconds", "Synthesis.", buckets=SYNTHESIS_BUCKETS, registry=registry
        )
        readings = Counter("ivr_readings", "Meter readings given.", ["outcome"], registry=registry)
        self._readings = _Bound(readings, _one_of(READING_OUTCOMES))
        self._taken = Counter("ivr_recordings_taken", "Recordings taken over.", registry=registry)
        failed = Counter(
            "ivr_recordings_failed", "Attempts to take over that failed.", ["reason"], registry=registry
        )
        self._failed = _Bound(failed, _one_of(RECORDING_FAULTS))

    def _make_engine_metrics(self) -> None:
        registry = self.registry
        self._backlog = Gauge("ivr_ledger_backlog_rows", "Rows not yet in the database.", registry=registry)
        self._lost_rows = Counter("ivr_ledger_lost_rows", "Rows given up.", registry=registry)
        self._writes = Histogram(
            "ivr_database_write_seconds",
            "Write of the ledger, commit included.",
            buckets=WRITE_BUCKETS,
            registry=registry,
        )
        self._lag = Histogram(
            "ivr_event_loop_lag_seconds",
            "Lateness of the event loop.",
            buckets=TURNAROUND_BUCKETS,
            registry=registry,
        )

    def expect(
        self,
        *,
        lines: Iterable[str] = (),
        flows: Mapping[str, Iterable[str]] | None = None,
        step_outcomes: Iterable[str] = (),
        outcomes: Iterable[str] = (),
    ) -> None:
        """Declare names that may appear as labels; adds to what was declared before.

        Args:
            lines: Names of lines.
            flows: States by the id of their flow, without its version.
            step_outcomes: Outcomes that actions declare.
            outcomes: Outcomes with which scenarios end.
        """
        self._lines.update(lines)
        self._outcomes.update(outcomes)
        self._step_outcomes.update(step_outcomes)
        for flow, states in (flows or {}).items():
            self._flows.setdefault(flow, set()).update(states)

    # --- calls: what the ledger reports ---

    def call_opened(self, line: str) -> None:
        """A call has begun."""
        self._running(line).inc()

    def call_closed(self, line: str, disposition: str, outcome: str) -> None:
        """A call has ended."""
        self._running(line).dec()
        self._calls(line, disposition, outcome).inc()

    def step_noted(self, flow: str, state: str, outcome: str) -> None:
        """A state was visited; the flow with or without its version (`meter-reading@3`)."""
        self._steps(flow, state, outcome).inc()

    def turn_heard(self, turn: HeardTurn) -> None:
        """A turn of a caller; by voice or, also when nothing was heard, by keys."""
        self._turns(turn.flow, turn.state, turn.result, "voice" if turn.voice else "keys").inc()
        if turn.latency_seconds is not None:
            self._latency(turn.flow).observe(turn.latency_seconds)

    def backlog(self, rows: int) -> None:
        """Rows that wait for the database."""
        self._backlog.set(rows)

    def rows_lost(self, rows: int) -> None:
        """Rows that were given up."""
        self._lost_rows.inc(rows)

    def written(self, seconds: float) -> None:
        """A write of the ledger has been committed."""
        self._writes.observe(seconds)

    # --- Asterisk ---

    def agi_turnaround(self, seconds: float) -> None:
        """Our part of one exchange: from a reply to the next command."""
        self._turnaround.observe(seconds)

    def ami_up(self, session: str, up: bool) -> None:
        """State of an AMI session."""
        self._ami_up(session).set(int(up))

    def ami_reconnected(self, session: str) -> None:
        """An AMI session came back."""
        self._ami_reconnects(session).inc()

    def channel_helped_on(self) -> None:
        """A channel waited in vain, and was helped on."""
        self._helped_on.inc()

    def leg_measured(self, link: str, packets: int, lost: int, delay_seconds: float | None) -> None:
        """A telephone has hung up; this is what the network did to its sound."""
        self._packets(link).inc(packets)
        self._lost_packets(link).inc(lost)
        if delay_seconds is not None:
            self._delay(link).observe(delay_seconds)

    # --- work ---

    def prompt_cached(self) -> None:
        """A phrase was there."""
        self._prompts("cached").inc()

    def prompt_synthesised(self, seconds: float) -> None:
        """A phrase was made during a call."""
        self._prompts("synthesised").inc()
        self._synthesis.observe(seconds)

    def prompt_failed(self) -> None:
        """A phrase could not be made."""
        self._prompts("failed").inc()

    def reading(self, outcome: str) -> None:
        """A reading was given."""
        self._readings(outcome).inc()

    def recording_taken(self) -> None:
        """A recording is in the archive."""
        self._taken.inc()

    def recording_failed(self, reason: str) -> None:
        """A recording could not be taken over; it is tried again."""
        self._failed(reason).inc()

    # --- the engine itself ---

    def loop_lag(self, seconds: float) -> None:
        """Lateness of the event loop, as sampled."""
        self._lag.observe(seconds)

    def watch(self, name: str, title: str, measure: Callable[[], float]) -> None:
        """A gauge `ivr_<name>` that is measured when it is asked for."""
        Gauge(f"ivr_{name}", title, registry=self.registry).set_function(measure)

    def exposition(self) -> bytes:
        """Everything in Prometheus' text format."""
        return generate_latest(self.registry)

    def _line(self, line: str) -> str:
        return line if line in self._lines else OTHER

    def _fold_call(self, labels: tuple[str, ...]) -> tuple[str, ...]:
        line, disposition, outcome = labels
        return (
            self._line(line),
            disposition if disposition in DISPOSITIONS else OTHER,
            outcome if outcome in self._outcomes else OTHER,
        )

    def _fold_step(self, labels: tuple[str, ...]) -> tuple[str, ...]:
        flow, _, _version = labels[0].partition("@")
        states = self._flows.get(flow)
        if states is None:
            return OTHER, OTHER, OTHER
        state = labels[1] if labels[1] in states else OTHER
        outcome = labels[2] if labels[2] in self._step_outcomes else OTHER
        return flow, state, outcome

    def _fold_flow(self, labels: tuple[str, ...]) -> tuple[str, ...]:
        flow, _, _version = labels[0].partition("@")
        return (flow if flow in self._flows else OTHER,)

    def _fold_turn(self, labels: tuple[str, ...]) -> tuple[str, ...]:
        flow, state, _ = self._fold_step((*labels[:2], "ok"))
        return flow, state, *labels[2:]
