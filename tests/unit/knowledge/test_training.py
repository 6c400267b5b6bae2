from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.knowledge.features import FeatureSpace, Vector, notice
from ivr.knowledge.training import _PENALTY, _dual, _gram, _one_hot, cross_validated, train
from ivr.knowledge.words import Dictionary, Normaliser, Vocabulary

FEATURES = 12
NORMALISER = Normaliser(
    Dictionary(), Vocabulary.of(Dictionary(), {"meter": ["счётчик"]}, [], ["показания счётчика"])
)


def vectors(rng: np.random.Generator, count: int) -> list[Vector]:
    made = []
    for _ in range(count):
        ids = np.sort(rng.choice(FEATURES, size=rng.integers(0, 6), replace=False)).astype(np.int32)
        made.append(Vector(ids, rng.random(len(ids), dtype=np.float32)))
    return made


def dense(some: list[Vector]) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    rows = np.zeros((len(some), FEATURES), dtype=np.float32)
    for row, vector in zip(rows, some, strict=True):
        row[vector.ids] = vector.values
    return rows


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=30, deadline=None)
def test_products_and_weights_are_those_of_the_dense_solution(seed: int) -> None:
    rng = np.random.default_rng(seed)
    some = vectors(rng, 25)
    classes = [*range(3), *rng.integers(0, 3, size=22).tolist()]
    rows = dense(some)
    products = _gram(some, FEATURES)
    np.testing.assert_allclose(products, rows @ rows.T, atol=1e-5)
    used = rng.random(25) < 0.8
    expected = np.zeros((25, 3), dtype=np.float32)
    part = np.ix_(used, used)
    wanted = _one_hot(classes)
    expected[used] = np.linalg.solve(products[part] + _PENALTY * np.eye(used.sum()), wanted[used])
    np.testing.assert_allclose(_dual(products, wanted, used), expected, atol=5e-3)


def test_what_can_be_told_apart_is_learned_and_holds_for_texts_held_out() -> None:
    rng = np.random.default_rng(1)
    classes = [number % 3 for number in range(60)]
    some = []
    for number in classes:
        ids = np.array([number, *sorted(rng.choice(np.arange(3, FEATURES), size=2, replace=False))])
        some.append(Vector(ids.astype(np.int32), np.array([1.0, 0.4, 0.4], dtype=np.float32)))
    model = train(some, classes, FEATURES)
    assert [int(model.scores(one).argmax()) for one in some] == classes
    assert cross_validated(some, classes, FEATURES).argmax(axis=1).tolist() == classes
    confidences = model.confidences(model.scores(some[0]))
    assert confidences.sum() == np.float32(1) or abs(confidences.sum() - 1) < 1e-5
    assert confidences[0] > 0.8


@given(st.text(alphabet="абвгдежзиклмнопрстухц ётчщ0123", max_size=60))
@settings(max_examples=60, deadline=None)
def test_a_vector_has_length_one_besides_what_is_strange_in_it(text: str) -> None:
    texts = ["показания счётчика", "сдать показания", "счётчик стоит", "погода"]
    noticed = [notice(each, NORMALISER) for each in texts]
    space = FeatureSpace.of(zip(noticed, [True, True, True, False], strict=True))
    vector = space.vector(notice(text, NORMALISER))
    known = vector.values[vector.ids < len(space) - 1]
    length = float(np.linalg.norm(known))
    assert length == 0.0 or abs(length - 1) < 1e-5
    assert (np.diff(vector.ids) > 0).all()
    assert len(vector.origins) == len(vector.ids)


def test_words_that_the_domain_does_not_have_are_told() -> None:
    texts = [("показания счётчика", True), ("сдать показания", True), ("погода", False)]
    space = FeatureSpace.of((notice(text, NORMALISER), known) for text, known in texts)
    strange = len(space) - 1

    def strangeness(text: str) -> float:
        vector = space.vector(notice(text, NORMALISER))
        return float(vector.values[vector.ids == strange].sum())

    assert strangeness("сдать показания") == 0.0
    assert 0 < strangeness("показания погода") < strangeness("погода") == strangeness("стоматолог погода")
