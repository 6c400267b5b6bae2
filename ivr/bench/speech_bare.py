"""The baseline of `ivr bench speech`: vosk alone in a process of its own, fed by a plain loop.

One recogniser per stream for the whole run, without words, alternatives, detection of speech or network: the
cheapest that the library can be had for. `python -m ivr.bench.speech_bare FOLDER CORE…` takes a
`Job` a line as JSON and answers each with a `Cost`.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import cycle, islice
from pathlib import Path
from typing import Any

from ivr.errors import Fault
from ivr.speech.recognition.ports import SAMPLE_RATE

_START_SECONDS = 120.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What to feed.

    Attributes:
        words: The closed grammar, or None for free speech.
        files: Utterances, raw PCM, played in turn.
        streams: At once, a thread for each.
        seconds: For how long, of sound.
        chunk_milliseconds: Sound fed at a time.
        paced: In real time; else as fast as it goes.
    """

    words: Sequence[str] | None
    files: Sequence[str]
    streams: int
    seconds: float
    chunk_milliseconds: int
    paced: bool


@dataclass(frozen=True, slots=True)
class Cost:
    """What it took: CPU of the whole process without the load of the model."""

    cpu_seconds: float
    audio_seconds: float

    @property
    def per_second(self) -> float:
        """CPU seconds per second of sound."""
        return self.cpu_seconds / self.audio_seconds


class Bare:
    """The loop with its process, the model loaded once."""

    def __init__(self, model: Path, cores: set[int]) -> None:
        """Args: model, folder of a vosk model; cores, it runs on these only."""
        self._model = model
        self._cores = cores

    async def start(self) -> None:
        """Start the process; the model is loaded with the first job."""
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            __name__,
            str(self._model),
            *map(str, self._cores),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )

    async def cost(self, job: Job) -> Cost:
        """Run a job.

        Raises:
            Fault: It failed.
        """
        process = self._process
        if process.stdin is None or process.stdout is None:
            raise ValueError("the process has no pipes")
        process.stdin.write(json.dumps(asdict(job)).encode() + b"\n")
        try:
            async with asyncio.timeout(_START_SECONDS + 5 * job.seconds):
                told = await process.stdout.readline()
        except TimeoutError:
            told = b""
        if not told:
            raise Fault("The bare loop of vosk failed.", str(self._model), "Run `ivr models check`.")
        return Cost(**json.loads(told))

    async def stop(self) -> None:
        """End the process."""
        if self._process.returncode is None:
            self._process.kill()
        await self._process.wait()


def run(model: Any, job: Job) -> Cost:
    """Feed the streams and count."""
    import vosk

    utterances = [Path(file).read_bytes() for file in job.files]
    grammar = () if job.words is None else (_grammar(model, job.words),)
    decoders = [vosk.KaldiRecognizer(model, SAMPLE_RATE, *grammar) for _ in range(job.streams)]
    began = time.process_time()
    threads = [
        threading.Thread(target=_feed, args=(decoder, list(chunks(utterances, number, job)), job, number))
        for number, decoder in enumerate(decoders)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Cost(time.process_time() - began, job.streams * job.seconds)


def _grammar(model: Any, phrases: Sequence[str]) -> str:
    """What of the phrases the model knows, as the library takes it."""
    known = [
        phrase for phrase in phrases if all(model.vosk_model_find_word(word) >= 0 for word in phrase.split())
    ]
    return json.dumps(known, ensure_ascii=False)


def _feed(decoder: Any, chunks: Sequence[bytes | None], job: Job, number: int) -> None:
    length = job.chunk_milliseconds / 1000
    due = time.monotonic() + length * number / job.streams
    for chunk in chunks:
        if chunk is None:
            decoder.FinalResult()
            continue
        due += length
        if job.paced:
            time.sleep(max(0.0, due - time.monotonic()))
        if decoder.AcceptWaveform(chunk):
            decoder.Result()
        else:
            decoder.PartialResult()


def chunks(utterances: Sequence[bytes], first: int, job: Job) -> Iterator[bytes | None]:
    """The sound of a stream in chunks, None behind each utterance."""
    size = SAMPLE_RATE * job.chunk_milliseconds // 1000 * 2
    left = round(job.seconds * SAMPLE_RATE) * 2
    for pcm in islice(cycle(utterances), first % len(utterances), None):
        fed = pcm[:left]
        yield from (fed[place : place + size] for place in range(0, len(fed), size))
        yield None
        left -= len(fed)
        if not left:
            return


def main(folder: str, *cores: str) -> None:
    """Do the jobs that come, one a line."""
    import vosk

    os.sched_setaffinity(0, {int(core) for core in cores})
    vosk.SetLogLevel(-1)
    model = vosk.Model(folder)
    for line in sys.stdin:
        print(json.dumps(asdict(run(model, Job(**json.loads(line))))), flush=True)  # noqa: T201  # its answer


if __name__ == "__main__":
    main(*sys.argv[1:])
