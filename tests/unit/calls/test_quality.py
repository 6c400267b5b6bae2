from __future__ import annotations

from collections import Counter
from math import ceil

from hypothesis import given
from hypothesis import strategies as st

from ivr.calls.quality import StateQuality, document
from ivr.dialogue.ports import TurnResult


@given(st.lists(st.integers(0, 5000), min_size=1, max_size=60), st.sampled_from([0.5, 0.9, 0.95, 1.0]))
def test_a_quantile_is_the_value_of_its_rank(values: list[int], share: float) -> None:
    state = StateQuality("f@1", "s", latencies=dict(Counter(values)))
    assert state.latency(share) == sorted(values)[max(1, ceil(share * len(values))) - 1]


def test_a_state_without_turns_has_no_shares_and_no_latency() -> None:
    told = document(StateQuality("f@1", "s", visits=2, hang_ups=1))
    assert (told["no_match"], told["hang_up"], told["hurts"]) == (0.0, 0.5, 1)
    assert told["latency_ms"] == {"p50": None, "p95": None}


def test_to_be_asked_whether_it_was_meant_is_no_turn_of_its_own() -> None:
    results = {TurnResult.ANSWER.value: 3, TurnResult.NO_MATCH.value: 1, TurnResult.UNSURE.value: 2}
    state = StateQuality("f@1", "s")
    state.results.update(results)
    assert (state.turns, state.hurts) == (4, 1)
    assert (state.share(TurnResult.UNSURE), state.share(TurnResult.ANSWER)) == (0.5, 0.75)
