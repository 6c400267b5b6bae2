"""What was learned of a knowledge base, kept between starts: learning takes seconds, reading it a moment.

A file is named after everything that it was made of, texts and programs, so that it can't be out of date; it
appears whole, and its parts carry checksums (it is a ZIP of NumPy's arrays). One that can't be read is as
good as none.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import structlog

from ivr.knowledge.features import FeatureSpace, Kind, Vector
from ivr.knowledge.recognition import Learned
from ivr.knowledge.search import Row
from ivr.knowledge.training import Model
from ivr.knowledge.words import Vocabulary

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Arrays = dict[str, NDArray[Any]]

_log = structlog.get_logger(__name__)

_KEPT = 4
"""So many files stay, the newest: an article is changed, and perhaps changed back."""

_PACKAGES = ("pymorphy3", "pymorphy3-dicts-ru", "numpy", "rapidfuzz")
_PROGRAMS = ("features", "memory", "recognition", "search", "training", "words")
_UNREADABLE = (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile)


@dataclass(frozen=True, slots=True)
class Studied:
    """All of an edition that takes seconds.

    Attributes:
        rows: Of the search index.
    """

    vocabulary: Vocabulary
    learned: Learned
    rows: list[Row]


class Memory:
    """Files in a folder that several processes may share."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def recalled(self, given: object, study: Callable[[], Studied]) -> Studied:
        """What was studied before, or is now.

        Args:
            given: All that the study depends on but its programs; plain data.
            study: Takes seconds.
        """
        file = self._folder / f"{_key(given)}.npz"
        found = _read(file)
        if found is None:
            found = study()
            self._keep(file, found)
        return found

    def _keep(self, file: Path, studied: Studied) -> None:
        """A disk that refuses costs time at the next start, and nothing else."""
        from ivr.speech.cache import write_whole

        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            write_whole(file, _packed(studied))
            every = sorted(self._folder.glob("*.npz"), key=lambda each: each.stat().st_mtime)
            for old in every[:-_KEPT]:
                old.unlink(missing_ok=True)
        except OSError as error:
            _log.warning("knowledge.not_kept", folder=str(self._folder), reason=error.strerror)


def _key(given: object) -> str:
    told = json.dumps([given, _made_by()], ensure_ascii=False, separators=(",", ":"))
    return sha256(told.encode()).hexdigest()


@cache
def _made_by() -> list[str]:
    """The programs that study, exactly."""
    own = [Path(__file__).with_name(f"{name}.py").read_bytes() for name in _PROGRAMS]
    return [*map(version, _PACKAGES), sha256(b"\0".join(own)).hexdigest()]


def _read(file: Path) -> Studied | None:
    try:
        return _unpacked(file.read_bytes())
    except FileNotFoundError:
        return None
    except _UNREADABLE as error:
        _log.warning("knowledge.memory_broken", file=file.name, error=type(error).__name__)
        return None


def _packed(studied: Studied) -> bytes:
    import numpy as np

    vocabulary, learned = studied.vocabulary, studied.learned
    words = {
        "words": vocabulary.words,
        "fillers": sorted(vocabulary.fillers),
        "concepts": [[list(forms), list(names)] for forms, names in vocabulary.concepts.items()],
        "features": learned.space.kept,
        "domain": learned.space.domain,
        "temperature": learned.model.temperature,
        "rows": studied.rows,
    }
    vectors = learned.vectors
    out = io.BytesIO()
    np.savez(
        out,
        words=np.frombuffer(json.dumps(words, ensure_ascii=False).encode(), dtype=np.uint8),
        telling=np.array(learned.space.telling, dtype=np.float64),
        lengths=np.array([len(each.ids) for each in vectors], dtype=np.int64),
        ids=np.concatenate([each.ids for each in vectors]),
        values=np.concatenate([each.values for each in vectors]),
        weights=learned.model.weights,
    )
    return out.getvalue()


def _unpacked(content: bytes) -> Studied:
    import numpy as np

    with np.load(io.BytesIO(content), allow_pickle=False) as file:
        arrays: Arrays = {name: file[name] for name in file.files}
    words = json.loads(arrays["words"].tobytes())
    ends = np.cumsum(arrays["lengths"])[:-1]
    parts = zip(np.split(arrays["ids"], ends), np.split(arrays["values"], ends), strict=True)
    kept = [(Kind(kind), key) for kind, key in words["features"]]
    return Studied(
        vocabulary=Vocabulary(
            words["words"],
            frozenset(words["fillers"]),
            {tuple(forms): names for forms, names in words["concepts"]},
        ),
        learned=Learned(
            FeatureSpace(kept, arrays["telling"].tolist(), words["domain"]),
            [Vector(ids, values) for ids, values in parts],
            Model(arrays["weights"], words["temperature"]),
        ),
        rows=[(id_, title, phrases, text) for id_, title, phrases, text in words["rows"]],
    )
