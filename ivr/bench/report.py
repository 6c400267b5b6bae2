"""The document that `ivr bench calls` answers with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from ivr.bench.calls import RateTried, Round

DIFFERS = (
    "Callers send media only while they press keys; real ones always do, which costs both flows alike.",
    "Each flow runs on an Asterisk of its own, of the same build and SIP configuration, and alone: by turns.",
    "The engine also keeps each step in its ledger, takes the recording over with a hash and counts metrics;"
    " the native flow writes one call record and leaves the recording where it is.",
    "Natively each reading is a transaction of its own; the engine commits those of the same moment together."
    " Both commit with synchronous=FULL in WAL mode before the thanks.",
)
"""What a reader has to know before comparing."""


@dataclass(frozen=True, slots=True)
class Measured:
    """All that was measured on one flow."""

    rounds: Sequence[Round]
    crowd: Round
    climb: Sequence[RateTried]

    @property
    def failed(self) -> int:
        """Failed calls; the last rate of a climb, which is meant to be too much, is not counted."""
        return sum(one.failed for one in self.rounds) + self.crowd.failed

    @property
    def cpu_ms(self) -> float:
        """CPU of all processes per call, median of the rounds, milliseconds."""
        return median(one.total_cpu_ms_per_call for one in self.rounds)

    @property
    def sustained(self) -> float:
        """The highest rate without a failed call, calls per second; 0 for none."""
        return max((tried.per_second for tried in self.climb if not tried.measured.failed), default=0.0)

    @property
    def asterisk_ms(self) -> float:
        """CPU of Asterisk per call, median of the rounds, milliseconds."""
        return median(one.cpu_ms_per_call["asterisk"] for one in self.rounds)

    @property
    def engine_ms(self) -> float:
        """CPU of all but Asterisk per call, median of the rounds, milliseconds."""
        return median(one.total_cpu_ms_per_call - one.cpu_ms_per_call["asterisk"] for one in self.rounds)

    @property
    def engine_mb(self) -> float:
        """Memory of all but Asterisk, megabytes; pages that its processes share count in each."""
        return sum(self.crowd.memory_mb.values()) - self.crowd.memory_mb["asterisk"]


def document(native: Measured, engine: Measured | None, machine: Mapping[str, object]) -> dict[str, object]:
    """The figures under the names of the contract; without an engine only the native ones."""
    result: dict[str, object] = {
        "native": {"cpu_ms_per_call": _rounded(native.cpu_ms), **_details(native)},
        "failed_calls": (engine or native).failed,
        "machine": dict(machine),
        "differs": list(DIFFERS),
    }
    if engine is not None:
        result |= _engine(engine, native)
    return result


def text(found: Mapping[str, object]) -> str:
    """The document for people."""
    lines: list[str] = []
    _lines(found, "", lines)
    return "\n".join(lines)


def _engine(engine: Measured, native: Measured) -> dict[str, object]:
    turnaround = engine.crowd.turnaround
    return {
        "engine": {
            "asterisk_cpu_ms_per_call": _rounded(engine.asterisk_ms),
            "engine_cpu_ms_per_call": _rounded(engine.engine_ms),
            **_details(engine),
        },
        "cpu_ratio": _rounded(engine.cpu_ms / native.cpu_ms),
        "calls_per_second": engine.sustained,
        "agi_turnaround_ms": {
            "p50": _milliseconds(turnaround.quantile(0.5)),
            "p99": _milliseconds(turnaround.quantile(0.99)),
            "calls_at_once": engine.crowd.most_at_once,
        },
        "engine_rss_mb": _rounded(engine.engine_mb),
    }


def _details(measured: Measured) -> dict[str, object]:
    return {
        "calls_per_second": measured.sustained,
        "failed_calls": measured.failed,
        "rss_mb": {name: _rounded(mb) for name, mb in measured.crowd.memory_mb.items()},
        "sipp_cpu_ms_per_call": _rounded(median(one.sipp_cpu_ms_per_call for one in measured.rounds)),
        "rounds_cpu_ms_per_call": [_rounded(one.total_cpu_ms_per_call) for one in measured.rounds],
        "rates": [
            {
                "per_second": tried.per_second,
                "calls": tried.measured.calls,
                "failed": tried.measured.failed,
                "most_at_once": tried.measured.most_at_once,
            }
            for tried in measured.climb
        ],
    }


def _lines(found: Mapping[str, object], indent: str, lines: list[str]) -> None:
    for name, value in found.items():
        if isinstance(value, Mapping):
            lines.append(f"{indent}{name}")
            _lines(value, indent + "  ", lines)
        elif isinstance(value, list):
            lines.append(f"{indent}{name}")
            lines += [f"{indent}  {item}" for item in value]
        else:
            lines.append(f"{indent}{name}: {value}")


def _rounded(value: float) -> float:
    return round(value, 3)


def _milliseconds(seconds: float | None) -> float | None:
    return None if seconds is None else _rounded(seconds * 1000)
