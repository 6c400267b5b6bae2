"""Learning to tell classes of texts apart: kernel ridge regression with a linear kernel.

With the Gram matrix K of n texts, one-hot classes Y and the penalty λ, the dual weights solve (K + λI) A = Y
(Rasmussen & Williams, Gaussian Processes for Machine Learning, 2.3 and 6.5). They are found by conjugate
gradients, which takes the memory of K alone. The temperature of the confidences is fitted on texts that were
held out, so that a confidence of 0.7 is right in about seven of ten cases.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ivr.knowledge.features import Vector

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Matrix = NDArray[np.float32]
    Mask = NDArray[np.bool_]

_PENALTY = 0.5
_PARTS = 5
_TEMPERATURES = tuple(range(2, 31))
_MOST_STEPS = 100
_ACCURACY = 1e-3


@dataclass(frozen=True, slots=True)
class Model:
    """What was learned.

    Attributes:
        weights: Feature × class, shape (features, classes).
        temperature: Factor of the scores before they are made into confidences.
    """

    weights: Matrix
    temperature: float

    def scores(self, vector: Vector) -> Matrix:
        """How much a text belongs to each class, shape (classes,)."""
        scores: Matrix = vector.values @ self.weights[vector.ids]
        return scores

    def confidences(self, scores: Matrix) -> Matrix:
        """Scores → probabilities, along the last axis."""
        return softmax(self.temperature * scores)


def train(vectors: Sequence[Vector], classes: Sequence[int], features: int) -> Model:
    """Learn the classes (0, 1, … without a gap) of texts; takes n² floats of memory, n² operations a step."""
    import numpy as np

    products, wanted = _gram(vectors, features), _one_hot(classes)
    held = _parts(len(classes)) == 0
    temperature = _fitted_temperature(_held_out(products, wanted, held), np.asarray(classes)[held])
    weights = np.zeros((features, wanted.shape[1]), dtype=np.float32)
    for vector, of_text in zip(vectors, _dual(products, wanted, ~np.zeros_like(held)), strict=True):
        weights[vector.ids] += vector.values[:, None] * of_text
    return Model(weights, temperature)


def cross_validated(vectors: Sequence[Vector], classes: Sequence[int], features: int) -> Matrix:
    """The scores of each text when it is held out of the training with a fifth of the others."""
    import numpy as np

    products, wanted = _gram(vectors, features), _one_hot(classes)
    scores, parts = np.empty_like(wanted), _parts(len(classes))
    for part in range(_PARTS):
        held = parts == part
        scores[held] = _held_out(products, wanted, held)
    return scores


def _parts(texts: int) -> NDArray[np.int_]:
    """The part that each text is held out with: by chance, and the same every time."""
    import numpy as np

    return np.random.default_rng(0).permutation(texts) % _PARTS


def softmax(scores: Matrix) -> Matrix:
    """Probabilities along the last axis."""
    import numpy as np

    powers: Matrix = np.exp(scores - scores.max(axis=-1, keepdims=True))
    shares: Matrix = powers / powers.sum(axis=-1, keepdims=True)
    return shares


def _one_hot(classes: Sequence[int]) -> Matrix:
    import numpy as np

    return np.eye(max(classes) + 1, dtype=np.float32)[list(classes)]


def _gram(vectors: Sequence[Vector], features: int) -> Matrix:
    """Products of all pairs of vectors, by the texts that share a feature."""
    import numpy as np

    ids = np.concatenate([vector.ids for vector in vectors])
    values = np.concatenate([vector.values for vector in vectors])
    texts = np.repeat(np.arange(len(vectors)), [len(vector.ids) for vector in vectors])
    order = np.argsort(ids, kind="stable")
    values, texts = values[order], texts[order]
    bounds = np.searchsorted(ids[order], np.arange(features + 1))
    products = np.zeros((len(vectors), len(vectors)), dtype=np.float32)
    for row, vector in enumerate(vectors):
        shared = [slice(bounds[number], bounds[number + 1]) for number in vector.ids]
        if shared:
            others = np.concatenate([texts[each] for each in shared])
            parts = [values[each] * own for each, own in zip(shared, vector.values, strict=True)]
            products[row] = np.bincount(others, np.concatenate(parts), minlength=len(vectors))
    return products


def _held_out(products: Matrix, wanted: Matrix, held: Mask) -> Matrix:
    """Scores of the texts that are held out of the training."""
    return products[held] @ _dual(products, wanted, ~held)


def _dual(products: Matrix, wanted: Matrix, used: Mask) -> Matrix:
    """Dual weights by conjugate gradients, each class a column; those of texts that are not used are 0."""
    import numpy as np

    dual = np.zeros_like(wanted)
    rest = wanted * used[:, None]
    direction = rest.copy()
    left = (rest * rest).sum(axis=0)
    enough = _ACCURACY**2 * left.max()
    for _ in range(_MOST_STEPS):
        if left.max() <= enough:
            break
        image = (products @ direction + _PENALTY * direction) * used[:, None]
        step = left / np.maximum((direction * image).sum(axis=0), np.finfo(np.float32).tiny)
        dual += step * direction
        rest -= step * image
        before, left = left, (rest * rest).sum(axis=0)
        direction = rest + left / np.maximum(before, np.finfo(np.float32).tiny) * direction
    return dual


def _fitted_temperature(scores: Matrix, classes: NDArray[np.int_]) -> float:
    """The factor under which the right classes are the likeliest."""
    import numpy as np

    rows = np.arange(len(classes))

    def surprise(temperature: float) -> float:
        right = softmax(np.float32(temperature) * scores)[rows, classes]
        return float(-np.log(np.maximum(right, 1e-9)).mean())

    return min(_TEMPERATURES, key=surprise)
