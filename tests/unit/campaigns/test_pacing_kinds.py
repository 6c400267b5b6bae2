"""What holds for every kind of pacing, and what each one dials."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.campaigns.pacing import (
    Abandoned,
    Agentless,
    Connected,
    Missed,
    News,
    Observed,
    Pace,
    Predictive,
    Preview,
    Progressive,
    Reached,
    TalkEnded,
    WrapUpEnded,
)
from ivr.campaigns.settings import PacingSettings
from ivr.campaigns.simulate.policies import FixedRatio

NOW = 1000.0
SINCE = st.lists(st.floats(0, NOW), max_size=12).map(tuple)
OBSERVED = st.builds(
    Observed,
    ready=st.integers(0, 40),
    talking=SINCE,
    wrapping=SINCE,
    ringing=SINCE,
    waiting=st.integers(0, 5),
    lines=st.integers(-3, 60),
    chosen=st.integers(0, 9),
    stopped=st.booleans(),
)
AFTER = st.floats(0, 60)
NEWS: st.SearchStrategy[News] = st.one_of(
    st.builds(Reached, st.floats(0, NOW), AFTER),
    st.builds(Missed, st.floats(0, NOW), AFTER),
    st.builds(Connected),
    st.builds(Abandoned),
    st.builds(TalkEnded, st.floats(0, 5000)),
    st.builds(WrapUpEnded, st.floats(0, 2000)),
)


def paces() -> list[Pace]:
    return [Agentless(), Progressive(), Preview(), Predictive(PacingSettings()), FixedRatio(2.5)]


@given(st.lists(NEWS, max_size=40), OBSERVED)
def test_never_more_than_lines_and_nothing_when_stopped(news: list[News], observed: Observed) -> None:
    for pace in paces():
        for each in news:
            pace.note(each)
        calls = pace.decide(NOW, observed)
        assert 0 <= calls <= max(0, observed.lines)
        assert calls == 0 or not observed.stopped


def test_a_campaign_without_operators_uses_every_line() -> None:
    assert Agentless().decide(0, Observed(lines=7)) == 7


@pytest.mark.parametrize(
    ("observed", "calls"),
    [
        (Observed(ready=3, lines=9), 3),
        (Observed(ready=3, ringing=(0.0, 1.0), lines=9), 1),
        (Observed(ready=3, ringing=(0.0,), waiting=2, lines=9), 0),
        (Observed(ready=1, ringing=(0.0, 1.0), lines=9), 0),
        (Observed(ready=5, lines=2), 2),
    ],
)
def test_progressive_has_one_call_for_each_operator_who_waits(observed: Observed, calls: int) -> None:
    assert Progressive().decide(5.0, observed) == calls


def test_preview_dials_what_operators_have_chosen() -> None:
    assert Preview().decide(0, Observed(ready=9, lines=9)) == 0
    assert Preview().decide(0, Observed(ready=9, lines=9, chosen=2)) == 2


def test_a_fixed_ratio_counts_what_is_dialled_already() -> None:
    assert FixedRatio(2.5).decide(0, Observed(ready=4, ringing=(0.0,) * 3, lines=99)) == 7
