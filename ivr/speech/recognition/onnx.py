"""Models in ONNX (GigaAM, T-one, Zipformer, …) through onnx-asr: hear whole utterances.

A model is read from its folder only; nothing is ever fetched while calls are taken. Which architecture it is
follows from its files. Sound of 8 kHz goes in as it is: onnx-asr brings it to the rate of the model.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from ivr.errors import Fault
from ivr.speech.models.settings import OnnxSettings
from ivr.speech.recognition.ports import RecogniserFailed, Recognition

if TYPE_CHECKING:
    from onnx_asr.adapters import TimestampedResultsAsrAdapter

_LEAST_BYTES = 800
_RATE: Literal[8000] = 8000
_CONFIG = "config.json"


@dataclass(frozen=True, slots=True)
class Layout:
    """The files by which a model is known.

    Attributes:
        type: Name of the architecture for onnx-asr.
        files: Patterns of its networks; `{}` stands for the precision.
        others: Patterns of what else it needs.
    """

    type: str
    files: tuple[str, ...]
    others: tuple[str, ...]


LAYOUTS = (
    Layout("gigaam-v3-e2e-rnnt", ("v3_e2e_rnnt_encoder{}.onnx",), ("v3_e2e_rnnt_vocab.txt",)),
    Layout("gigaam-v3-e2e-ctc", ("v3_e2e_ctc{}.onnx",), ("v3_e2e_ctc_vocab.txt",)),
    Layout(
        "gigaam-v3-rnnt",
        ("v?_rnnt_encoder{}.onnx", "v?_rnnt_decoder{}.onnx", "v?_rnnt_joint{}.onnx"),
        ("v?_vocab.txt",),
    ),
    Layout("gigaam-v3-ctc", ("v?_ctc{}.onnx",), ("v?_vocab.txt",)),
    Layout("vosk", ("*/encoder{}.onnx", "*/decoder{}.onnx", "*/joiner{}.onnx"), ("*/tokens.txt",)),
    Layout("nemo-conformer-rnnt", ("encoder-model{}.onnx", "decoder_joint-model{}.onnx"), ("vocab.txt",)),
    Layout("nemo-conformer-ctc", ("model{}.onnx",), ("vocab.txt",)),
    Layout("t-one-ctc", ("model{}.onnx",), (_CONFIG,)),
)
"""Layouts of the published models, the surest first: https://istupakov.github.io/onnx-asr/."""

_PRECISIONS = (None, "int8")


@dataclass(frozen=True, slots=True)
class Kind:
    """What a folder holds.

    Attributes:
        type: Name of the architecture for onnx-asr.
        precision: `int8` for a quantised model, else None.
    """

    type: str
    precision: str | None


def kind_of(folder: Path) -> Kind:
    """Which model a folder holds, by its files, or by `model_type` of its `config.json` (then it wins).

    Raises:
        Fault: None that is known.
    """
    for layout in LAYOUTS:
        for precision in _PRECISIONS:
            if _fits(folder, layout, precision):
                return Kind(_told_type(folder) or layout.type, precision)
    raise Fault(
        "The folder holds no model that onnx-asr knows.",
        str(folder),
        "It needs the files of one model, named as published; `ivr models list` shows some.",
    )


def _fits(folder: Path, layout: Layout, precision: str | None) -> bool:
    suffix = f"?{precision}" if precision else ""
    patterns = (*(pattern.format(suffix) for pattern in layout.files), *layout.others)
    return all(len(list(folder.glob(pattern))) == 1 for pattern in patterns)


def _told_type(folder: Path) -> str | None:
    try:
        told = json.loads((folder / _CONFIG).read_bytes())
    except (OSError, ValueError):
        return None
    types = {layout.type for layout in LAYOUTS} | {"nemo-conformer-tdt", "kaldi-rnnt"}
    named = told.get("model_type") if isinstance(told, dict) else None
    return named if named in types else None


class OnnxRecogniser:
    """A model in ONNX; see `Recogniser`. May be used from many threads.

    Args:
        folder: The model's files.
        settings: How it runs.

    Raises:
        Fault: The folder holds no model that is known, or a broken one.
    """

    streaming = False
    grammars = False

    def __init__(self, folder: Path, settings: OnnxSettings | None = None) -> None:
        self.kind = kind_of(folder)
        self.name = f"onnx/{folder.name}"
        self._model = _load(folder, self.kind, settings or OnnxSettings())

    def stream(self, phrases: tuple[str, ...] | None) -> Utterance:
        """Begin an utterance; the phrases are no help to these models. See `Recogniser`."""
        return Utterance(self)

    def recognise(self, pcm: bytes) -> Recognition:
        """Read an utterance of 16-bit mono sound of 8 kHz. Blocks.

        Raises:
            RecogniserFailed: The model failed.
        """
        import numpy as np

        if len(pcm) < _LEAST_BYTES:
            return Recognition("", 0.0)
        sound = (np.frombuffer(pcm, np.int16) / 32768).astype(np.float32)
        try:
            result = self._model.recognize(sound, sample_rate=_RATE)
        except Exception as error:  # onnxruntime's own errors share no base class
            raise RecogniserFailed(f"{self.kind.type}: {error}") from error
        text = " ".join(result.text.lower().split())
        return Recognition(text, _confidence(result.logprobs) if text else 0.0)


class Utterance:
    """One utterance; see `Stream`."""

    def __init__(self, recogniser: OnnxRecogniser) -> None:
        self._recogniser = recogniser
        self._sound = bytearray()

    def accept(self, pcm: bytes) -> str:
        """Keep the sound; there is no text before the end."""
        self._sound += pcm
        return ""

    def finish(self) -> Recognition:
        """Read the utterance; see `Stream`."""
        return self._recogniser.recognise(bytes(self._sound))


def _load(folder: Path, kind: Kind, settings: OnnxSettings) -> TimestampedResultsAsrAdapter:
    import onnxruntime
    from onnx_asr import load_model

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = settings.threads
    options.inter_op_num_threads = 1
    try:
        model = load_model(
            kind.type,
            folder,
            quantization=kind.precision,
            sess_options=options,
            providers=["CPUExecutionProvider"],
        )
    except Exception as error:  # onnxruntime's own errors share no base class
        raise Fault(
            f"The model can't be loaded: {error}.", str(folder), "Fetch it again with `ivr models install`."
        ) from error
    return model.with_timestamps()


def _confidence(log_probabilities: Sequence[float] | None) -> float:
    """The mean probability of a token; a half where the model tells none."""
    if not log_probabilities:
        return 0.5
    return round(math.exp(min(sum(log_probabilities) / len(log_probabilities), 0.0)), 3)
