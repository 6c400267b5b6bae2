"""The recogniser beside a bare loop of the same vosk model: CPU, streams per core, waits of callers."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from ruamel.yaml import YAML

from ivr.bench.speech_bare import Bare, Cost, Job
from ivr.bench.speech_service import Service, split_cores
from ivr.bench.speech_sound import Spoken
from ivr.bench.speech_streams import Load, Play, Times, play
from ivr.dialogue.ports import AnswerKind
from ivr.speech.recognition.grammars import GrammarStore
from ivr.speech.recognition.ports import Slot
from ivr.speech.recognition.settings import PauseSettings

NOTE = (
    "Measured at the WebSocket that Asterisk connects to, with a client in its place: next_prompt is from the"
    " end of the speech in the sound to the pushed result, barge_in from its beginning; Asterisk's own way to"
    " the next prompt is not in it.",
    "A stream is a call without a break: 2 s of a prompt with only the noise of the line from the caller, a"
    " phrase of 0.8 to 2.6 s, the silence that ends it, the next turn. In `without_prompt` the prompts are"
    " 0.6 s long: the detector of speech spares the recogniser little there.",
    "The bare loop is one process with a thread and one recogniser per stream, without words, alternatives or"
    " detection of speech, fed 200 ms at a time. It hears the same utterances with the silence that the"
    " service waits for behind them, as many streams at once, in real time; `ratio_*` divides by that."
    " `ratio_unpaced_*` divides by the same loop fed as fast as it goes, one stream.",
    "streams_per_core: the service has one core, the client the others. The lag is bounded when the p95 of"
    " next_prompt stays within 300 ms over that of the light load.",
    "Waits hold the silence of the settings that ends an answer: closed 500 ms (a choice), number 1200 ms,"
    " free 700 ms, unless they are set otherwise.",
)
"""What a reader has to know before comparing."""

_KINDS = {Slot.CLOSED: AnswerKind.CHOICE, Slot.FREE: AnswerKind.SPEECH}
_NUMBER = AnswerKind.DIGITS
_BARE_CHUNK = 200  # milliseconds: about what the network of vosk works on at once
_LAG_ALLOWANCE = 0.3


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How much is measured.

    Attributes:
        seconds: Of each round of closed questions.
        free_seconds: Of the round of free speech, which has fewer streams.
        closed_streams: At once in the round of closed questions.
        free_streams: The same of free speech.
        talk: Whether speech that follows speech is compared, too.
        climb: Shares of a core by the measured cost, tried in rising order.
        climb_seconds: Of each trial of closed questions; those of free speech last twice as long.
        whisper_seconds: Of Whisper's round; 0 leaves it out.
    """

    seconds: float = 8.0
    free_seconds: float = 20.0
    closed_streams: int = 8
    free_streams: int = 1
    talk: bool = True
    climb: Sequence[float] = (0.4, 0.6, 0.75, 0.9)
    climb_seconds: float = 6.0
    whisper_seconds: float = 10.0


QUICK = Size(
    seconds=3.5,
    free_seconds=5.0,
    closed_streams=2,
    free_streams=1,
    climb=(),
    talk=False,
    whisper_seconds=0,
)


@dataclass(frozen=True, slots=True)
class Comparison:
    """A slot through the service and bare."""

    engine: Load
    paced: Cost
    unpaced: Cost
    streams: int

    @property
    def ratio(self) -> float:
        """Of the CPU at the same pace."""
        return self.engine.cost.per_second / self.paced.per_second


class SpeechBench:
    """Measures one vosk model."""

    def __init__(
        self,
        model: Path,
        spoken: Sequence[Spoken],
        pauses: PauseSettings,
        folder: Path,
        tell: Callable[[str], None],
    ) -> None:
        """Prepare.

        Args:
            model: Folder of a vosk model that takes grammars.
            spoken: What callers say.
            pauses: How long the service waits for more.
            folder: Where the data of the measurement go.
            tell: Told of the progress.
        """
        self._spoken = spoken
        self._folder = folder
        self._tell = tell
        cores, _ = split_cores()
        self._words = tuple(texts()["words"])
        self._pauses = {Slot.CLOSED: pauses.choice, Slot.FREE: pauses.speech}
        self._service = Service(model, folder / "vosk", cores)
        self._bare = Bare(model, cores)
        self._grammar = GrammarStore(self._service.grammars).put(self._words)

    async def measure(self, size: Size) -> dict[str, object]:
        """All figures of vosk under the names of the contract.

        Raises:
            Fault: The service or the bare loop did not run.
        """
        await self._bare.start()
        try:
            await self._service.start()
            closed = await self._compare(Slot.CLOSED, size.closed_streams, size.seconds, self._spoken)
            talk = await self._talk(size) if size.talk else {}
            free = await self._compare(Slot.FREE, size.free_streams, size.free_seconds, self._spoken)
            number = await play(
                self._service,
                replace(self._what(Slot.CLOSED, size.closed_streams, size.seconds / 2), kind=_NUMBER),
            )
            per_core = {
                "closed": await self._climb(Slot.CLOSED, closed, size),
                "free": await self._climb(Slot.FREE, free, size),
            }
        finally:
            await self._service.stop()
            await self._bare.stop()
        return {
            **_costs(closed, free),
            **talk,
            "streams_per_core": per_core,
            **_waits(closed, free, number),
        }

    async def _talk(self, size: Size) -> dict[str, object]:
        """Closed questions with hardly a prompt before each answer."""
        sooner = [one.sooner() for one in self._spoken]
        found = await self._compare(Slot.CLOSED, size.closed_streams, size.seconds, sooner)
        return {"without_prompt": {"ratio_closed": _rounded(found.ratio)}}

    async def _compare(
        self, slot: Slot, streams: int, seconds: float, spoken: Sequence[Spoken]
    ) -> Comparison:
        self._tell(f"{slot}: {streams} streams through the service and bare")
        job = self._job(slot, streams, seconds, spoken)
        what = replace(self._what(slot, streams, seconds), spoken=spoken)
        return Comparison(
            engine=await play(self._service, what),
            paced=await self._bare.cost(job),
            unpaced=await self._bare.cost(replace(job, paced=False, streams=1)),
            streams=streams,
        )

    def _what(self, slot: Slot, streams: int, seconds: float) -> Play:
        return Play(
            spoken=self._spoken,
            slot=slot,
            kind=_KINDS[slot],
            grammar=self._grammar if slot is Slot.CLOSED else None,
            streams=streams,
            seconds=seconds,
        )

    async def _climb(self, slot: Slot, found: Comparison, size: Size) -> int | None:
        """The most streams whose lag stays bounded; 0 when even the fewest are too many.

        None when nothing was tried.
        """
        light = _next_prompt(found.engine.turns)
        most = quantile(light, 0.95) + _LAG_ALLOWANCE if light else 0.0
        sustained = 0 if size.climb else None
        seconds = size.climb_seconds * (2 if slot is Slot.FREE else 1)
        for streams in _trials(size.climb, found.engine.cost.per_second):
            load = await play(self._service, self._what(slot, streams, seconds))
            waits = _next_prompt(load.turns)
            bounded = not load.failed and bool(waits) and quantile(waits, 0.95) <= most
            self._tell(f"{slot}: {streams} streams on a core {'hold' if bounded else 'are too many'}")
            if not bounded:
                break
            sustained = streams
        return sustained

    def _job(self, slot: Slot, streams: int, seconds: float, spoken: Sequence[Spoken]) -> Job:
        folder = self._folder / "utterances"
        folder.mkdir(parents=True, exist_ok=True)
        utterances = [folder / f"{number}.pcm" for number in range(len(spoken))]
        for file, one in zip(utterances, spoken, strict=True):
            file.write_bytes(one.cut(self._pauses[slot] / 1000))
        return Job(
            words=self._words if slot is Slot.CLOSED else None,
            files=[str(file) for file in utterances],
            streams=streams,
            seconds=seconds,
            chunk_milliseconds=_BARE_CHUNK,
            paced=True,
        )


async def measure_whisper(
    model: Path, spoken: Sequence[Spoken], folder: Path, seconds: float
) -> dict[str, object]:
    """The same turns, one caller, through Whisper, which hears whole utterances."""
    service = Service(model, folder / "whisper", os.sched_getaffinity(0))
    await service.start()
    try:
        load = await play(
            service,
            Play(
                spoken=spoken,
                slot=Slot.FREE,
                kind=AnswerKind.SPEECH,
                grammar=None,
                streams=1,
                seconds=seconds,
            ),
        )
    finally:
        await service.stop()
    return {
        "cpu_seconds_per_audio_second": _rounded(load.cost.per_second),
        "next_prompt_ms": _milliseconds(_next_prompt(load.turns)),
    }


def texts() -> Mapping[str, Any]:
    """Phrases to be spoken, and words of grammars."""
    text = files(__package__).joinpath("speech.yaml").read_text(encoding="utf-8")
    found: Mapping[str, Any] = YAML(typ="safe", pure=True).load(text)
    return found


def quantile(values: Sequence[float], share: float) -> float:
    """Inclusive of the ends; a single value is every quantile of itself."""
    if len(values) == 1:
        return values[0]
    return quantiles(values, n=100, method="inclusive")[round(share * 100) - 1]


def _trials(shares: Sequence[float], cost: float) -> list[int]:
    """Numbers of streams, rising."""
    return sorted({max(1, round(share / cost)) for share in shares})


def _costs(closed: Comparison, free: Comparison) -> dict[str, object]:
    slots = {"closed": closed, "free": free}
    engine = {name: one.engine.cost.per_second for name, one in slots.items()}
    return {
        "bare": {name: _bare(one) for name, one in slots.items()},
        "engine": {
            name: {
                "cpu_seconds_per_audio_second": _rounded(engine[name]),
                "streams": one.streams,
                "turns": len(one.engine.turns),
                "failed_turns": one.engine.failed,
            }
            for name, one in slots.items()
        },
        **{f"ratio_{name}": _rounded(one.ratio) for name, one in slots.items()},
        **{
            f"ratio_unpaced_{name}": _rounded(engine[name] / one.unpaced.per_second)
            for name, one in slots.items()
        },
        "free_to_closed": _rounded(engine["free"] / engine["closed"]),
    }


def _bare(one: Comparison) -> dict[str, object]:
    return {
        "cpu_seconds_per_audio_second": _rounded(one.paced.per_second),
        "unpaced_cpu_seconds_per_audio_second": _rounded(one.unpaced.per_second),
        "streams": one.streams,
    }


def _waits(closed: Comparison, free: Comparison, number: Load) -> dict[str, object]:
    return {
        "next_prompt_ms": {
            **_milliseconds(_next_prompt(closed.engine.turns)),
            "number": _milliseconds(_next_prompt(number.turns)),
            "free": _milliseconds(_next_prompt(free.engine.turns)),
        },
        "barge_in_ms": _milliseconds(
            [one.barge_in for one in closed.engine.turns if one.barge_in is not None]
        ),
    }


def _next_prompt(turns: Sequence[Times]) -> list[float]:
    return [one.next_prompt for one in turns if one.next_prompt is not None]


def _milliseconds(values: Sequence[float]) -> dict[str, float | None]:
    if not values:
        return {"p50": None, "p95": None}
    return {"p50": _rounded(median(values) * 1000), "p95": _rounded(quantile(values, 0.95) * 1000)}


def _rounded(value: float) -> float:
    return round(value, 4) if value < 1 else round(value, 2)
