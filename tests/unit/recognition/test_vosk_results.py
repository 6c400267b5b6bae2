from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ivr.errors import Fault
from ivr.speech.recognition.ports import Alternative, RecogniserFailed
from ivr.speech.recognition.vosk import VoskRecogniser, VoskStream, is_model, takes_grammars


class Decoder:
    """Answers as the library does: each piece of sound closes a result, or is partial."""

    def __init__(self, results: list[dict[str, Any]], final: dict[str, Any]) -> None:
        self._results = results
        self._final = final

    def AcceptWaveform(self, pcm: bytes) -> int:  # noqa: N802
        return int("text" in self._results[0] or "alternatives" in self._results[0])

    def Result(self) -> str:  # noqa: N802
        return json.dumps(self._results.pop(0))

    PartialResult = Result

    def FinalResult(self) -> str:  # noqa: N802
        return json.dumps(self._final)


def said(text: str, *confidences: float) -> dict[str, Any]:
    return {
        "text": text,
        "result": [
            {"word": word, "conf": conf} for word, conf in zip(text.split(), confidences, strict=True)
        ],
    }


def test_a_result_that_is_closed_early_is_joined_with_the_rest() -> None:
    stream = VoskStream(
        Decoder([{"partial": "сто"}, said("сто двадцать", 1, 1), {"partial": "три"}], said("три", 1))
    )
    assert [stream.accept(b""), stream.accept(b""), stream.accept(b"")] == [
        "сто",
        "сто двадцать",
        "сто двадцать три",
    ]
    assert stream.finish().text == "сто двадцать три"


def test_unknown_words_are_left_out_and_make_it_less_sure() -> None:
    stream = VoskStream(Decoder([{"partial": "[unk] пять"}], said("[unk] пять", 1.0, 1.0)))
    assert stream.accept(b"") == "пять"
    heard = stream.finish()
    assert (heard.text, heard.confidence) == ("пять", 0.5)


@pytest.mark.parametrize(
    "final",
    [said("[unk]", 1.0), said(""), {"alternatives": []}, {"alternatives": [{"text": "", "confidence": 3}]}],
)
def test_nothing_made_out_is_empty(final: dict[str, Any]) -> None:
    heard = VoskStream(Decoder([], final)).finish()
    assert (heard.text, heard.confidence, heard.alternatives) == ("", 0.0, ())


def test_confidence_does_not_fall_with_the_length_of_a_number() -> None:
    short = VoskStream(Decoder([], said("пять", 0.9))).finish()
    long = VoskStream(Decoder([], said("один два три четыре пять", *[0.9] * 5))).finish()
    assert short.confidence == long.confidence == 0.9


def test_alternatives_are_shares_of_the_probability_without_doubles() -> None:
    readings = [("пять", 10.0), ("[unk] пять", 9.9), ("шесть", 8.0)]
    final = {"alternatives": [{"text": text, "confidence": likelihood} for text, likelihood in readings]}
    heard = VoskStream(Decoder([], final)).finish()
    assert heard.text == "пять"
    assert [one.text for one in heard.alternatives] == ["шесть"]
    assert 0.4 < heard.confidence < 0.5
    assert heard.alternatives[0].confidence < 0.1


def test_alternatives_of_joined_pieces_are_the_likeliest_combinations() -> None:
    def piece(*readings: tuple[str, float]) -> dict[str, Any]:
        return {"alternatives": [{"text": text, "confidence": likelihood} for text, likelihood in readings]}

    stream = VoskStream(Decoder([piece(("сто", 3.0), ("сорок", 2.0))], piece(("два", 5.0), ("три", 4.5))))
    stream.accept(b"")
    heard = stream.finish()
    assert [heard.text, *(one.text for one in heard.alternatives)] == ["сто два", "сто три"]
    assert all(isinstance(one, Alternative) and 0 < one.confidence < 1 for one in heard.alternatives)


def test_a_decoder_that_fails_is_told(tmp_path: Path) -> None:
    with pytest.raises(RecogniserFailed):
        VoskStream(object()).accept(b"")
    with pytest.raises(RecogniserFailed):
        VoskStream(object()).finish()


def model(folder: Path, *files: str) -> Path:
    for file in files:
        place = folder / file
        place.parent.mkdir(parents=True, exist_ok=True)
        place.touch()
    return folder


@pytest.mark.parametrize(
    ("files", "vosk", "grammars"),
    [
        (("am/final.mdl", "graph/HCLr.fst", "graph/Gr.fst"), True, True),
        (("final.mdl", "HCLr.fst", "Gr.fst"), True, True),
        (("am/final.mdl", "graph/HCLG.fst"), True, False),
        (("am/final.mdl", "graph/HCLr.fst"), False, False),
        (("encoder.onnx", "tokens.txt"), False, False),
        ((), False, False),
    ],
)
def test_models_by_their_files(tmp_path: Path, files: tuple[str, ...], vosk: bool, grammars: bool) -> None:
    folder = model(tmp_path, *files)
    assert (is_model(folder), takes_grammars(folder)) == (vosk, grammars)


@pytest.mark.parametrize("files", [("readme.txt",), ("am/final.mdl", "graph/HCLr.fst", "graph/Gr.fst")])
def test_no_model_and_a_broken_one_are_told_in_words(tmp_path: Path, files: tuple[str, ...]) -> None:
    with pytest.raises(Fault) as told:
        VoskRecogniser(model(tmp_path, *files))
    assert told.value.where == str(tmp_path)
    assert "ivr models install" in told.value.fix
