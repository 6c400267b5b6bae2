from __future__ import annotations

import audioop
from itertools import takewhile

import numpy as np
import pytest

from ivr.bench.speech import quantile, texts
from ivr.bench.speech_bare import Job, chunks
from ivr.bench.speech_sound import NO_PROMPT_SECONDS, PROMPT_SECONDS, on_a_line


def tone(seconds: float) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return 8000 * np.sin(np.arange(round(seconds * 8000)) * 2 * np.pi * 300 / 8000)


def a_phrase() -> bytes:
    """0.1 s of silence, half a second of a tone, 0.2 s of silence, in A-law."""
    samples = np.concatenate([np.zeros(800), tone(0.5), np.zeros(1600)]).astype("<i2")
    return audioop.lin2alaw(samples.tobytes(), 2)


def test_where_the_speech_is_in_the_sound_is_known() -> None:
    spoken = on_a_line(a_phrase(), seed=1)
    assert spoken.begins == pytest.approx(PROMPT_SECONDS + 0.1, abs=0.011)
    assert spoken.ends == pytest.approx(PROMPT_SECONDS + 0.6, abs=0.011)
    levels = np.abs(np.frombuffer(spoken.pcm, dtype="<i2"))
    place = round(spoken.begins * 8000)
    assert 20 < levels[:place].max() < 300, "the noise of a line"
    assert levels[place : place + 800].max() > 7000
    assert spoken.pcm == on_a_line(a_phrase(), seed=1).pcm
    assert spoken.pcm != on_a_line(a_phrase(), seed=2).pcm


def test_without_a_prompt_the_same_is_said_sooner() -> None:
    spoken = on_a_line(a_phrase(), seed=1)
    sooner = spoken.sooner()
    assert sooner.begins == pytest.approx(NO_PROMPT_SECONDS + 0.1, abs=0.011)
    assert spoken.pcm.endswith(sooner.pcm)
    assert spoken.cut(0.5).endswith(sooner.cut(0.5))
    assert len(spoken.cut(0.5)) == round((spoken.ends + 0.5) * 8000) * 2


@pytest.mark.parametrize(("first", "seconds"), [(0, 1.0), (1, 7.3), (5, 0.1)])
def test_the_bare_loop_is_fed_exactly_so_much_utterance_by_utterance(first: int, seconds: float) -> None:
    utterances = [bytes([number]) * 8000 for number in range(1, 4)]
    job = Job(
        words=None,
        files=[],
        streams=1,
        seconds=seconds,
        chunk_milliseconds=200,
        paced=False,
    )
    fed = list(chunks(utterances, first, job))
    assert sum(len(chunk) for chunk in fed if chunk) == round(seconds * 8000) * 2
    assert fed[-1] is None
    begin = b"".join(chunk for chunk in takewhile(lambda one: one is not None, fed) if chunk)
    assert utterances[first % 3].startswith(begin)


def test_quantiles_of_few_values() -> None:
    assert quantile([3.0], 0.95) == 3.0
    assert quantile([float(value) for value in range(101)], 0.95) == pytest.approx(95)


def test_what_is_spoken_and_listened_for() -> None:
    found = texts()
    assert len(found["phrases"]) >= 8
    assert len(set(found["words"])) == len(found["words"]) >= 50
