"""CSAT, NPS and CSI by hand-made cases."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.satisfaction.formulas import NOTHING, Figure, csat, csi, index, mean_score, nps, share


def test_csat_is_the_share_of_four_and_five_with_wilsons_interval() -> None:
    figure = csat([5, 5, 5, 4, 4, 4, 4, 5, 3, 1])
    assert figure.value == 0.8
    assert figure.answers == 10
    assert figure.low == pytest.approx(0.4902, abs=5e-5)  # 8 of 10 in any table of Wilson's intervals
    assert figure.high == pytest.approx(0.9433, abs=5e-5)


def test_a_share_of_all_or_of_none_keeps_a_width() -> None:
    everybody, nobody = share(10, 10), share(0, 10)
    assert everybody.low == pytest.approx(0.7225, abs=5e-5)
    assert everybody.high == pytest.approx(1)
    assert nobody.low == pytest.approx(0, abs=1e-12)
    assert nobody.high == pytest.approx(0.2775, abs=5e-5)


def test_the_mean_of_scores_with_the_interval_of_its_standard_error() -> None:
    figure = mean_score([3, 4, 5, 4])
    assert figure.value == 4.0
    assert figure.low == pytest.approx(
        4 - 1.96 * 0.8165 / 2, abs=1e-3
    )  # the deviation of these four is 0.8165
    assert figure.high == pytest.approx(4 + 1.96 * 0.8165 / 2, abs=1e-3)


def test_nps_is_promoters_less_detractors() -> None:
    figure = nps([10, 9, 9, 8, 7, 6, 0, 10, 10, 5])
    assert figure.value == pytest.approx(0.2)  # 5 promoters, 3 detractors of 10
    assert figure.high == pytest.approx(0.2 + 1.96 * ((0.8 - 0.04) / 10) ** 0.5, abs=1e-4)
    assert nps([6, 7]).value == -0.5
    assert nps([8, 7]).value == 0


def test_csi_weighs_attributes_by_their_importance() -> None:
    weights = {"reach": 0.5, "courtesy": 0.3, "clarity": 0.2}
    one = {"reach": 5, "courtesy": 3, "clarity": 1}
    assert index(one, weights) == pytest.approx((5 * 0.5 + 3 * 0.3 + 1 * 0.2 - 1) / 4)
    best, worst = dict.fromkeys(weights, 5), dict.fromkeys(weights, 1)
    assert csi([best, best], weights) == Figure(1.0, 2, 1.0, 1.0)
    assert csi([best, worst], weights).value == 0.5


def test_an_attribute_that_was_not_judged_does_not_count() -> None:
    weights = {"reach": 0.5, "courtesy": 0.3, "clarity": 0.2}
    assert index({"courtesy": 3, "clarity": 5}, weights) == pytest.approx((3 * 0.6 + 5 * 0.4 - 1) / 4)
    assert index({}, weights) is None
    assert csi([{}, {"reach": 5}], weights) == Figure(1.0, 1)


def test_without_answers_there_is_no_figure_and_one_answer_has_no_interval() -> None:
    assert csat([]) == mean_score([]) == nps([]) == csi([], {"a": 1.0}) == NOTHING
    assert mean_score([4]) == Figure(4, 1)
    assert nps([9]) == Figure(1, 1)


@given(st.lists(st.integers(0, 10), min_size=1, max_size=60))
def test_figures_and_intervals_stay_within_their_bounds(scores: list[int]) -> None:
    of_five = [score // 2 or 1 for score in scores]
    for figure, least, most in ((csat(of_five), 0, 1), (mean_score(of_five), 1, 5), (nps(scores), -1, 1)):
        assert figure.value is not None
        assert least <= figure.value <= most
        if figure.low is not None and figure.high is not None:
            slack = 1e-9
            assert least <= figure.low <= figure.value + slack
            assert figure.value - slack <= figure.high <= most
