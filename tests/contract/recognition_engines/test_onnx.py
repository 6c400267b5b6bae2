from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ivr.errors import Fault
from ivr.speech.models.catalogue import Engine
from ivr.speech.models.choosing import ModelChoice, load
from ivr.speech.models.settings import ModelsSettings
from ivr.speech.recognition.onnx import Kind, OnnxRecogniser, kind_of
from ivr.speech.recognition.ports import FRAME_BYTES, Recognition, Slot
from tests.contract.recognition_engines.tiny_onnx import CHUNK, gigaam_ctc, t_one

HALF_A_SECOND = bytes(8000)


def heard(recogniser: OnnxRecogniser, pcm: bytes) -> Recognition:
    stream = recogniser.stream(None)
    for start in range(0, len(pcm), FRAME_BYTES):
        assert stream.accept(pcm[start : start + FRAME_BYTES]) == ""
    return stream.finish()


@pytest.mark.parametrize(("suffix", "precision"), [("", None), (".int8", "int8")])
def test_a_ctc_model_is_read_from_its_folder(tmp_path: Path, suffix: str, precision: str | None) -> None:
    gigaam_ctc(tmp_path, suffix)
    recogniser = OnnxRecogniser(tmp_path)
    assert recogniser.kind == Kind("gigaam-v3-ctc", precision)
    result = heard(recogniser, HALF_A_SECOND)
    assert result.text == "да"
    assert result.confidence == pytest.approx(0.905, abs=0.001)  # e to the power of -0.1


def test_a_model_of_8_khz_gets_the_sound_as_it_came(tmp_path: Path) -> None:
    t_one(tmp_path)
    recogniser = OnnxRecogniser(tmp_path)
    assert recogniser.kind == Kind("t-one-ctc", None)
    two_chunks = bytes(2 * CHUNK * 2)
    assert heard(recogniser, two_chunks).text == "да" * 3  # and one of the silence behind


def test_no_sound_is_no_word(tmp_path: Path) -> None:
    gigaam_ctc(tmp_path)
    assert OnnxRecogniser(tmp_path).stream(("да", "нет")).finish() == Recognition("", 0.0)


def test_utterances_do_not_mix(tmp_path: Path) -> None:
    t_one(tmp_path)
    recogniser = OnnxRecogniser(tmp_path)
    with ThreadPoolExecutor(4) as pool:
        texts = list(
            pool.map(lambda chunks: heard(recogniser, bytes(2 * CHUNK * chunks)).text, [1, 2, 3, 4] * 3)
        )
    assert texts == ["да" * (chunks + 1) for chunks in [1, 2, 3, 4] * 3]


def test_the_factory_makes_it(tmp_path: Path) -> None:
    gigaam_ctc(tmp_path)
    recogniser = load(ModelChoice(Slot.FREE, Engine.ONNX, tmp_path), ModelsSettings())
    assert (recogniser.streaming, recogniser.grammars) == (False, False)
    assert recogniser.name == f"onnx/{tmp_path.name}"


@pytest.mark.parametrize(
    ("names", "kind"),
    [
        (
            (
                "v3_rnnt_encoder.int8.onnx",
                "v3_rnnt_decoder.int8.onnx",
                "v3_rnnt_joint.int8.onnx",
                "v3_vocab.txt",
            ),
            Kind("gigaam-v3-rnnt", "int8"),
        ),
        (("v3_e2e_ctc.onnx", "v3_e2e_ctc_vocab.txt"), Kind("gigaam-v3-e2e-ctc", None)),
        (
            (
                "am-onnx/encoder.int8.onnx",
                "am-onnx/decoder.int8.onnx",
                "am-onnx/joiner.int8.onnx",
                "lang/tokens.txt",
            ),
            Kind("vosk", "int8"),
        ),
        (("model.onnx", "vocab.txt"), Kind("nemo-conformer-ctc", None)),
    ],
)
def test_the_published_layouts_are_known(tmp_path: Path, names: tuple[str, ...], kind: Kind) -> None:
    for name in names:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    assert kind_of(tmp_path) == kind


def test_a_missing_file_is_told_with_the_way_to_mend_it(tmp_path: Path) -> None:
    gigaam_ctc(tmp_path)
    (tmp_path / "v3_vocab.txt").unlink()
    with pytest.raises(Fault, match="no model that onnx-asr knows") as fault:
        OnnxRecogniser(tmp_path)
    assert fault.value.where == str(tmp_path)
    assert "ivr models list" in fault.value.fix


def test_a_broken_network_is_told(tmp_path: Path) -> None:
    gigaam_ctc(tmp_path)
    (tmp_path / "v3_ctc.onnx").write_bytes(b"no network")
    with pytest.raises(Fault, match="can't be loaded"):
        OnnxRecogniser(tmp_path)


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(Fault):
        OnnxRecogniser(tmp_path / "missing")
